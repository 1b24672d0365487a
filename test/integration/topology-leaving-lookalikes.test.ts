import assert from "node:assert/strict";
import { ConflictError } from "../../lib/ovsdb/index.ts";
import { type LeavingNode, layer3, planDeletion } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { OvsdbClient } from "../support/ovsdb-client.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { layer2Brief, layer3Brief, portOf, useTopologyBench } from "../support/topology.ts";

describeWithOvn("nodes that leave a network whose rows others look alike", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const pods = ["a", { name: "b", node: "n2" }];
  const leave = (node: LeavingNode): ReturnType<typeof planDeletion> =>
    planDeletion(bench.nb, { networks: [], pods: [], nodes: [node] });
  const of = (network: string): string => `external_ids:k8s.ovn.org/network=${network}`;

  it("leave what another network has under the names of their gateway router and switches", async () => {
    await bench.apply(layer3Brief(pods));
    const supported = bench.nb.view.supports("Static_MAC_Binding");
    await bench.nbctl(`
      lr-add GR_net_n2
      set Logical_Router GR_net_n2 ${of("other")}
      lrp-add GR_net_n2 rtoe-GR_net_n2 02:00:00:00:00:01 192.0.2.1/24
      ls-add ext_net_n2
      set Logical_Switch ext_net_n2 ${of("other")}
      ls-add net_n9
      ${supported ? "static-mac-binding-add rtoe-GR_net_n2 192.0.2.9 02:00:00:00:00:09" : ""}
    `);
    await leave({ network: "net", name: "n2" }).apply();
    assert.deepEqual((await leave({ network: "net", name: "n9" }).apply()).absent, [
      'node n9 of network "net"',
    ]);
    const left = await bench.nbctl("ls-list\nlr-list");
    for (const name of ["GR_net_n2", "ext_net_n2", "net_n9"]) assert.match(left, new RegExp(`\\(${name}\\)`));
    assert.doesNotMatch(left, /\(net_n2\)/);
    if (supported) assert.match(await bench.nbctl("list Static_MAC_Binding"), /192\.0\.2\.9/);
  });

  it("leave ports that are no pod's, or on a switch of somebody else", async () => {
    await bench.apply(layer2Brief(pods));
    const here = `${of("net")} options:requested-chassis=chassis-of-n2`;
    await bench.nbctl(`
      lsp-add net_ovn_layer2_switch tap
      set Logical_Switch_Port tap ${here}
      ls-add theirs
      lsp-add theirs copy
      set Logical_Switch_Port copy ${here} external_ids:pod=true
    `);
    await leave({ network: "net", name: "n2", chassisId: "chassis-of-n2" }).apply();
    const left = await bench.nbctl("--bare --columns=name list Logical_Switch_Port");
    assert.deepEqual(left.split(/\s+/).sort(), ["copy", portOf("a"), "tap"].sort());
  });

  it("take their chassis along though its priority has been changed", async () => {
    await bench.apply(layer3Brief(pods));
    const chassis = (
      await bench.nbctl("--bare --columns=_uuid find Gateway_Chassis chassis_name=chassis-of-n2")
    )
      .split(/\s+/)
      .join();
    await bench.nbctl(`set Gateway_Chassis ${chassis} priority=7`);
    await leave({ network: "net", name: "n2" }).apply();
    assert.doesNotMatch(await bench.nbctl("list Gateway_Chassis"), /chassis-of-n2/);
  });

  it("of which two chassis are told are known by their names alone: nobody else's pods go", async () => {
    const nodes = [primaryNode("n1", 2), primaryNode("n2", 3)];
    await bench.apply([
      primaryLayer3Brief([], {}, nodes),
      layer2Brief(pods, { name: "two", nad: "default/two" }),
    ]);
    await bench.nbctl("set Logical_Router GR_net_n2 options:chassis=chassis-of-n1");
    const { absent } = await leave({ network: "two", name: "n2" }).apply();
    assert.deepEqual(absent, ['node n2 of network "two"']);
    const left = await bench.nbctl("--bare --columns=name find Logical_Switch_Port external_ids:pod=true");
    assert.deepEqual(left.split(/\s+/).sort(), ["default.two_default_a", "default.two_default_b"]);
  });

  it("take pods whose ports have the node's name in the place of its chassis", async () => {
    await bench.apply(layer2Brief([{ name: "named", node: "n3" }, "a"]));
    await bench.nbctl(`set Logical_Switch_Port ${portOf("named")} options:requested-chassis=n3`);
    await leave({ network: "net", name: "n3", chassisId: "chassis-of-n3" }).apply();
    const left = await bench.nbctl("--bare --columns=name find Logical_Switch_Port external_ids:pod=true");
    assert.equal(left, portOf("a"));
  });

  it("on a primary network do not take the next pod that has the address of one that was seen", async () => {
    await bench.apply(primaryLayer3Brief(["a"]));
    const plan = leave({ network: "net", name: "n1" });
    const { operations } = plan;
    const { input } = primaryLayer3Brief();
    const network = layer3({ ...input, nad: "default/net" });
    const before = await bench.get("Logical_Switch_Port", portOf("a"), "_uuid");
    await network.detach(bench.nb, { namespace: "default", name: "a" });
    await network.attach(bench.nb, { namespace: "default", name: "next", node: "n1" });
    assert.equal(await bench.get("Logical_Switch_Port", portOf("next"), "_uuid"), before);
    const client = await OvsdbClient.of(bench.sandbox);
    await assert.rejects(client.transact(operations), ConflictError);
    assert.equal((await plan.apply()).changed, true);
  });

  it("are told apart from networks of the same request that go as a whole", async () => {
    await bench.apply([layer3Brief(pods), primaryLayer2Brief([], { name: "two" })]);
    await bench.nbctl("lsp-add net_n2 theirs");
    const request = { networks: ["net"], pods: [], nodes: [{ name: "n2" }] };
    assert.throws(
      () => planDeletion(bench.nb, request),
      (error: Error) => error.message.split("Logical_Switch_Port theirs").length === 2,
    );
  });
});
