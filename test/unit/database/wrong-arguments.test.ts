import assert from "node:assert/strict";
import { Database } from "../../../lib/database/index.ts";
import { compareSchemas, schemaToJson, uuidV5 } from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { northboundWith, success, uuidA } from "./support.ts";

// As plain JavaScript gives them: TypeScript finds most of these.
describe("arguments that are none", () => {
  async function open() {
    const content = { initial: { name: "sw", external_ids: ["map", [["a", "1"]]] } };
    const opened = await northboundWith({ Logical_Switch: { [uuidA]: content } }, (operations, _, reply) =>
      reply(success(operations)),
    );
    const [sw] = opened.nb.tables.Logical_Switch;
    assert.ok(sw);
    return { ...opened, sw };
  }

  it("are not taken for a row that was read: an inserted one has nothing to verify", async () => {
    const { nb, sent } = await open();
    await assert.rejects(
      nb.transact((tx) => tx.verify(tx.insert("Logical_Switch", { name: "new" }) as never, "name" as never)),
      {
        name: "UsageError",
        message: "a row inserted into Logical_Switch in this transaction has nothing to verify",
      },
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("are told where nothing of a row is verified, and a change would be made that depends on nothing", async () => {
    const { nb, sw, sent } = await open();
    const verify = (tx: Parameters<Parameters<typeof nb.transact>[0]>[0], ...columns: "name"[]): void =>
      tx.verify(sw, ...(columns as ["name"]));
    await assert.rejects(
      nb.transact((tx) => {
        verify(tx);
        tx.setKeys(sw, "external_ids", { a: "2" });
      }),
      {
        name: "UsageError",
        message:
          'verify of a row of Logical_Switch needs the columns that the transaction depends on: verify(row, "column")',
      },
    );
    assert.deepEqual(sent, []);
    await nb.transact((tx) => verify(tx, "name"));
    assert.equal(sent.length, 1);
    await nb.close();
  });

  it("are told by which call such a column is changed", async () => {
    const { nb, sw, sent } = await open();
    const refused = async (describe: Parameters<typeof nb.transact>[0], message: RegExp) =>
      assert.rejects(nb.transact(describe), { name: "UsageError", message });
    await refused(
      (tx) => tx.add(sw, "external_ids" as never, "x" as never),
      /external_ids is a map column: this is for set and optional columns; use setKeys\(\) and removeKeys\(\)$/,
    );
    await refused(
      (tx) => tx.setKeys(sw, "ports" as never, {}),
      /ports is a set column: .*; use add\(\) and remove\(\)$/,
    );
    await refused(
      (tx) => tx.add(sw, "name" as never, "x" as never),
      /name is a scalar column: .*; use update\(\)$/,
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("have no uuid in the result of a transaction", async () => {
    const { nb } = await open();
    const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "new" }));
    for (const wrong of [undefined, null, uuidA, 5, {}, []]) {
      assert.throws(() => result.uuid(wrong as never), {
        name: "UsageError",
        message: /^a row, or the handle of an inserted one, is needed, and not /,
      });
    }
    await nb.close();
  });

  it("are not taken for a map, a row or a match without anything in it", async () => {
    const { nb, sw, sent } = await open();
    const pairs = [new Map([["a", "b"]]), new Date(), Promise.resolve({ a: "b" }), new Set(["a"])];
    for (const wrong of pairs) {
      const name = wrong.constructor.name;
      const value = { name: "ValidationError", message: new RegExp(`: a ${name} is not a plain object$`) };
      const row = { name: "UsageError", message: new RegExp(` are a plain object, and not a ${name}$`) };
      const match = {
        name: "UsageError",
        message: new RegExp(`^Logical_Switch: .*, and not for a ${name}$`),
      };
      await assert.rejects(
        nb.transact((tx) => tx.update(sw, { external_ids: wrong as never })),
        value,
      );
      await assert.rejects(
        nb.transact((tx) => tx.setKeys(sw, "external_ids", wrong as never)),
        value,
      );
      await assert.rejects(
        nb.transact((tx) => tx.insert("Logical_Switch", wrong as never)),
        row,
      );
      await assert.rejects(
        nb.transact((tx) => tx.update(sw, wrong as never)),
        row,
      );
      assert.throws(() => nb.tables.Logical_Switch.find(wrong as never), match);
      assert.throws(() => nb.tables.Logical_Switch.get(wrong as never), match);
      assert.throws(
        () => nb.tables.Logical_Switch.find({ external_ids: wrong as never }),
        / Logical_Switch\.external_ids is a map: look for pairs/,
      );
    }
    for (const wrong of [(row: { name: string }) => row.name === "x", "sw", undefined, [sw]])
      assert.throws(() => nb.tables.Logical_Switch.find(wrong as never), {
        name: "UsageError",
        message: /^Logical_Switch: look for columns and values/,
      });
    assert.throws(
      () => nb.tables.Logical_Switch.find({ external_ids: ["a"] as never }),
      / Logical_Switch\.external_ids is a map: look for pairs/,
    );
    await assert.rejects(
      nb.transact((tx) => tx.select("Logical_Switch", new Map([["name", "x"]]) as never)),
      { name: "UsageError", message: /from Logical_Switch is columns and values, and not a Map$/ },
    );
    for (const call of [
      () => nb.transact((tx) => tx.select("Logical_Switch", { name: "x", ports: [] })),
      () => nb.transact((tx) => tx.verifyAbsent("Logical_Switch", { name: "x", ports: [] })),
    ])
      await assert.rejects(call, {
        name: "UsageError",
        message: /^Logical_Switch\.ports: \[\] would be found in every row/,
      });
    for (const [match, message] of [
      [
        (ref: object) => ({ ports: ref }),
        /^Logical_Switch\.ports: a row that is inserted in the same transaction/,
      ],
      [() => ({ external_ids: "a" }), /^Logical_Switch\.external_ids is a map: look for pairs, as in \{ ext/],
    ] as const)
      await assert.rejects(
        nb.transact((tx) =>
          tx.select("Logical_Switch", match(tx.insert("Logical_Switch_Port", { name: "p" })) as never),
        ),
        { name: "UsageError", message },
      );
    assert.throws(() => nb.changes("Logical_Switch" as never), {
      name: "UsageError",
      message: 'the tables whose changes are wanted are a list of names, and not "Logical_Switch"',
    });
    assert.throws(() => nb.changes({ initial: true } as never), {
      name: "UsageError",
      message: /and not \{"initial":true\}; options come second, after undefined for all tables$/,
    });
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("are not looked for where no row can have them: who takes that for absent makes it again", async () => {
    const { nb } = await open();
    const { Logical_Switch, Logical_Switch_Port, NB_Global } = nb.tables;
    for (const [look, message] of [
      [
        () => Logical_Switch.find({ name: 5 as never }),
        "Logical_Switch.name is of type string: cannot look for 5",
      ],
      [
        () => Logical_Switch.find({ name: null as never }),
        "Logical_Switch.name is of type string: cannot look for null",
      ],
      [
        () => Logical_Switch.find({ external_ids: { id: 5 as never } }),
        "Logical_Switch.external_ids:id is of type string: cannot look for 5",
      ],
      [
        () => Logical_Switch.find({ external_ids: { a: "1", id: undefined as never } }),
        "Logical_Switch.external_ids:id is of type string: cannot look for nothing",
      ],
      [
        () => Logical_Switch.find({ ports: { _uuid: uuidA } as never }),
        "Logical_Switch.ports is of type uuid: look for a row by its _uuid, or for what refers to it with referrers()",
      ],
      [
        () => Logical_Switch.find({ name: "sw", ports: [] }),
        "Logical_Switch.ports: [] would be found in every row: leave the column out, or filter for rows where it is empty",
      ],
      [
        () => Logical_Switch_Port.find({ addresses: [] }),
        /^Logical_Switch_Port\.addresses: \[\] would be found in every row/,
      ],
      [
        () => Logical_Switch_Port.find({ tag: "5" as never }),
        'Logical_Switch_Port.tag is of type integer: cannot look for "5"',
      ],
      [
        () => Logical_Switch_Port.find({ enabled: "true" as never, name: "p" }),
        'Logical_Switch_Port.enabled is of type boolean: cannot look for "true"',
      ],
      [
        () => NB_Global.find({ nb_cfg: "1" as never }),
        'NB_Global.nb_cfg is of type integer: cannot look for "1"',
      ],
      [
        () => Logical_Switch_Port.get({ name: 5 as never }),
        "Logical_Switch_Port.name is of type string: cannot look for 5",
      ],
      [
        () => nb.tables.Static_MAC_Binding.get({ logical_port: "p", ip: 5 as never }),
        "Static_MAC_Binding.ip is of type string: cannot look for 5",
      ],
    ] as const)
      assert.throws(look, { name: "UsageError", message });
    assert.deepEqual(
      [Logical_Switch_Port.find({ tag: null }), NB_Global.find({ nb_cfg: 1n }), Logical_Switch.find({})].map(
        ({ length }) => length,
      ),
      [0, 0, 1],
    );
    await nb.close();
  });

  it("are told of by what they should be: a condition, a lock, conditions of tables, a time", async () => {
    const { nb, sent } = await open();
    for (const [call, message] of [
      [() => nb.until([] as never), "what until() waits for is a function, and not []"],
      [() => nb.lock(undefined as never), /^undefined cannot name a lock/],
      [() => nb.lock(null as never), /^null cannot name a lock/],
      [() => nb.setConditions(undefined as never), /^conditions are lists by table, .* and not nothing$/],
      [() => nb.transact(() => 1, { timeout: "5" as never }), 'timeout: "5" is not a number of milliseconds'],
    ] as const)
      await assert.rejects(call, { name: "UsageError", message });
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("are no uuid, and a uuid in capitals is one", async () => {
    const uuid = "abcdef00-0000-4000-8000-00000000000a";
    const initial = { name: "sw", ports: ["uuid", uuid] };
    const { nb } = await northboundWith({ Logical_Switch: { [uuid]: { initial } } });
    const { Logical_Switch } = nb.tables;
    assert.equal(nb.has(Logical_Switch.only(), "ports", uuid.toUpperCase() as never), true);
    assert.equal(Logical_Switch.byUuid(uuid.toUpperCase() as never)?.name, "sw");
    assert.equal(Logical_Switch.byUuid(uuidA as never), undefined);
    for (const [wrong, told] of [
      [undefined, "nothing"],
      ["sw", '"sw"'],
      [{ _uuid: uuid }, `{"_uuid":"${uuid}"}`],
    ] as const)
      assert.throws(() => Logical_Switch.byUuid(wrong as never), {
        name: "UsageError",
        message: `Logical_Switch: a uuid is needed, and not ${told}`,
      });
    await nb.close();
  });

  it("are told of by what they are where a row is needed", async () => {
    const { nb, sw, sent } = await open();
    for (const [wrong, told] of [
      [undefined, "nothing; was it found?"],
      [null, "null; was it found?"],
      [sw._uuid, `"${sw._uuid}"; byUuid() finds one by its uuid`],
      [[], "[]; one at a time"],
      [{ name: "sw" }, '{"name":"sw"}'],
    ] as const) {
      const message = `a row, or the handle of an inserted one, is needed, and not ${told}`;
      await assert.rejects(
        nb.transact((tx) => tx.update(wrong as never, {})),
        { name: "UsageError", message },
      );
      await assert.rejects(
        nb.transact((tx) => tx.delete(wrong as never)),
        { name: "UsageError", message },
      );
    }
    for (const read of [
      () => nb.deref(undefined as unknown as typeof sw, "ports"),
      () => nb.has(undefined as unknown as typeof sw, "ports", sw._uuid),
      () => nb.has(sw, "ports", undefined as never),
      () => nb.referrers(undefined as never, "Logical_Switch", "ports"),
      () => nb.referrers(sw._uuid as never, "Logical_Switch", "ports"),
    ])
      assert.throws(read, { name: "UsageError", message: /^a row, or the handle .*; (was it|byUuid)/ });
    // A column of texts refers to nothing: an empty answer would look as if no row did.
    for (const column of ["name", "external_ids"])
      for (const read of [
        () => nb.deref(sw, column as never),
        () => nb.referrers(sw, "Logical_Switch", column as never),
      ])
        assert.throws(read, {
          name: "UsageError",
          message: `Logical_Switch.${column} holds no references to rows`,
        });
    assert.throws(() => nb.view.referrers(sw._uuid, "Logical_Switch", "name"), {
      name: "UsageError",
      message: "Logical_Switch.name holds no references to rows",
    });
    await assert.rejects(nb.transact([{ op: "comment", comment: "x" }] as never), {
      name: "UsageError",
      message: /^a transaction is a function that says what to do, and not \[/,
    });
    await assert.rejects(
      nb.transact((tx) => tx.removeKeys(sw, "external_ids", "key" as never)),
      { name: "ValidationError", message: 'Logical_Switch.external_ids: "key" is not an array' },
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("show a condition that did not come by its own words", async () => {
    const { nb } = await open();
    const { Logical_Switch } = nb.tables;
    await assert.rejects(
      nb.until(() => Logical_Switch.size > 1, { timeout: 1 }),
      {
        name: "TimeoutError",
        message: "the condition () => Logical_Switch.size > 1 did not come within 1 ms",
        cause: undefined,
      },
    );
    const long = () =>
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21].includes(
        nb.tables.ACL.size + 30,
      );
    await assert.rejects(nb.until(long, { timeout: 1 }), ({ what }) => {
      assert.match(what, /^the condition \(\) => .*\.\.\.$/);
      return what.length === "the condition ".length + 80;
    });
    await nb.close();
  });

  it("are no model, no schema, no operation, no columns and no options of an insert", async () => {
    const { nb, sw, sent } = await open();
    for (const [given, what] of [
      [undefined, "nothing"],
      [null, "null"],
      ["OVN_Northbound", '"OVN_Northbound"'],
      [[], "[]"],
      [{}, "{}"],
    ] as const) {
      const none = given as never;
      const schema = (name: string): object => ({
        name: "UsageError",
        message: `${name} must be one such as northbound, or what parseSchema gives, and not ${what}`,
      });
      await assert.rejects(Database.connect(none, "unix:/x"), schema("the model"));
      assert.throws(() => compareSchemas(none, northbound), schema("the model"));
      assert.throws(() => compareSchemas(northbound, none), schema("the schema of the server"));
      assert.throws(() => schemaToJson(none), schema("the schema"));
      await assert.rejects(
        nb.transact((tx) => tx.raw(none)),
        {
          name: "UsageError",
          message: `an operation is an object with its name in op, and not ${what}`,
        },
      );
    }
    for (const wrong of [null, "name", {}] as never[])
      await assert.rejects(
        nb.transact((tx) => tx.select("Logical_Switch", {}, wrong)),
        {
          name: "UsageError",
          message: /^the columns to select from Logical_Switch are a list of names, and not /,
        },
      );
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", { name: "new" }, null as never)),
      { name: "UsageError", message: "options must be an object, and not null" },
    );
    assert.throws(() => uuidV5(sw._uuid, 5 as never), {
      name: "UsageError",
      message: "a uuid is made of a text, and not of 5",
    });
    assert.deepEqual(sent, []);
    await nb.close();
  });
});
