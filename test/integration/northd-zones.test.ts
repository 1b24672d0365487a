import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { Sandbox } from "../../lib/testing/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl, sharedByHand } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { ids, primaryLayer2ByHand, primaryLayer3ByHand } from "../support/primary-by-hand.ts";
import { requestFor } from "../support/topology.ts";
import { primaryZoneNode, recordedPod, zoneNode } from "../support/zones.ts";

// As for primary networks without zones: what a server without NAT.match cannot hold, nobody can type into it either.
const options = {
  northbound: schemaWithout("7.3.0", ["NAT.match"]),
  southbound: true,
  northd: true,
} as const;

const INTERCONNECTED =
  "other_config:mcast_snoop=true other_config:mcast_querier=false other_config:mcast_flood_unregistered=true";

/** The network of a switch that is the same in all zones, from ovn-nb(5), `interconn-ts` and `requested-tnl-key`. */
function shared(name: string, key: number): string {
  return `set Logical_Switch ${name} other_config:interconn-ts=${name} other_config:requested-tnl-key=${key} ${INTERCONNECTED}`;
}

/** Between the zones of a layer3 network, in the database of node n1, id 2. */
function transit(network: string, key: number, routes: readonly string[]): string {
  const [home, router] = [`${network}_transit_switch`, `${network}_ovn_cluster_router`];
  return `
  ls-add ${home}
  ${shared(home, key)}
  lrp-add ${router} ${network}_rtots-n1 0a:58:64:58:00:02 100.88.0.2/16
  set Logical_Router_Port ${network}_rtots-n1 options:mcast_flood=true
  lsp-add ${home} ${network}_tstor-n1
  lsp-set-type ${network}_tstor-n1 router
  lsp-set-addresses ${network}_tstor-n1 router
  lsp-set-options ${network}_tstor-n1 router-port=${network}_rtots-n1 requested-tnl-key=2
  set Logical_Switch_Port ${network}_tstor-n1 external_ids:node=n1
  lsp-add ${home} ${network}_tstor-n2
  lsp-set-type ${network}_tstor-n2 remote
  lsp-set-addresses ${network}_tstor-n2 "0a:58:64:58:00:03 100.88.0.3/16"
  lsp-set-options ${network}_tstor-n2 requested-chassis=chassis-of-n2 requested-tnl-key=3
  set Logical_Switch_Port ${network}_tstor-n2 external_ids:node=n2
  ${routes.map((prefix) => `lr-route-add ${router} ${prefix} 100.88.0.3`).join("\n")}
  `;
}

/** A pod's port on a layer2 network; those of other zones are of type remote. */
function pod(network: string, name: string, number: number, node: string, subnet: string): string {
  const port = `default.${network}_default_${name}`;
  const octets = subnet.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  const addresses = `0a:58:${octets.join(":")}:0${number} ${subnet}.${number}`;
  return `
  lsp-add ${network}_ovn_layer2_switch ${port}
  ${node === "n1" ? "" : `lsp-set-type ${port} remote`}
  lsp-set-addresses ${port} "${addresses}"
  lsp-set-port-security ${port} "${addresses}"
  lsp-set-options ${port} requested-chassis=chassis-of-${node} iface-id-ver=uid-of-${name} requested-tnl-key=${number}
  ${ids("Logical_Switch_Port", port, network, "layer2")}
  set Logical_Switch_Port ${port} external_ids:pod=true external_ids:namespace=default external_ids:k8s.ovn.org/nad=default/${network}
  `;
}

const secondaryByHand = `
  lr-add l3_ovn_cluster_router
  set Logical_Router l3_ovn_cluster_router copp=@copp options:always_learn_from_arp_request=false
  ls-add l3_n1
  set Logical_Switch l3_n1 other_config:subnet=10.3.0.0/24 other_config:exclude_ips=10.3.0.2
  lrp-add l3_ovn_cluster_router rtos-l3_n1 0a:58:0a:03:00:01 10.3.0.1/24
  set Logical_Router_Port rtos-l3_n1 options:gateway_mtu=1400
  lrp-set-gateway-chassis rtos-l3_n1 chassis-of-n1 1
  lsp-add l3_n1 stor-l3_n1
  lsp-set-type stor-l3_n1 router
  lsp-set-addresses stor-l3_n1 router
  lsp-set-options stor-l3_n1 router-port=rtos-l3_n1
  ${transit("l3", 16_711_683 + 7, ["10.3.1.0/24"])}
  ls-add l2_ovn_layer2_switch
  set Logical_Switch l2_ovn_layer2_switch other_config:subnet=10.1.0.0/16
  ${shared("l2_ovn_layer2_switch", 16_711_683 + 8)}
  ${pod("l2", "near", 4, "n1", "10.1.0")}
  ${pod("l2", "far", 5, "n2", "10.1.0")}
`;

const router = "p2_transit_router";
const primaryByHand = `
  ${primaryLayer3ByHand("shared", ["n1"])}
  ${transit("p3", 16_711_683 + 1, ["10.5.1.0/24", "100.65.0.3/32"])}
  ${primaryLayer2ByHand()}
  ${shared("p2_ovn_layer2_switch", 16_711_685)}
  remove Logical_Router ${router} options always_learn_from_arp_request
  set Logical_Router ${router} options:requested-tnl-key=16715779
  lrp-add ${router} trtor-GR_p2_n2 0a:58:64:58:00:06 100.88.0.6/31
  set Logical_Router_Port trtor-GR_p2_n2 options:requested-tnl-key=13 options:requested-chassis=chassis-of-n2
  ${ids("Logical_Router_Port", "trtor-GR_p2_n2", "p2", "layer2")}
  set Logical_Router_Port trtor-GR_p2_n2 external_ids:k8s.ovn.org/node=n2
  lr-route-add ${router} 100.65.0.3/32 100.88.0.7
  ${pod("p2", "near", 8, "n1", "10.6.0")}
  ${pod("p2", "far", 9, "n2", "10.6.0")}
`;

/** Keys of datapaths and ports by name: those that were asked for must be the same in all zones. */
async function tunnelKeys(sandbox: Sandbox): Promise<string[]> {
  const list = async (table: string, name: string): Promise<string[]> => {
    const columns = `--columns=${name},tunnel_key`;
    const text = await sandbox.run("ovn-sbctl", ["-f", "json", columns, "list", table]);
    const { data } = JSON.parse(text) as { data: [string | [string, [string, string][]], number][] };
    return data.map(([cell, key]) => {
      const own = typeof cell === "string" ? cell : (Object.fromEntries(cell[1])["name"] ?? "");
      return `${own} ${key}`;
    });
  };
  return [
    ...(await list("Datapath_Binding", "external_ids")),
    ...(await list("Port_Binding", "logical_port")),
  ].sort();
}

describeWithOvn("ovn-northd makes the same of zones and of what an administrator types", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  before(async () => {
    const nb = await connectNorthbound(ours.sandbox.northbound.remote);
    const nodes = [
      primaryZoneNode("n1", 2, { subnets: { l3: ["10.3.0.0/24"], p3: ["10.5.0.0/24"] } }),
      primaryZoneNode("n2", 3, { subnets: { l3: ["10.3.1.0/24"], p3: ["10.5.1.0/24"] } }),
    ];
    const pods = (first: number, subnet: string) => [
      recordedPod("near", first, "n1", subnet),
      recordedPod("far", first + 1, "n2", subnet),
    ];
    try {
      const request = requestFor(
        [
          { topology: "layer3", input: { name: "l3", subnets: "10.3.0.0/16", networkId: 7 }, nodes },
          {
            topology: "layer2",
            input: { name: "l2", subnets: "10.1.0.0/16", networkId: 8 },
            nodes: [zoneNode("n1", 2), zoneNode("n2", 3)],
            pods: pods(4, "10.1.0"),
          },
          {
            topology: "layer3",
            input: { name: "p3", role: "primary", subnets: "10.5.0.0/16", networkId: 1 },
            nodes,
          },
          {
            topology: "layer2",
            input: {
              name: "p2",
              role: "primary",
              subnets: "10.6.0.0/16",
              networkId: 2,
              tunnelKeys: [16_711_685, 16_715_779],
            },
            nodes,
            pods: pods(8, "10.6.0"),
          },
        ],
        { mode: "interconnect", zone: "n1" },
      );
      await planTopology(nb, request).apply({ wait: "sb" });
    } finally {
      await nb.close();
    }
    await nbctl(theirs.sandbox, `${sharedByHand}${secondaryByHand}${primaryByHand}`);
  });

  it("logical flows", async () => {
    const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
    assert.ok(made.length > 500, `${made.length} flows`);
    for (const datapath of ["l3_transit_switch", "l2_ovn_layer2_switch", "p3_transit_switch", router])
      assert.ok(
        made.some((line) => line.includes(`"${datapath}"`)),
        datapath,
      );
    assert.deepEqual(made, typed);
  });

  it("port bindings, gateway chassis and meters", async () => {
    const [made, typed] = [await bindings(ours.sandbox), await bindings(theirs.sandbox)];
    assert.ok(made.length > 20);
    assert.deepEqual(made, typed);
  });

  it("the keys that zones share are those that were given", async () => {
    const made = await tunnelKeys(ours.sandbox);
    for (const wanted of [
      "l3_transit_switch 16711690",
      "l3_tstor-n1 2",
      "l3_tstor-n2 3",
      "l2_ovn_layer2_switch 16711691",
      "default.l2_default_near 4",
      "default.l2_default_far 5",
      "p3_transit_switch 16711684",
      "p2_ovn_layer2_switch 16711685",
      `${router} 16715779`,
      "trtor-GR_p2_n1 12",
      "trtor-GR_p2_n2 13",
      "default.p2_default_far 9",
    ])
      assert.ok(made.includes(wanted), `${wanted} in ${made.join(", ")}`);
  });

  it("remote ports find the chassis of their zone", async () => {
    await ours.sandbox.run("ovn-sbctl", ["chassis-add", "chassis-of-n2", "geneve", "127.0.0.2"]);
    const chassis = await ours.sandbox.run("ovn-sbctl", ["--bare", "--columns=_uuid", "list", "Chassis"]);
    await nbctl(ours.sandbox, "set NB_Global . external_ids:seen=true");
    const found = await ours.sandbox.run("ovn-sbctl", [
      "--bare",
      "--columns=logical_port",
      "find",
      "Port_Binding",
      `requested_chassis=${chassis.trim()}`,
    ]);
    for (const port of ["l3_tstor-n2", "p3_tstor-n2", "default.l2_default_far", "default.p2_default_far"])
      assert.ok(found.split(/\s+/).includes(port), `${port} in ${found}`);
  });

  it("and the comparison sees a route and a remote port that differ", async () => {
    const before = await flows(theirs.sandbox);
    await nbctl(theirs.sandbox, "lr-route-del l3_ovn_cluster_router 10.3.1.0/24");
    const without = await flows(theirs.sandbox);
    assert.notDeepEqual(without, before);
    await nbctl(theirs.sandbox, 'lsp-set-addresses p3_tstor-n2 "0a:58:64:58:00:03 100.88.0.4/16"');
    assert.notDeepEqual(await flows(theirs.sandbox), without);
  });
});
