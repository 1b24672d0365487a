/** What a server says of the database in its database `_Server` (ovsdb-server(5)). */
export interface ServerInfo {
  /** `standalone`, `clustered` or `relay`. */
  readonly model: string;
  /** Whether it is in touch with a majority of its cluster, or as a relay with its source. */
  readonly connected: boolean;
  /** Whether it leads its cluster; a standalone server always does, a relay never. */
  readonly leader: boolean;
  /** Of a member: the cluster's id. */
  readonly cid: string | undefined;
  /** Of a member: how much of the cluster's log it has. Followed with `leaderOnly: false` only, else as of the dial. */
  readonly index: number | undefined;
}
