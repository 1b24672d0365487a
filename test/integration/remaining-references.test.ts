import assert from "node:assert/strict";
import {
  ConstraintError,
  connectOpenvswitch,
  type Database,
  type OpenvswitchTables,
  type Transaction,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

describeWithOvn("a row that cannot be deleted since another one refers to it, which", () => {
  const ovn = useSandbox({ openvswitch: true });
  let ovs: Database<OpenvswitchTables>;

  before(async () => {
    ovs = await connectOpenvswitch(ovn.sandbox.openvswitch.remote);
    await ovs.transact((tx) => {
      const qos = tx.insert("QoS", { type: "linux-htb" });
      const [one, two] = (["one", "two"] as const).map((name) => {
        const held = name === "one" ? { qos } : {};
        return tx.insert("Port", { name, interfaces: [tx.insert("Interface", { name })], ...held });
      });
      assert.ok(one && two);
      const bridges = [
        tx.insert("Bridge", { name: "br1", ports: [one, two] }),
        tx.insert("Bridge", { name: "br2" }),
      ];
      tx.insert("Open_vSwitch", { bridges });
    });
  });
  after(() => ovs.close());

  const rows = () => {
    const { Open_vSwitch, Bridge, Port, QoS } = ovs.tables;
    return {
      root: Open_vSwitch.only(),
      br1: Bridge.only({ name: "br1" }),
      br2: Bridge.only({ name: "br2" }),
      one: Port.only({ name: "one" }),
      two: Port.only({ name: "two" }),
      qos: QoS.only(),
    };
  };
  type Described = (tx: Transaction<OpenvswitchTables>, known: ReturnType<typeof rows>) => void;

  /** What is said of the row that refers to the QoS. */
  async function refusal(describe: Described): Promise<string> {
    const known = rows();
    const error: unknown = await ovs
      .transact((tx) => {
        describe(tx, known);
        tx.delete(known.qos);
      })
      .catch((e: unknown) => e);
    assert.ok(error instanceof ConstraintError, String(error));
    return error.message.replace(/.*remaining reference\(s\): /, "");
  }

  const stays = "qos of Port one";
  const goes = `${stays}, which goes only when all is committed: delete it in this transaction, too`;

  const going: Readonly<Record<string, Described>> = {
    "is taken from its parent": (tx, { br1, one }) => tx.remove(br1, "ports", one),
    "its parent is set without": (tx, { br1, two }) => tx.update(br1, { ports: [two] }),
    "its parent is set without, and that is changed itself": (tx, { br1, one }) => {
      tx.update(br1, { ports: [] });
      tx.update(one, { tag: 5 });
    },
    "has a parent that is taken from its own": (tx, { root, br1 }) => tx.remove(root, "bridges", br1),
    "has a parent that its own is set without": (tx, { root, br2 }) => tx.update(root, { bridges: [br2] }),
    "has a parent that is deleted, and that parent's is set without it": (tx, { root, br1, br2 }) => {
      tx.update(root, { bridges: [br2] });
      tx.delete(br1);
    },
  };
  for (const [what, describe] of Object.entries(going))
    it(`${what}, has to be deleted, too`, async () => assert.equal(await refusal(describe), goes));

  const staying: Readonly<Record<string, Described>> = {
    "nothing else is done with": () => undefined,
    "is changed": (tx, { one }) => tx.update(one, { tag: 5 }),
    "its parent is set with": (tx, { br1, one }) => tx.update(br1, { ports: [one] }),
    "loses another one that is in the same set": (tx, { br1, two }) => tx.remove(br1, "ports", two),
    "has a parent of which other columns are set": (tx, { br1 }) => tx.update(br1, { fail_mode: "secure" }),
  };
  for (const [what, describe] of Object.entries(staying))
    it(`${what}, is named`, async () => assert.equal(await refusal(describe), stays));

  it("another parent holds, is named", async () => {
    await ovs.transact((tx) => tx.add(rows().br2, "ports", rows().one));
    assert.equal(await refusal((tx, { br1, two }) => tx.update(br1, { ports: [two] })), stays);
    assert.equal(await refusal((tx, { root, br2 }) => tx.update(root, { bridges: [br2] })), stays);
    const both: Described = (tx, { root, br1, br2 }) => {
      tx.remove(root, "bridges", br1);
      tx.update(br2, { ports: [] });
    };
    assert.equal(await refusal(both), goes);
    // The other way round: what lets go of the row by itself is not named.
    const bridge = await refusal((tx, known) => {
      both(tx, known);
      tx.delete(known.one);
    });
    assert.equal(bridge, goes.replace(stays, "ports of Bridge br1"));
    await ovs.transact((tx) => {
      both(tx, rows());
      for (const row of [rows().br1, rows().one, rows().qos]) tx.delete(row);
    });
    assert.equal(ovs.tables.QoS.size, 0);
  });
});
