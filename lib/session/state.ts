/** Where a session is in its life (drawn in docs/architecture.md). `live`: the replica is whole and follows the server. */
export type SessionState = "connecting" | "syncing" | "live" | "waiting" | "ended";
