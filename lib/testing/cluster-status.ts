import { SandboxError } from "./errors.ts";

/** What one server of a cluster says of itself (ovsdb-server(1), "cluster/status"). */
export interface ClusterStatus {
  /** "leader", "follower" or "candidate". */
  readonly role: string;
  /** The RAFT term that it is in; it grows with each election. */
  readonly term: number;
  /** Whether it has joined: it says "cluster member". */
  readonly isMember: boolean;
  /** Its id in the cluster, a uuid. */
  readonly serverId: string;
  /** All that it said. */
  readonly text: string;
}

/** Reads the answer to "cluster/status", which is made for people and has not changed since clusters exist. */
export function parseClusterStatus(text: string): ClusterStatus {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
    if (value === undefined) {
      throw new SandboxError(`cluster/status without "${name}":\n${text}`);
    }
    return value;
  };
  return {
    role: field("Role"),
    term: Number(field("Term")),
    isMember: field("Status") === "cluster member",
    serverId: /\(([0-9a-f-]{36})\)/.exec(field("Server ID"))?.[1] ?? "",
    text,
  };
}
