import assert from "node:assert/strict";
import { inspect } from "node:util";
import { layer2, layer3, PodWatch } from "../../../lib/topology/index.ts";
import { northboundWith, success } from "../database/support.ts";

const pods = [{ namespace: "s", name: "a", node: "n1" }];

describe("what console.log shows of a topology", () => {
  it("of a plan, and of what it did, is what changes, whatever has become of the connection", async () => {
    const { nb, sent } = await northboundWith({}, (operations, _, reply) => reply(success(operations)));
    const plan = layer2({ name: "blue", nad: "s/blue", subnets: "10.1.0.0/16" }).plan(nb, { pods });
    const shown = inspect(plan);
    assert.match(shown, /^Plan \{\n {2}networks: \[ 'blue' \],\n {2}bytes: \d+,\n {2}changes: \[\n/);
    const port = "+ Logical_Switch_Port s.blue_s_a in Logical_Switch blue_ovn_layer2_switch";
    assert.ok(shown.includes(`'${port}'`), shown);
    assert.match(shown, /attachments: \[ 's\.blue_s_a: 0a:58:0a:01:00:01 10\.1\.0\.1' \]/);
    assert.deepEqual(sent, []);
    const applied = inspect(await plan.apply({ dryRun: true }));
    assert.match(applied, /^Applied \{\n {2}changed: true,/);
    assert.ok(applied.includes(`'${port}'`), applied);
    await nb.close();
    assert.equal(inspect(plan), shown);
  });

  it("of a large plan is the beginning", async () => {
    const { nb } = await northboundWith({});
    const nodes = Array.from({ length: 50 }, (_, index) => ({ name: `n${index}` }));
    const plan = layer3({ name: "blue", subnets: "10.0.0.0/8" }).plan(nb, { nodes });
    const more = `'... and ${plan.changes.length - 20} more'`;
    assert.ok(inspect(plan).includes(more), `${more} in ${inspect(plan)}`);
    await nb.close();
  });

  it("of a watch of pods is how many it knows", async () => {
    const { nb } = await northboundWith({});
    const watch = new PodWatch(nb.view);
    watch.look();
    assert.equal(inspect(watch), "PodWatch { pods: 0 }");
    await nb.close();
  });
});
