import assert from "node:assert/strict";
import { schemaToJson } from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { northboundWith, uuidA } from "./support.ts";

const initial = { Logical_Switch: { [uuidA]: { initial: { name: "sw" } } } };
const server = `the server's OVN_Northbound ${northbound.version}`;

describe("a name that plain JavaScript misspelt", () => {
  it("is refused with the one that was meant, in a transaction", async () => {
    const { nb, sent } = await northboundWith(initial);
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw !== undefined);
    const refused = async (call: (tx: never) => unknown, what: string): Promise<void> => {
      await assert.rejects(
        nb.transact((tx) => call(tx as never)),
        { name: "UnsupportedError", message: what },
      );
    };
    type Tx = { readonly [method: string]: (...args: readonly unknown[]) => void };
    const column = `column Logical_Switch.nmae does not exist in ${server}; did you mean name?`;
    await refused(
      (tx: Tx) => tx["insert"]?.("Logical_Swich", {}),
      `table Logical_Swich does not exist in ${server}; did you mean Logical_Switch?`,
    );
    await refused((tx: Tx) => tx["insert"]?.("Logical_Switch", { nmae: "x" }), column);
    await refused((tx: Tx) => tx["update"]?.(sw, { nmae: "x" }), column);
    await refused((tx: Tx) => tx["verify"]?.(sw, "nmae"), column);
    await refused((tx: Tx) => tx["select"]?.("Logical_Switch", { nmae: "x" }), column);
    await refused((tx: Tx) => tx["select"]?.("Logical_Switch", {}, ["nmae"]), column);
    await refused(
      (tx: Tx) => tx["add"]?.(sw, "prots", []),
      `column Logical_Switch.prots does not exist in ${server}; did you mean ports?`,
    );
    await refused(
      (tx: Tx) => tx["update"]?.(sw, { colour: "red" }),
      `column Logical_Switch.colour does not exist in ${server}`,
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("is not taken for another one where the model has it and the server is older", async () => {
    const { Logical_Switch, Static_MAC_Binding, ...others } = northbound.tables;
    assert.ok(Logical_Switch !== undefined && Static_MAC_Binding !== undefined);
    const { other_config, ...columns } = Logical_Switch.columns;
    assert.ok(other_config !== undefined);
    const older = {
      ...northbound,
      // Names that one typing error leads to from those that are gone.
      tables: {
        ...others,
        Logical_Switch: { ...Logical_Switch, columns: { ...columns, other_confix: other_config } },
        Static_MAC_Bindings: Static_MAC_Binding,
      },
    };
    const { nb } = await northboundWith(initial, undefined, undefined, {
      get_schema: (asked) => asked.reply(schemaToJson(older)),
    });
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw !== undefined);
    await assert.rejects(
      nb.transact((tx) => tx.setKeys(sw, "other_config", { a: "b" })),
      { message: `column Logical_Switch.other_config does not exist in ${server}` },
    );
    await assert.rejects(
      nb.transact((tx) => tx.insert("Static_MAC_Binding", {})),
      { message: `table Static_MAC_Binding does not exist in ${server}` },
    );
    await nb.close();
  });

  it("is refused with the one that was meant, in conditions", async () => {
    const message = `column Logical_Switch.nmae does not exist in OVN_Northbound ${northbound.version}; did you mean name?`;
    const where = [["nmae", "==", "x"]];
    const tables = { Logical_Switch: { where } } as never;
    await assert.rejects(northboundWith(initial, undefined, { reconnect: false, tables }), { message });
    const { nb } = await northboundWith(initial);
    await assert.rejects(nb.setConditions({ Logical_Switch: where as never }), { message });
    await nb.close();
  });

  it("is refused with the one that was meant, in reads", async () => {
    const tables = { Logical_Switch: ["name"], Address_Set: true } as const;
    const { nb } = await northboundWith(initial, undefined, { reconnect: false, tables });
    const { Logical_Switch: switches, Address_Set: sets } = nb.tables;
    const wrong = { nmae: "x" } as never;
    const missing = (table: string): object => ({
      name: "UsageError",
      message: `${table} has no column nmae; did you mean name?`,
    });
    assert.throws(() => switches.find(wrong), missing("Logical_Switch"));
    assert.throws(() => sets.get(wrong), missing("Address_Set"));
    // Of a column that is not monitored, too: its right name is told to be that.
    assert.throws(() => switches.find({ prots: [] } as never), {
      message: "Logical_Switch has no column prots; did you mean ports?",
    });
    await nb.close();
  });
});
