import type { OvsdbError } from "../jsonrpc/index.ts";
import type { ServerInfo } from "./server-info.ts";

/**
 * Where a session is in its life (drawn in docs/architecture.md).
 *
 * - `connecting`: a remote is dialled, and asked what it is.
 * - `syncing`: the content is on its way.
 * - `live`: the replica is whole and follows the server.
 * - `waiting`: the connection was lost, or no remote could be used; they are dialled again, as a rule after a pause.
 * - `ended`: closed, or lost for good.
 */
export type SessionState = "connecting" | "syncing" | "live" | "waiting" | "ended";

/** What there is to know of a session beside its state. */
export interface SessionDetails {
  /** When it came into its state, by `performance.now()`. */
  readonly since: number;
  /** What the server says of itself, while there is a connection. */
  readonly server: ServerInfo | undefined;
  /** Why the last connection was lost or left. */
  readonly lastLoss: OvsdbError | undefined;
  /** Why no remote that was tried since can be used; `undefined` once one is in use. */
  readonly lastRefusal: Error | undefined;
  /** When the next pass over the remotes begins, by `performance.now()`, in a pause before it. */
  readonly nextDial: number | undefined;
  /** Transactions without an outcome. */
  readonly pending: number;
  /** Bytes that wait for the server to read. */
  readonly unsent: number;
}
