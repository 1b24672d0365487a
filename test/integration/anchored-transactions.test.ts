import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  ConflictError,
  connectNorthbound,
  Database,
  type DatabaseModel,
  type InsertedRow,
  type NorthboundTables,
  type Transaction,
  UnconfirmedError,
  type Uuid,
} from "../../lib/index.ts";
import { selectOp, type WireRow } from "../../lib/ovsdb/index.ts";
import {
  type FaultProxy,
  type ProxyMessage,
  type Rewrite,
  startFaultProxy,
} from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseReply, loseRequest } from "../support/lose.ts";

type Tx = Transaction<NorthboundTables>;
type Router = { readonly _uuid: Uuid<"Logical_Router"> };

/** A router port with a chassis: two rows that are there only as long as the router holds them. */
function addPort(tx: Tx, router: Router, name: string): void {
  const chassis = tx.insert("Gateway_Chassis", { name, chassis_name: "c1" });
  const networks = ["10.0.0.1/24"];
  const port = tx.insert("Logical_Router_Port", {
    name,
    mac: "0a:00:00:00:00:01",
    networks,
    gateway_chassis: [chassis],
  });
  tx.add(router, "ports", port);
}

/** A schema of a user's own, in which rows that are no roots may hold each other. */
interface RingTables {
  readonly Box: {
    readonly row: { readonly _uuid: Uuid<"Box">; readonly name: string };
    readonly insert: { readonly name: string };
    readonly update: { readonly items: readonly InsertedRow<"Item">[] };
  };
  readonly Item: {
    readonly row: { readonly _uuid: Uuid<"Item">; readonly name: string };
    readonly insert: {
      readonly name: string;
      readonly next?: string | InsertedRow<"Item">;
      readonly others?: readonly (string | InsertedRow<"Item">)[];
      readonly byName?: { readonly [name: string]: string };
    };
    readonly update: { readonly others?: readonly InsertedRow<"Item">[] };
  };
}
const text = { type: "string" } as const;
const item = { type: "uuid", refTable: "Item", refType: "strong" } as const;
const [one, optional, any] = [
  { min: 1, max: 1 } as const,
  { min: 0, max: 1 } as const,
  { min: 0, max: "unlimited" } as const,
];
const rings: DatabaseModel<RingTables> = {
  name: "Rings",
  version: "1.0.0",
  tables: {
    Box: {
      columns: { name: { key: text, ...one }, items: { key: item, ...any } },
      indexes: [],
      isRoot: true,
    },
    Item: {
      columns: {
        name: { key: text, ...one },
        next: { key: item, ...optional },
        others: { key: item, ...any },
        byName: { key: text, value: item, ...any },
      },
      indexes: [],
      isRoot: false,
    },
  },
};

describeWithOvn("a transaction that does nothing without one row", () => {
  const ovn = useSandbox({ northbound: true });
  let proxy: FaultProxy;
  let nb: Northbound;
  let other: Northbound;
  let names = 0;

  beforeEach(async () => {
    const { remote } = ovn.sandbox.northbound;
    proxy = await startFaultProxy(remote);
    nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    other = await connectNorthbound(remote);
  });
  afterEach(async () => {
    await nb.close();
    await other.close();
    await proxy.close();
  });

  /** A router that both know. */
  async function makeRouter(): Promise<Router & { readonly name: string }> {
    names += 1;
    const name = `r${names}`;
    const made = await other.transact((tx) => tx.insert("Logical_Router", { name }));
    const uuid = made.uuid(made.value);
    await nb.until((view) => view.tables.Logical_Router.byUuid(uuid));
    return { _uuid: uuid, name };
  }

  async function onServer(table: string, name: string): Promise<readonly WireRow[]> {
    const { results } = await other.transact((tx) => tx.raw(selectOp(table, [["name", "==", name]])));
    return results.flatMap((result) => (result.op === "select" ? result.rows : []));
  }

  /** What of the port is on the server. */
  async function remains(name: string): Promise<readonly number[]> {
    const tables = ["Logical_Router_Port", "Gateway_Chassis"];
    return Promise.all(tables.map(async (table) => (await onServer(table, name)).length));
  }

  const changes: readonly (readonly [string, (tx: Tx, router: Router, name: string) => void])[] = [
    ["an update", (tx, router) => tx.update(router, { options: { chassis: "c1" } })],
    ["keys of a map", (tx, router) => tx.setKeys(router, "external_ids", { k: "v" })],
    ["rows that it holds, over two levels", addPort],
  ];
  for (const [title, change] of changes) {
    it(`is sent without a guard, and sees that the row has gone: ${title}`, async () => {
      const router = await makeRouter();
      const port = `${router.name}-port`;
      const done = await nb.transact((tx) => change(tx, router, port));
      assert.ok(done.operations.every(({ op }) => op !== "wait"));
      assert.equal(done.results.length, done.operations.length);

      const short = await makeRouter();
      const unheld = `${short.name}-port`;
      let runs = 0;
      const result = await nb.transact(async (tx) => {
        runs += 1;
        const row = nb.tables.Logical_Router.byUuid(short._uuid);
        // Behind this client's back, and before its own transaction is sent.
        if (runs === 1) await other.transact((theirs) => theirs.delete(short));
        if (row === undefined) return "gone";
        change(tx, row, unheld);
        return "changed";
      });
      assert.deepEqual([result.value, runs, nb.status().counters.conflicts], ["gone", 2, 1]);
      assert.deepEqual(await remains(unheld), [0, 0]);
    });
  }

  it("tells who does not look again that the row has gone, and that nothing was done", async () => {
    const router = await makeRouter();
    const change = nb.transact(async (tx) => {
      addPort(tx, router, "unheld");
      await other.transact((theirs) => theirs.delete(router));
    });
    await assert.rejects(change, { code: "ERR_ROW_GONE" });
    assert.deepEqual(await remains("unheld"), [0, 0]);
  });

  it("names the row in its error when its own copy of the database does not move on", async () => {
    const router = await makeRouter();
    // None of the server's updates arrives any more.
    const isUpdate = ({ method }: ProxyMessage): boolean => method === "update2" || method === "update3";
    const rewrite: Rewrite = (message) => (isUpdate(message) ? undefined : message);
    proxy.setOpenFaults({ toClient: { rewrite } });
    await other.transact((tx) => tx.delete(router));
    using clock = new Clock();
    const { conflicts } = nb.status().counters;
    const refused = assert.rejects(
      nb.transact((tx) => addPort(tx, router, "stale"), { timeout: 20_000 }),
      (error) => {
        assert.ok(error instanceof ConflictError && error.details.startsWith(router._uuid));
        const { operationIndex, operation, table } = error;
        assert.deepEqual(
          [error.error, operationIndex, operation, table],
          ["no such row", 2, "mutate", "Logical_Router"],
        );
        return true;
      },
    );
    await waitFor(() => nb.status().counters.conflicts > conflicts + 2);
    // There is time left for the reply to what is under way.
    clock.pass(19_500);
    await refused;
    assert.deepEqual(await remains("stale"), [0, 0]);
  });

  it("is guarded where something would be done without the row", async () => {
    const [a, b] = [await makeRouter(), await makeRouter()];
    const row = nb.tables.Logical_Router.byUuid(a._uuid);
    assert.ok(row !== undefined);
    const guarded: readonly (readonly [string, (tx: Tx) => void])[] = [
      [
        "two rows",
        (tx) => {
          addPort(tx, a, "p1");
          tx.setKeys(b, "external_ids", { k: "v" });
        },
      ],
      [
        "two changes",
        (tx) => {
          tx.update(a, { options: {} });
          tx.setKeys(a, "external_ids", { k: "v" });
        },
      ],
      [
        "a row that stays by itself",
        (tx) => {
          const group = tx.insert("Load_Balancer_Group", { name: "g" });
          tx.add(a, "load_balancer_group", group);
        },
      ],
      [
        "a row changed after its insert",
        (tx) => {
          const port = tx.insert("Logical_Router_Port", { name: "p2", mac: "0a:00:00:00:00:02" });
          tx.update(port, { networks: ["10.0.1.1/24"] });
          tx.add(a, "ports", port);
        },
      ],
      [
        "a value",
        (tx) => {
          tx.verify(row, "name");
          tx.setKeys(row, "external_ids", { k: "w" });
        },
      ],
      [
        "a comment",
        (tx) => {
          tx.setKeys(a, "external_ids", { k: "x" });
          tx.comment("why");
        },
      ],
    ];
    for (const [title, change] of guarded) {
      const { operations } = await nb.transact(change);
      assert.equal(operations[0]?.op, "wait", title);
    }
    // Neither are sent alone: what makes it a dry run, and what lets ovn-northd tell that it has seen it.
    const change = (tx: Tx): void => tx.setKeys(a, "external_ids", { k: "y" });
    const dry = await nb.transact(change, { dryRun: true });
    assert.equal(dry.operations[0]?.op, "wait");
    using clock = new Clock();
    const waiting = nb.transact(change, { wait: "sb", timeout: 20_000 }).catch((error) => error);
    // Its reply has come then.
    await waitFor(() => nb.status().pendingTransactions === 0);
    clock.pass(20_000);
    const unconfirmed = await waiting;
    assert.ok(unconfirmed instanceof UnconfirmedError);
    assert.deepEqual(unconfirmed.result.operations[0]?.op, "wait");
  });

  it("runs again, too, when what an inserted row refers to has gone with the row", async () => {
    const router = await makeRouter();
    const made = await other.transact((tx) => tx.insert("HA_Chassis_Group", { name: router.name }));
    const group = { _uuid: made.uuid(made.value) };
    await nb.until((view) => view.tables.HA_Chassis_Group.byUuid(group._uuid));
    const result = await nb.transact(async (tx) => {
      const row = nb.tables.Logical_Router.byUuid(router._uuid);
      if (row === undefined) return "gone";
      const port = { name: "grouped", mac: "0a:00:00:00:00:03", ha_chassis_group: group._uuid };
      tx.add(row, "ports", tx.insert("Logical_Router_Port", port));
      await other.transact((theirs) => {
        theirs.delete(router);
        theirs.delete(group);
      });
      return "added";
    });
    assert.deepEqual([result.value, result.attempts], ["gone", 2]);
    assert.deepEqual(await remains("grouped"), [0, 0]);
  });

  it("is settled when its reply is lost", async () => {
    const router = await makeRouter();
    loseReply(proxy);
    const result = await nb.transact((tx) => addPort(tx, router, "settled"));
    assert.deepEqual([result.settled, result.attempts], [true, 1]);
    assert.deepEqual(await remains("settled"), [1, 1]);
  });

  it("is done again when it was lost, and not done when the row has gone meanwhile", async () => {
    const router = await makeRouter();
    loseRequest(proxy, "insert");
    const again = await nb.transact((tx) => addPort(tx, router, "again"));
    assert.deepEqual([again.settled, await remains("again")], [false, [1, 1]]);

    const short = await makeRouter();
    loseRequest(proxy, "insert", () => proxy.refuse());
    const gone = nb.transact((tx) => addPort(tx, short, "gone"));
    const refused = assert.rejects(gone, { code: "ERR_ROW_GONE" });
    await proxy.until(({ open }) => open === 0);
    await other.transact((tx) => tx.delete(short));
    await proxy.accept();
    await refused;
    assert.deepEqual(await remains("gone"), [0, 0]);
  });
});

describeWithOvn("inserted rows that hold each other", () => {
  const ovn = useSandbox({ databases: { rings } });
  let db: Database<RingTables>;
  let other: Database<RingTables>;

  before(async () => {
    const { remote } = ovn.sandbox.database("rings");
    [db, other] = await Promise.all([Database.connect(rings, remote), Database.connect(rings, remote)]);
  });
  after(() => Promise.all([db.close(), other.close()]));

  const links: readonly (readonly [string, (uuid: string) => Partial<RingTables["Item"]["insert"]>])[] = [
    ["alone", (next) => ({ next })],
    ["in a set", (uuid) => ({ others: [uuid] })],
    ["in a map", (first) => ({ byName: { first } })],
  ];
  for (const [title, link] of links) {
    it(`do not stay when the row that was to have them has gone: ${title}`, async () => {
      await leavesNothing((tx) => {
        const second = randomUUID();
        const first = tx.insert("Item", { name: "first", ...link(second) });
        return [first, tx.insert("Item", { name: "second", next: first }, { uuid: second })];
      });
    });
  }

  it("nor do those that were put into each other after their inserts", async () => {
    await leavesNothing((tx) => {
      const first = tx.insert("Item", { name: "first" });
      const second = tx.insert("Item", { name: "second", next: first });
      tx.add(first, "others", second);
      return [first, second];
    });
  });

  /** Puts items into a box that somebody deletes before they are sent. */
  async function leavesNothing(
    insert: (tx: Transaction<RingTables>) => InsertedRow<"Item">[],
  ): Promise<void> {
    const made = await other.transact((tx) => tx.insert("Box", { name: "short" }));
    const box = { _uuid: made.uuid(made.value) };
    await db.until((view) => view.tables.Box.byUuid(box._uuid));
    const result = await db.transact(async (tx) => {
      if (db.tables.Box.byUuid(box._uuid) === undefined) return "gone";
      tx.update(box, { items: insert(tx) });
      await other.transact((theirs) => theirs.delete(box));
      return "put";
    });
    assert.equal(result.value, "gone");
    const { results } = await other.transact((tx) => tx.raw(selectOp("Item", [["name", "!=", ""]])));
    assert.deepEqual(results, [{ op: "select", rows: [] }]);
  }
});
