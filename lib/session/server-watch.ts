import { EndpointError, type Json, type Peer, RpcError } from "../jsonrpc/index.ts";
import { normaliseUpdates, type RowUpdate } from "../ovsdb/index.ts";
import type { ServerInfo } from "./server-info.ts";
import { saysUnknown } from "./server-schema.ts";
import type { TransactServer } from "./transact.ts";

/** The newest data that was seen of a cluster: a member that has less would take us back in time. */
export interface Seen {
  cid: string | undefined;
  index: number;
}

const ID = "ovn-northbound-server";

/**
 * Watches what one server says of itself: whether it leads, whether it is cut off.
 *
 * Servers before Open vSwitch 2.9 have no such database and are always usable.
 */
export class ServerWatch implements TransactServer {
  readonly remote: string;
  readonly #database: string;
  readonly #leaderOnly: boolean;
  readonly #seen: Seen;
  #uuid: string | undefined;
  #row: { readonly [column: string]: Json } = {};
  /** Whether it had a row for the database, when it has none. */
  #gone = false;
  #index: number | undefined;
  #reigns = 0;

  constructor(database: string, remote: string, leaderOnly: boolean, seen: Seen) {
    this.#database = database;
    this.remote = remote;
    this.#leaderOnly = leaderOnly;
    this.#seen = seen;
  }

  /** `undefined` when the server does not say. */
  get info(): ServerInfo | undefined {
    if (this.#uuid === undefined) return undefined;
    const { model, connected, leader, cid } = this.#row;
    return {
      model: typeof model === "string" ? model : "",
      connected: connected === true,
      leader: leader === true,
      cid: Array.isArray(cid) && cid[0] === "uuid" ? String(cid[1]) : undefined,
      index: this.#index,
    };
  }

  get isAlone(): boolean {
    return (this.#row["model"] ?? "standalone") === "standalone";
  }

  get reign(): number {
    return this.#uuid !== undefined && this.#row["leader"] === true ? this.#reigns : 0;
  }

  async open(peer: Peer): Promise<void> {
    // The index changes with every commit. A leader has all there is, so nobody needs to be told there.
    const columns = ["name", "model", "connected", "leader", "cid", ...(this.#leaderOnly ? [] : ["index"])];
    for (const [method, version] of [["monitor_cond", 2] as const, ["monitor", 1] as const]) {
      try {
        await peer.call(method, ["_Server", ID, { Database: [{ columns }] }], {
          onReply: (result) => this.#apply(normaliseUpdates(version, result)),
        });
        break;
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (!saysUnknown(error, "method")) return;
      }
    }
    // One that was cut off while it led goes on saying that it leads, for a while; it lacks what the new leader has.
    if (this.#leaderOnly && this.info?.cid !== undefined) this.#index = await this.#askIndex(peer);
  }

  async #askIndex(peer: Peer): Promise<number | undefined> {
    const where = [["name", "==", this.#database]];
    const select = { op: "select", table: "Database", where, columns: ["index"] };
    const reply = await peer.call("transact", ["_Server", select]);
    const [selected] = asArray(reply);
    const [row] = asArray(asObject(selected)["rows"]);
    return asNumber(asObject(row)["index"]);
  }

  /** Takes a notification in if it is about the server itself. Throws `ProtocolError` when it makes no sense. */
  notified(method: string, params: readonly Json[]): boolean {
    if (params[0] !== ID || (method !== "update" && method !== "update2")) return false;
    this.#apply(normaliseUpdates(method === "update" ? 1 : 2, params[1] ?? null));
    return true;
  }

  #apply(updates: readonly RowUpdate[]): void {
    for (const { uuid, kind, columns } of updates) {
      if (uuid !== this.#uuid) {
        if (columns?.["name"] !== this.#database) continue;
        this.#uuid = uuid;
        this.#row = {};
      }
      if (kind === "delete") {
        this.#uuid = undefined;
        this.#gone = true;
        continue;
      }
      const { leader, index } = columns ?? {};
      if (leader === true) this.#reigns += 1;
      this.#row = { ...this.#row, ...columns };
      if (index !== undefined) this.#index = asNumber(index);
    }
  }

  /** Remembers how new the data is that this server has, to whose use there is no objection. */
  noteSeen(): void {
    const { cid, index } = this.info ?? {};
    if (cid === undefined || index === undefined) return;
    // No less than what was seen of that cluster, as there is no objection.
    this.#seen.index = index;
    this.#seen.cid = cid;
  }

  /** Why this server must not be used now, if it must not. */
  objection(): EndpointError | undefined {
    const { info } = this;
    if (info === undefined) {
      return this.#gone ? this.#object(`does not serve ${this.#database} any more`) : undefined;
    }
    if (info.model === "standalone") return undefined;
    if (!info.connected) return this.#object("is not connected to its cluster");
    if (this.#leaderOnly && info.model === "relay") {
      return this.#object("is a relay, which is never a leader; say leaderOnly: false to use it", false);
    }
    if (this.#leaderOnly && !info.leader) {
      // One that led until now is left for the next leader: who chose to follow that one is not asked again.
      const choice = this.#reigns === 0 ? "; say leaderOnly: false to use it" : "";
      return this.#object(`is not the leader of its cluster${choice}`);
    }
    const { cid, index } = info;
    if (cid === undefined || cid !== this.#seen.cid || index === undefined || index >= this.#seen.index)
      return undefined;
    return this.#object(
      `is stale: it has index ${index} of its cluster, ${this.#seen.index} was seen already; if the cluster was set back to an older copy, connect anew`,
    );
  }

  #object(why: string, retryable = true): EndpointError {
    return new EndpointError(this.remote, `${this.remote} ${why}`, { retryable });
  }
}

// What is not as it should be is as good as absent.
function asArray(value: Json | undefined): readonly (Json | undefined)[] {
  return Array.isArray(value) ? value : [];
}

function asObject(value: Json | undefined): { readonly [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })
    : {};
}

function asNumber(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
