export { Counters, type CounterValues, readCounters } from "./counters.ts";
export {
  isGivenUp,
  isMonitorRefusal,
  LockLostError,
  NotSyncedError,
  OutcomeUnknownError,
  type UnknownOutcome,
} from "./errors.ts";
export {
  Events,
  type LockEvent,
  type ResyncEvent,
  type SessionEvent,
  type StateEvent,
  type TransactionEvent,
  type TransactionOutcome,
} from "./events.ts";
export type { SessionHandlers } from "./handlers.ts";
export { type LockStatus, type Locks, type Tenure, WantedLock } from "./locks.ts";
export { formatLogEntry, type Log, type LogEntry, type LogFields, type LogLevel } from "./log.ts";
export { onAbort } from "./on-abort.ts";
export { checkBytes, checkInnerOptions, SESSION_OPTIONS, type SessionOptions } from "./options.ts";
export type { ServerInfo } from "./server-info.ts";
export { Session } from "./session.ts";
export type { SessionDetails, SessionState } from "./state.ts";
export { checkMilliseconds, startTimer } from "./timers.ts";
export type { SendOptions, TransactServer } from "./transact.ts";
export { WaitList } from "./wait-list.ts";
