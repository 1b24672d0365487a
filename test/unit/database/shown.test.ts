import assert from "node:assert/strict";
import { inspect } from "node:util";
import { waitFor } from "../../support/index.ts";
import { northboundWith, success, update, uuidA, uuidB } from "./support.ts";

const content = { Logical_Switch: { [uuidA]: { initial: { name: "a" } } } };

type Given = Parameters<typeof northboundWith>;

describe("what console.log shows", () => {
  const opened: AsyncDisposable[] = [];

  afterEach(() => Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]())));

  async function open(answer?: Given[1], options?: Given[2]): ReturnType<typeof northboundWith> {
    const made = await northboundWith(content, answer, options);
    opened.push(made.nb);
    return made;
  }

  it("of a connection and its tables is what state they are in, and nothing of its keys", async () => {
    const { nb } = await open(undefined, { reconnect: false, tls: { key: "SECRET", cert: "SECRET" } });
    assert.equal(
      inspect(nb, { breakLength: Number.POSITIVE_INFINITY }),
      "Database { database: 'OVN_Northbound', remote: 'unix:/x', state: 'live', synced: true, rows: 1 }",
    );
    assert.equal(inspect(nb.tables.Logical_Switch), "Table { name: 'Logical_Switch', size: 1 }");
    assert.doesNotMatch(inspect(nb, { depth: null, showHidden: true }), /SECRET/);
  });

  it("after a lost connection, and after the end, is why nothing can be read", async () => {
    const { nb, server } = await open(undefined, { reconnect: true, minBackoff: 60_000 });
    server.connection.hangUp();
    await waitFor(() => !nb.status().synced);
    assert.match(inspect(nb), /synced: false,\n {2}lastLoss: \{ code: 'ERR_CONNECTION_LOST'/);
    assert.match(
      inspect(nb.tables.Logical_Switch),
      /^Table \{\n {2}name: 'Logical_Switch',\n {2}size: '<NotSyncedError: /,
    );
    await nb.close();
    assert.match(inspect(nb), /state: 'ended',\n {2}synced: false,.*endedBy: \{ code: 'ERR_CLOSED'/s);
    assert.match(inspect(nb.tables.Logical_Switch), /size: '<ClosedError: /);
  });

  it("of changes is what they are about, and a batch is short; nothing is sent for it", async () => {
    const { nb, server, sent } = await open();
    const changes = nb.changes(["Logical_Switch"]);
    assert.equal(inspect(changes), "ChangeStream { tables: [ 'Logical_Switch' ], waiting: 0, ended: false }");
    update(server, { Logical_Switch: { [uuidA]: { modify: { name: "b" } } } });
    assert.equal(nb.tables.Logical_Switch.size, 1);
    assert.match(inspect(changes), /waiting: 1/);
    const { value: batch } = await changes.next();
    const [change] = batch.rows;
    const about = `table: 'Logical_Switch', uuid: '${uuidA}', kind: 'modify', columns: [Array], old: [Object], new: [Object]`;
    assert.equal(
      inspect(batch, { breakLength: Number.POSITIVE_INFINITY, compact: 9 }),
      `{ cause: 'update', rows: [ RowChange { ${about} } ] }`,
    );
    assert.match(inspect(change), /columns: \[ 'name' \],\n {2}old: \{.*name: 'a',.*new: \{.*name: 'b',/s);
    await nb.close();
    assert.match(inspect(change), /old: \{.*name: 'a',.*new: \{.*name: 'b',/s);
    assert.match(inspect(changes), /ended: true/);
    assert.deepEqual(sent, []);
  });

  it("of what the server said wrongly is that it cannot be read", async () => {
    const { nb, server } = await open();
    const changes = nb.changes(["Logical_Switch"]);
    const wrong = "00000000-0000-4000-8000-000000000009";
    update(server, { Logical_Switch: { [wrong]: { insert: { name: 5 } } } });
    const { value: batch } = await changes.next();
    assert.match(inspect(batch.rows[0]), /kind: 'insert',\n {2}new: '<ProtocolError: /);
  });

  it("of a transaction that is being described is what it is to do, and nothing of its keys", async () => {
    const { nb } = await open((operations, _, reply) => reply(success(operations)));
    const [row] = nb.tables.Logical_Switch;
    assert.ok(row);
    for (const onlyChanges of [false, true]) {
      const shown: string[] = [];
      const see = (tx: object): unknown => shown.push(inspect(tx, { breakLength: Number.POSITIVE_INFINITY }));
      await nb.transact(
        (tx) => {
          see(tx);
          tx.insert("Logical_Switch", { name: "SECRET" }, { uuid: uuidB });
          tx.setKeys(row, "external_ids", { a: "b" });
          tx.verify(row, "name");
          see(tx);
          tx.delete(row);
          tx.comment("why");
          see(tx);
        },
        { onlyChanges },
      );
      assert.deepEqual(shown, [
        "Transaction { rows: [], others: 0, ended: false }",
        `Transaction { rows: [ 'insert Logical_Switch ${uuidB}: name', 'change Logical_Switch ${uuidA}: external_ids, name' ], others: 0, ended: false }`,
        `Transaction { rows: [ 'insert Logical_Switch ${uuidB}: name', 'delete Logical_Switch ${uuidA}' ], others: 1, ended: false }`,
      ]);
    }
  });

  it("of the result of a transaction is what it did", async () => {
    const { nb } = await open((operations, _, reply) => reply(success(operations)));
    const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "new" }));
    assert.match(
      inspect(result),
      /^TransactResult \{\n {2}value: \{.*changed: true,.*attempts: 1,.*op: 'insert',\n {6}table: 'Logical_Switch'/s,
    );
  });
});
