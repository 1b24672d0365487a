import { checkOptions } from "../jsonrpc/index.ts";
import type { MonitorTables } from "../ovsdb/index.ts";
import { checkInnerOptions, SESSION_OPTIONS, type SessionOptions } from "../session/index.ts";

/** How to connect to a database. `M` is `MonitorTablesOf<NorthboundTables>` and so on where a model is given. */
export interface ConnectOptions<M = MonitorTables> extends SessionOptions {
  /**
   * Tables, columns and conditions to replicate, as in
   * `{ Logical_Switch: true, NB_Global: ["nb_cfg"], Logical_Switch_Port: { where: [["type", "==", "router"]] } }`.
   * Reading what is not monitored throws. The type knows the names of the model; a variable of the type `MonitorTables` may have
   * others, as of columns that only the server has.
   * @default every table and column that both the model and the server know
   */
  readonly tables?: M | undefined;
}

const CONNECT_OPTIONS: Readonly<Record<keyof ConnectOptions, true>> = { ...SESSION_OPTIONS, tables: true };

/** Throws `UsageError` for an option that nobody reads: a misspelt `verifyHostname` would leave that undone. */
export function checkConnectOptions(options: ConnectOptions): void {
  checkOptions(options, CONNECT_OPTIONS);
  checkInnerOptions(options);
}

/** How to wait for a condition. */
export interface UntilOptions {
  /** Milliseconds, after which it is a `TimeoutError`; `Infinity` is no limit. @default no limit */
  readonly timeout?: number | undefined;
  /** Ends the waiting: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Which changes to be told. */
export interface ChangesOptions {
  /** Ends the changes: the iterator throws its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Begin with the present rows, as inserts. @default false */
  readonly initial?: boolean | undefined;
}

export const UNTIL_OPTIONS: Readonly<Record<keyof UntilOptions, true>> = { timeout: true, signal: true };
export const CHANGES_OPTIONS: Readonly<Record<keyof ChangesOptions, true>> = { signal: true, initial: true };
