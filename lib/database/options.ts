import type { MonitorTables } from "../ovsdb/index.ts";
import type { SessionOptions } from "../session/index.ts";
import type { Lock } from "./lock.ts";

/** How to connect to a database. */
export interface ConnectOptions extends SessionOptions {
  /**
   * Tables, columns and conditions to replicate, as in
   * `{ Logical_Switch: true, NB_Global: ["nb_cfg"], Logical_Switch_Port: { where: [["type", "==", "router"]] } }`.
   * Reading what is not monitored throws.
   * @default every table and column that both the model and the server know
   */
  readonly tables?: MonitorTables;
}

/** How to run a transaction. */
export interface TransactOptions {
  /**
   * Wait until ovn-northd has written the southbound database (`sb`), or every chassis has caught up (`hv`), as
   * `ovn-nbctl --wait` does: NB_Global.nb_cfg is incremented in the same transaction.
   * @default "none"
   */
  readonly wait?: "none" | "sb" | "hv";
  /** Milliseconds for everything: repetitions after conflicts, lost connections, and the wait. `Infinity` is no limit. @default `requestTimeout` of the connection, else 30000 */
  readonly timeout?: number;
  /** Ends the call. When it aborts after the request was sent, the error says whether the outcome is known. */
  readonly signal?: AbortSignal;
  /**
   * Let the server do the operations, and then drop them. What it checks only at the commit it does not check then: unique
   * indexes, referential integrity, the greatest number of rows. @default false
   */
  readonly dryRun?: boolean;
  /**
   * Do it only while this lock is held, in the tenure that lasts as the call begins: the server checks that in the
   * transaction itself. Otherwise nothing is done and `LockLostError` is thrown.
   */
  readonly lock?: Lock;
}

export const DEFAULT_TRANSACT_TIMEOUT = 30_000;

/** How to wait for a condition. */
export interface UntilOptions {
  /** Milliseconds. @default no limit */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Which changes to be told. */
export interface ChangesOptions {
  /** Ends the changes: the iterator throws its reason. */
  readonly signal?: AbortSignal;
  /** Begin with the present rows, as inserts. @default false */
  readonly initial?: boolean;
}
