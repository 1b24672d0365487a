import assert from "node:assert/strict";
import type { ChangeBatch, ConnectOptions, Database } from "../../../lib/database/index.ts";
import { ClosedError, NotSyncedError, OutcomeUnknownError } from "../../../lib/index.ts";
import { connectNorthbound, type NorthboundTables } from "../../../lib/schemas/index.ts";
import type { DatabaseServer } from "../../../lib/testing/index.ts";
import { type Content, type PlainRow, type Rows, readRows, rowKey, rowText, usedTables } from "./content.ts";

/** A handle whose change streams are replayed on what it held at first, and which is read again and again. */
export class WatchedClient {
  readonly name: string;
  readonly nb: Database<NorthboundTables>;
  /** Whether it holds a row of the database, which it may not if it asked for some rows only. */
  readonly holds: (table: string, row: PlainRow) => boolean;
  /** One stream that is read as it comes, one that is read at the end, one of those with the present rows first. */
  readonly #streams: readonly Replay[];

  private constructor(
    name: string,
    nb: Database<NorthboundTables>,
    holds: (table: string, row: PlainRow) => boolean,
  ) {
    this.name = name;
    this.nb = nb;
    this.holds = holds;
    const start = this.content();
    const onBatch = (): void => this.look();
    this.#streams = [
      new Replay(`${name}'s changes`, nb.changes(), start, onBatch),
      new Replay(
        `${name}'s changes from the beginning`,
        nb.changes(undefined, { initial: true }),
        new Map(),
        onBatch,
      ),
      new Replay(`${name}'s slow changes`, nb.changes(), start, onBatch, "at the end"),
    ];
  }

  /** Connects a handle. A partial one asks only for the ports of type router. */
  static async connect(
    name: string,
    remotes: string,
    partial: boolean,
    options: ConnectOptions,
  ): Promise<WatchedClient> {
    const tables = {
      ...Object.fromEntries(usedTables.map((table) => [table, true as const])),
      ...(partial ? { Logical_Switch_Port: { where: [["type", "==", "router"] as const] } } : {}),
    };
    const nb = await connectNorthbound(remotes, { ...options, tables });
    return new WatchedClient(
      name,
      nb,
      (table, row) => !partial || table !== "Logical_Switch_Port" || row["type"] === "router",
    );
  }

  /** What the replica holds now. */
  content(): Content {
    return new Map(
      usedTables.flatMap((table) =>
        [...this.nb.view.rows(table)].map((row) => [rowKey(table, row._uuid), rowText(table, row)] as const),
      ),
    );
  }

  /** The switch that nobody deletes is there, or it is said that there is nothing to be read. */
  look(): void {
    const found = this.read(() => this.nb.tables.Logical_Switch.find({ name: "lasting" }));
    assert.ok(
      found === undefined || found.length === 1,
      `${this.name} does not find a row that is always there`,
    );
  }

  /** What can be read, or undefined while that is refused. */
  read<R>(read: () => R): R | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof NotSyncedError || error instanceof ClosedError) return undefined;
      throw error;
    }
  }

  /** Closes the handle; then every stream must have told all that led to this content. */
  async finish(content: Content): Promise<void> {
    await this.nb.close();
    for (const stream of this.#streams) await stream.finish(content);
  }
}

/**
 * Compares every client's replica and streams with what the server has, and closes the clients; gives what the server has.
 * Nobody may write any more.
 */
export async function finishAll(clients: readonly WatchedClient[], server: DatabaseServer): Promise<Rows> {
  // The server sends what was committed before it replies.
  for (const client of clients) await arrival(client);
  const rows = await readRows(server);
  for (const client of clients) {
    const expected = contentOf(rows, client);
    // On a busy machine a probe may have gone unanswered since, and the connection is made again.
    let content = client.read(() => client.content());
    while (content === undefined) {
      await arrival(client);
      content = client.read(() => client.content());
    }
    assertSame(content, expected, `the replica of ${client.name}`);
    await client.finish(expected);
  }
  return rows;
}

/** Resolves when all that was committed before has arrived; on another connection, if the present one is just going. */
async function arrival({ nb }: WatchedClient): Promise<void> {
  for (let done = false; !done; ) {
    try {
      await nb.transact((tx) => tx.comment("all before this has arrived"));
      done = true;
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
  }
}

function contentOf(rows: Rows, client: WatchedClient): Content {
  return new Map(
    [...rows].flatMap(([table, list]) =>
      list
        .filter((row) => client.holds(table, row))
        .map((row) => [rowKey(table, String(row["_uuid"])), rowText(table, row)] as const),
    ),
  );
}

/** Applies a change stream to a content. */
class Replay {
  readonly #what: string;
  readonly #rows: Map<string, string>;
  readonly #read: () => Promise<void>;
  readonly #reading: Promise<unknown>;

  constructor(
    what: string,
    changes: AsyncIterable<ChangeBatch>,
    start: Content,
    onBatch: () => void,
    when: "as it comes" | "at the end" = "as it comes",
  ) {
    this.#what = what;
    this.#rows = new Map(start);
    this.#read = async () => {
      for await (const batch of changes) {
        this.#apply(batch);
        onBatch();
      }
    };
    // Caught here and thrown in finish(), as nobody waits for it before.
    this.#reading = when === "at the end" ? Promise.resolve() : this.#read().catch((error: unknown) => error);
  }

  #apply({ rows }: ChangeBatch): void {
    for (const { table, uuid, old, new: row } of rows) {
      const key = rowKey(table, uuid);
      const before = old === undefined ? undefined : rowText(table, old);
      assert.equal(before, this.#rows.get(key), `${this.#what}: the old value is not what was told before`);
      if (row === undefined) this.#rows.delete(key);
      else this.#rows.set(key, rowText(table, row));
    }
  }

  async finish(content: Content): Promise<void> {
    const error = await this.#reading;
    if (error !== undefined) throw error;
    // Read to its end already, unless it is the slow one: then this gives nothing.
    await this.#read();
    assertSame(this.#rows, content, this.#what);
  }
}

/** Compares contents row by row, so that a difference is short to read. */
function assertSame(actual: Content, expected: Content, what: string): void {
  const keys = new Set([...actual.keys(), ...expected.keys()]);
  const different = [...keys].filter((key) => actual.get(key) !== expected.get(key));
  if (different.length === 0) return;
  const lines = different.map(
    (key) =>
      `${key}\n  has       ${actual.get(key) ?? "no row"}\n  should be ${expected.get(key) ?? "no row"}`,
  );
  assert.fail(`${what}: ${different.length} rows differ\n${lines.slice(0, 5).join("\n")}`);
}
