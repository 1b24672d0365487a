import type { MemberTexts, OvsdbError } from "../jsonrpc/index.ts";
import type { DatabaseSchema, MonitorTables, RowUpdate } from "../ovsdb/index.ts";
import type { MonitorRefusal } from "./errors.ts";

/** What a session tells its owner, strictly in the order in which the server said it. */
export interface SessionHandlers {
  /** The server's schema is known, of each synchronisation anew: answers with what to monitor. The content comes next. */
  onSchema(schema: DatabaseSchema): MonitorTables;
  /**
   * The server refuses to monitor that, or cannot: answers with what to monitor instead, whose content comes next; undefined: nothing
   * else, and this server cannot be used.
   */
  onRefused?(error: MonitorRefusal): MonitorTables | undefined;
  /** Some rows of the content that is coming in, of the table that `object` names, with their uuids. Should they be all, `onSnapshot` comes next. */
  onRows(texts: MemberTexts): void;
  /** The whole monitored content, with what was told by `onRows`: everything held before is replaced. */
  onSnapshot(updates: readonly RowUpdate[]): void;
  /** What has changed since the connection was lost, of what is held: it is true again with that. */
  onResume(updates: readonly RowUpdate[]): void;
  /** The session is live with the content that one of these two told: whoever waits for it may send transactions. */
  onLive?(): void;
  /** Changes of one server update. Throws `ProtocolError`, with nothing changed, when they cannot follow from what is held. */
  onUpdate(updates: readonly RowUpdate[]): void;
  /**
   * Whether updates may be told a little later than they come, since nobody listens for changes; the session's `updates.catchUp` is
   * called before anything is read then.
   */
  mayWait?(): boolean;
  /** What is held may be stale until the next content: the connection was lost, or the schema changed. */
  onLost(error: OvsdbError): void;
  /** The session has ended for good. Called at most once. */
  onEnd(error: OvsdbError): void;
}
