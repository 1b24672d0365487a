import assert from "node:assert/strict";
import { northboundWith, uuidA, uuidB } from "./support.ts";

describe("the only row of a table, or that a match finds", () => {
  const initial = {
    Logical_Switch: {
      [uuidA]: { initial: { name: "one", external_ids: ["map", [["rack", "7"]]] } },
      [uuidB]: { initial: { name: "two", external_ids: ["map", [["rack", "7"]]] } },
    },
    Logical_Router: { [uuidA]: { initial: { name: "r" } } },
  };

  it("is given, by whatever find takes", async () => {
    const { nb } = await northboundWith(initial);
    const { Logical_Switch: switches, Logical_Router: routers } = nb.tables;
    assert.equal(switches.only({ name: "one" })._uuid, uuidA);
    assert.equal(switches.only({ name: "two", external_ids: { rack: "7" } })._uuid, uuidB);
    assert.equal(routers.only(), routers.only({ name: "r" }));
    assert.equal(routers.only({}), routers.only());
    await nb.close();
  });

  it("is not made out of none, or of several, or for a match that nobody filled", async () => {
    const { nb } = await northboundWith(initial);
    const { Logical_Switch: switches, Logical_Router: routers, Load_Balancer: balancers } = nb.tables;
    for (const [look, message] of [
      [() => switches.only(), "Logical_Switch has 2 rows, not one"],
      [() => balancers.only(), "Load_Balancer has 0 rows, not one"],
      [() => switches.only({ name: "three" }), 'Logical_Switch has 0 rows with {"name":"three"}, not one'],
      [
        () => switches.only({ external_ids: { rack: "7" } }),
        'Logical_Switch has 2 rows with {"external_ids":{"rack":"7"}}, not one',
      ],
      [
        () => routers.only(undefined),
        'Logical_Router: look for columns and values, as in { name: "x" }, and not for nothing',
      ],
      [() => routers.only({ name: undefined as never }), "Logical_Router.name: cannot look for undefined"],
    ] as const)
      assert.throws(look, { name: "UsageError", message });
    await nb.close();
  });
});
