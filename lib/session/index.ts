export { NotSyncedError, OutcomeUnknownError } from "./errors.ts";
export { onAbort } from "./on-abort.ts";
export type { SessionOptions } from "./options.ts";
export { Session, type SessionHandlers, type SessionState } from "./session.ts";
export { checkMilliseconds, startTimer } from "./timers.ts";
export type { SendOptions } from "./transact.ts";
