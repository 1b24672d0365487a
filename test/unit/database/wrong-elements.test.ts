import assert from "node:assert/strict";
import { northboundWith, success, uuidA } from "./support.ts";

const uuidOfAcl = "11111111-1111-4111-8111-111111111111";

// As plain JavaScript gives them: TypeScript finds most of these.
describe("what is put into columns", () => {
  async function open() {
    const acl = { direction: "to-lport", priority: 1, match: "ip", action: "drop" };
    const opened = await northboundWith(
      {
        Logical_Switch: { [uuidA]: { initial: { name: "sw" } } },
        ACL: { [uuidOfAcl]: { initial: acl } },
      },
      (operations, _, reply) => reply(success(operations)),
    );
    const [sw] = opened.nb.tables.Logical_Switch;
    const [rule] = opened.nb.tables.ACL;
    assert.ok(sw && rule);
    return { ...opened, sw, rule };
  }

  it("is no row of another table: taken out it would be none that is there, and nobody told", async () => {
    const { nb, sw, rule, sent } = await open();
    for (const onlyChanges of [false, true])
      for (const describe of [
        (tx) => tx.add(sw, "ports", rule as never),
        (tx) => tx.remove(sw, "ports", [rule] as never),
        (tx) => tx.update(sw, { ports: [rule] as never }),
        (tx) => tx.insert("Logical_Switch", { name: "new", ports: [rule] as never }),
      ] as Parameters<typeof nb.transact>[0][])
        await assert.rejects(nb.transact(describe, { onlyChanges }), {
          name: "ValidationError",
          message: "Logical_Switch.ports: a row of ACL given where one of Logical_Switch_Port belongs",
        });
    assert.deepEqual(sent, []);
    await nb.transact((tx) => tx.add(sw, "acls", rule));
    assert.equal(sent.length, 1);
    await nb.close();
  });

  it("is calculated by what the server can, with numbers, and the message shows what was given", async () => {
    const { nb, rule, sent } = await open();
    await assert.rejects(
      nb.transact((tx) => tx.mutate(rule, "priority", "+" as never, 1)),
      {
        name: "UsageError",
        message: 'ACL.priority: calculate by +=, -=, *=, /=, %=, and not by "+"',
      },
    );
    await assert.rejects(
      nb.transact((tx) => tx.mutate(rule, "priority", "+=", "1" as never)),
      {
        name: "ValidationError",
        message: 'ACL.priority: cannot calculate += "1" on a column of type integer',
      },
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });
});
