export { NotSyncedError, OutcomeUnknownError } from "./errors.ts";
export type { SessionOptions } from "./options.ts";
export { Session, type SessionHandlers, type SessionState } from "./session.ts";
