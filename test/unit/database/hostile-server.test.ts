import assert from "node:assert/strict";
import fc from "fast-check";
import { Database } from "../../../lib/database/index.ts";
import { type Json, OvsdbError } from "../../../lib/jsonrpc/index.ts";
import type { ColumnSchema, DatabaseModel, DatabaseSchema } from "../../../lib/ovsdb/index.ts";
import { FakeServer, type Script, standalone } from "../session/fake-server.ts";
import { type Assault, assaults, attackedDial } from "./hostile-server.ts";

const one = (key: ColumnSchema["key"], more: Partial<ColumnSchema> = {}): ColumnSchema => ({
  key,
  min: 1,
  max: 1,
  ...more,
});

const schema: DatabaseSchema = {
  name: "D",
  version: "1.0.0",
  tables: {
    T: {
      columns: {
        name: one({ type: "string" }),
        count: one({ type: "integer" }),
        ratio: one({ type: "real" }),
        on: one({ type: "boolean" }),
        kind: one({ type: "string", enum: ["a", "b"] }),
        tag: one({ type: "integer", minInteger: 0, maxInteger: 4095 }, { min: 0 }),
        words: one({ type: "string" }, { min: 0, max: "unlimited" }),
        ids: one({ type: "string" }, { value: { type: "string" }, min: 0, max: "unlimited" }),
        others: one({ type: "uuid", refTable: "U", refType: "weak" }, { min: 0, max: "unlimited" }),
      },
      indexes: [["name"]],
      isRoot: true,
    },
    U: { columns: { name: one({ type: "string" }) }, indexes: [], isRoot: true },
  },
};
const model = schema as DatabaseModel<object>;

const [first, second, third] = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
];
const many = Array.from({ length: 40 }, (_, index) => `word ${index}`);
const content = {
  T: {
    [first]: {
      initial: {
        ...{ name: "one", count: 7, ratio: 1.5, on: true, kind: "a", tag: 5, words: ["set", many] },
        ids: ["map", [["k", "v"]]],
        others: ["uuid", second],
      },
    },
    [second]: { initial: { name: "two" } },
  },
  U: { [second]: { initial: { name: "u" } } },
};

/** The same with so many more rows that it is kept as text, and of such a kind that the text is hard to cut. */
const largeContent: Json = {
  ...content,
  T: {
    ...content.T,
    ...Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [
        `00000000-0000-4000-8000-1000000000${index + 10}`,
        {
          initial: {
            name: `":{"initial":{ ${index} }}`,
            words: ["set", many.map((word) => `${word} "}}," \\ ü`)],
          },
        },
      ]),
    ),
  },
};

/** Answers whatever it is asked, so that what goes wrong comes from the attack alone. */
function obliging(large: boolean): Script {
  const script = standalone(schema, large ? largeContent : content);
  return {
    ...script,
    transact: (asked) => {
      if (asked.params[0] === "_Server") return script["transact"]?.(asked);
      const operations = asked.params.slice(1) as unknown as readonly { readonly op: string }[];
      asked.reply(
        operations.map(({ op }): Json => {
          if (op === "insert") return { uuid: ["uuid", third] };
          if (op === "select") return { rows: [{ name: "one" }] };
          return op === "wait" || op === "comment" ? {} : { count: 1 };
        }),
      );
    },
  };
}

/** Reads everything there is, as a program would. What it throws is to be of this library. */
function readAll(nb: Database<object>): string {
  const rows = ["T", "U"].map((table) =>
    tolerate(() => [...nb.view.rows(table)].map((row) => tolerate(() => text(row)))),
  );
  for (const match of [{ name: "one" }, { ids: { k: "v" } }, { words: "word 1" }]) {
    tolerate(() => text(nb.view.find("T", match)));
  }
  return text(rows);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
}

function tolerate<R>(read: () => R): R | string {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof OvsdbError, describe_(error));
    return error.code;
  }
}

function describe_(error: unknown): string {
  return `no OvsdbError: ${error instanceof Error ? error.stack : String(error)}`;
}

async function expectTyped(promise: Promise<unknown>): Promise<void> {
  await promise.catch((error: unknown) => assert.ok(error instanceof OvsdbError, describe_(error)));
}

/** One life of a handle whose first connection is attacked. */
async function survive(assault: Assault, whole: (large: boolean) => string): Promise<void> {
  const crashes: unknown[] = [];
  const server = new FakeServer(obliging(assault.large));
  const options = {
    dial: attackedDial(server, assault, (error) => crashes.push(error)),
    ...{ minBackoff: 1, maxBackoff: 2, syncIdleTimeout: 250 },
    ...(assault.probed ? { probeInterval: 20 } : {}),
    limits: { maxFrameBytes: 200_000 },
  };
  const remote = assault.probed ? "tcp:h:1" : "unix:/x";
  let failure: unknown;
  const nb = await Database.connect(model, remote, options).catch((error: unknown) => {
    failure = error;
    // What fails at first has to work against a server that behaves, in the time that a busy machine takes.
    return Database.connect(model, remote, { ...options, syncIdleTimeout: 10_000 });
  });
  try {
    assert.ok(failure === undefined || failure instanceof OvsdbError, describe_(failure));
    readAll(nb);
    const changes = tolerate(() => nb.changes());
    const { connection } = server;
    const said = (tables: Json): void => connection.notify("update3", "ovn-northbound", "x", tables);
    said({ T: { [third]: { insert: { name: "three", words: ["set", many] } } } });
    readAll(nb);
    said({ T: { [third]: { modify: { words: "word 1", ids: ["map", [["a", "b"]]] } } } });
    readAll(nb);
    const written = nb.transact(
      (tx) => {
        const row = tx.raw({ op: "insert", table: "U", row: { name: "n" } });
        tx.raw({ op: "select", table: "T", where: [] });
        return row;
      },
      { timeout: 100 },
    );
    await expectTyped(written);
    said({ T: { [third]: { delete: null } } });
    readAll(nb);
    await expectTyped(nb.transact((tx) => tx.comment("again"), { timeout: 100 }));
    if (typeof changes !== "string") await expectTyped(drain(changes));
    // By now the stranger may have let the connection alone, or made it look idle.
    connection.hangUp();
    await nb.synced({ timeout: 30_000 });
    assert.equal(readAll(nb), whole(assault.large), "the replica is what the honest server says");
  } finally {
    await nb.close();
  }
  assert.deepEqual(crashes, []);
  assertUnpolluted();
}

async function drain(
  changes: AsyncIterableIterator<{ readonly rows: readonly { readonly new?: unknown }[] }>,
): Promise<void> {
  const next = changes.next();
  const { value } = await Promise.race([next, Promise.resolve({ value: undefined })]);
  for (const row of value?.rows ?? []) tolerate(() => text(row.new));
  await changes.return?.();
}

async function readHonest(large: boolean): Promise<string> {
  const server = new FakeServer(obliging(large));
  const nb = await Database.connect(model, "unix:/x", { dial: server.dial });
  const whole = readAll(nb);
  await nb.close();
  assert.equal(Buffer.byteLength(JSON.stringify(largeContent)) > 64 * 1024, true, "large enough to be cut");
  return whole;
}

function assertUnpolluted(): void {
  assert.deepEqual(Object.keys(Object.prototype), []);
  assert.deepEqual(Object.keys(Array.prototype), []);
  assert.equal(Reflect.get({}, "polluted"), undefined);
}

describe("a Database on a hostile server", () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);

  before(() => process.on("unhandledRejection", note));
  after(() => process.off("unhandledRejection", note));

  it("ends or redials with a typed error, whatever arrives at whatever moment, and is whole again after it", async function () {
    this.timeout(600_000);
    const [small, large] = await Promise.all([false, true].map(readHonest));
    const whole = (isLarge: boolean): string => (isLarge ? large : small) ?? "";
    // Many at a time, as an attack by silence takes its time to be noticed.
    await fc.assert(
      fc.asyncProperty(fc.array(assaults, { minLength: 1, maxLength: 50, size: "max" }), async (list) => {
        await Promise.all(list.map((assault) => survive(assault, whole)));
        assert.deepEqual(unhandled.splice(0), []);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
