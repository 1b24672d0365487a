import { ask } from "../../lib/testing/control.ts";
import type { DatabaseCluster, DatabaseServer } from "../../lib/testing/index.ts";

/** How long one question may take: a server that is frozen or without a majority does not answer. */
const patience = 400;
const pause = 5;

/** Asks the servers themselves, by no client of ours: how long the cluster alone needs is what a client is measured by. */
export class RawWatcher {
  readonly #cluster: DatabaseCluster;
  /** Names of the address sets that a server has acknowledged. */
  readonly acknowledged: string[] = [];
  #writes = 0;

  constructor(cluster: DatabaseCluster) {
    this.#cluster = cluster;
  }

  /** Resolves with the first of the servers that says that it leads. */
  async leader(candidates: readonly DatabaseServer[], signal: AbortSignal): Promise<DatabaseServer> {
    for (;;) {
      signal.throwIfAborted();
      const answers = await Promise.all(candidates.map((server) => this.#leads(server)));
      const index = answers.indexOf(true);
      const found = candidates[index];
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Resolves when a write through that server was acknowledged. */
  async write(server: DatabaseServer, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      this.#writes += 1;
      const name = `raw${this.#writes}`;
      const insert = { op: "insert", table: "Address_Set", row: { name } };
      const reply = await this.#ask(server, this.#cluster.database, insert);
      if (Array.isArray(reply) && typeof reply[0] === "object" && Object.hasOwn(reply[0] ?? {}, "uuid")) {
        this.acknowledged.push(name);
        return;
      }
    }
  }

  async #leads(server: DatabaseServer): Promise<boolean> {
    const where = [["name", "==", this.#cluster.database]];
    const columns = ["leader"];
    const reply = await this.#ask(server, "_Server", { op: "select", table: "Database", where, columns });
    return JSON.stringify(reply) === '[{"rows":[{"leader":true}]}]';
  }

  async #ask(server: DatabaseServer, database: string, operation: object): Promise<unknown> {
    const signal = AbortSignal.timeout(patience);
    return ask(server.socket, "transact", [database, operation], signal).catch(() => undefined);
  }
}
