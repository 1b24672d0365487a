import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand } from "../support/northd.ts";
import { layer2Brief, layer3Brief, localnetBrief, requestFor } from "../support/topology.ts";

const options = { northbound: true, southbound: true, northd: true } as const;

const topologies = { l3: "layer3", l2: "layer2", ln: "localnet" } as const;
/** The networks of the suite as an administrator would type them, from ovn-nbctl(8). */
const byHand = `${sharedByHand}
  lr-add l3_ovn_cluster_router
  set Logical_Router l3_ovn_cluster_router copp=@copp options:always_learn_from_arp_request=false
  ${node("n1", "10.3.0", "fd00:3::", "0a:58:0a:03:00")}
  ${node("n2", "10.3.1", "fd00:3:0:1::", "0a:58:0a:03:01")}
  ls-add l2_ovn_layer2_switch
  set Logical_Switch l2_ovn_layer2_switch other_config:subnet=10.1.0.0/24 'other_config:ipv6_prefix="fd00:1::"'
  ${pod("l2", "l2_ovn_layer2_switch", "n1", "a", "0a:58:0a:01:00:01 10.1.0.1 fd00:1::1")}
  ${pod("l2", "l2_ovn_layer2_switch", "n2", "b", "0a:58:0a:01:00:02 10.1.0.2 fd00:1::2")}
  ls-add ln_ovn_localnet_switch
  set Logical_Switch ln_ovn_localnet_switch other_config:subnet=10.4.0.0/24
  lsp-add ln_ovn_localnet_switch ln_ovn_localnet_port
  lsp-set-type ln_ovn_localnet_port localnet
  lsp-set-addresses ln_ovn_localnet_port unknown
  lsp-set-options ln_ovn_localnet_port network_name=ln
  set Logical_Switch_Port ln_ovn_localnet_port tag_request=20
  ${pod("ln", "ln_ovn_localnet_switch", "n1", "a", "0a:58:0a:04:00:01 10.4.0.1")}
`;

function node(name: string, subnet: string, prefix: string, mac: string): string {
  return `ls-add l3_${name}
  set Logical_Switch l3_${name} other_config:subnet=${subnet}.0/24 other_config:exclude_ips=${subnet}.2 'other_config:ipv6_prefix="${prefix}"'
  lrp-add l3_ovn_cluster_router rtos-l3_${name} ${mac}:01 ${subnet}.1/24 ${prefix}1/64
  set Logical_Router_Port rtos-l3_${name} options:gateway_mtu=1400
  lrp-set-gateway-chassis rtos-l3_${name} chassis-of-${name} 1
  lsp-add l3_${name} stor-l3_${name}
  lsp-set-type stor-l3_${name} router
  lsp-set-addresses stor-l3_${name} router
  lsp-set-options stor-l3_${name} router-port=rtos-l3_${name}
  ${pod("l3", `l3_${name}`, name, `${name}-pod`, `${mac}:03 ${subnet}.3 ${prefix}3`)}`;
}

function pod(
  network: keyof typeof topologies,
  home: string,
  node: string,
  name: string,
  addresses: string,
): string {
  const port = `default.${network}_default_${name}`;
  const ids = [
    "pod=true",
    "namespace=default",
    `k8s.ovn.org/nad=default/${network}`,
    `k8s.ovn.org/network=${network}`,
    `k8s.ovn.org/topology=${topologies[network]}`,
  ];
  return `lsp-add ${home} ${port}
  lsp-set-addresses ${port} "${addresses}"
  lsp-set-port-security ${port} "${addresses}"
  lsp-set-options ${port} requested-chassis=chassis-of-${node}
  set Logical_Switch_Port ${port} ${ids.map((id) => `external_ids:${id}`).join(" ")}`;
}

describeWithOvn("ovn-northd makes the same of what we write and of what an administrator types", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  before(async () => {
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    try {
      const pods = [
        { name: "n1-pod", node: "n1" },
        { name: "n2-pod", node: "n2" },
      ];
      const request = requestFor([
        layer3Brief(pods, { name: "l3", subnets: "10.3.0.0/16/24,fd00:3::/60" }),
        layer2Brief(["a", { name: "b", node: "n2" }], { name: "l2", subnets: "10.1.0.0/24,fd00:1::/64" }),
        localnetBrief(["a"], { name: "ln" }),
      ]);
      await planTopology(nb, request).apply({ wait: "sb" });
    } finally {
      await nb.close();
    }
    await nbctl(theirs.sandbox, byHand);
  });

  it("logical flows", async () => {
    const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
    assert.ok(made.length > 300, `${made.length} flows`);
    for (const datapath of [
      "l3_n1",
      "l3_ovn_cluster_router",
      "l2_ovn_layer2_switch",
      "ln_ovn_localnet_switch",
    ]) {
      assert.ok(
        made.some((line) => line.includes(`"${datapath}"`)),
        datapath,
      );
    }
    assert.deepEqual(made, typed);
  });

  it("port bindings, gateway chassis and meters", async () => {
    const [made, typed] = [await bindings(ours.sandbox), await bindings(theirs.sandbox)];
    assert.ok(made.length > 10);
    assert.deepEqual(made, typed);
  });

  it("and the comparison sees a difference", async () => {
    const before = [await flows(theirs.sandbox), await bindings(theirs.sandbox)];
    await nbctl(
      theirs.sandbox,
      `lsp-set-port-security default.l2_default_a
      lsp-set-addresses default.l2_default_b "0a:58:0a:01:00:02 10.1.0.3"`,
    );
    const after = [await flows(theirs.sandbox), await bindings(theirs.sandbox)];
    assert.notDeepEqual(after[0], before[0]);
    assert.notDeepEqual(after[1], before[1]);
  });
});
