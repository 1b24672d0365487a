import assert from "node:assert/strict";
import {
  layer2,
  layer3,
  localnet,
  type Network,
  type NodeInput,
  networkStatus,
  type PodAttachment,
  planDeletion,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { useTopologyBench } from "../support/topology.ts";

// What a program hands on as it came, an option of its own that may be absent, has `undefined` in it. That it compiles is half
// of the test.

const nothing = {
  nad: undefined,
  role: undefined,
  excludeSubnets: undefined,
  mtu: undefined,
  underlayMtu: undefined,
  vlanID: undefined,
  physicalNetworkName: undefined,
  allowPersistentIPs: undefined,
  joinSubnet: undefined,
  transitSubnet: undefined,
  reservedSubnets: undefined,
  infrastructureSubnets: undefined,
  defaultGatewayIPs: undefined,
  networkId: undefined,
  dhcp: undefined,
  tunnelKeys: undefined,
};
const nowhere: Omit<NodeInput, "name"> = {
  chassisId: undefined,
  subnets: undefined,
  gatewayMtuSupport: undefined,
  zone: undefined,
  transitAddresses: undefined,
  id: undefined,
  gateway: undefined,
  hostAddresses: undefined,
  masqueradeSubnets: undefined,
  networkIds: undefined,
};
const bare: Omit<PodAttachment, "namespace" | "name" | "node" | "nad"> = {
  uid: undefined,
  mac: undefined,
  ips: undefined,
  recorded: undefined,
  labels: undefined,
  ports: undefined,
  vm: undefined,
  defaultPort: undefined,
  claim: undefined,
  source: undefined,
};
const options = {
  profile: undefined,
  mode: undefined,
  zone: undefined,
  gatewayMode: undefined,
  clusterMtu: undefined,
  migrate: undefined,
};

describeWithOvn("a field of a network, a node or a pod that is undefined", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  const networks: readonly (readonly [what: string, bare: Network, full: Network])[] = [
    [
      "layer3",
      layer3({ name: "net", nad: "d/net", subnets: [{ cidr: "10.1.0.0/16" }] }),
      layer3({
        ...nothing,
        name: "net",
        nad: "d/net",
        subnets: [{ cidr: "10.1.0.0/16", hostPrefix: undefined }],
      }),
    ],
    [
      "layer2",
      layer2({ name: "net", nad: "d/net" }),
      layer2({ ...nothing, name: "net", nad: "d/net", subnets: undefined }),
    ],
    [
      "localnet",
      localnet({ name: "net", nad: "d/net", subnets: "10.1.0.0/16" }),
      localnet({ ...nothing, name: "net", nad: "d/net", subnets: "10.1.0.0/16" }),
    ],
  ];

  for (const [what, without, network] of networks) {
    it(`is as one that is left out, on ${what}`, async () => {
      const { nb } = bench;
      const node = { name: "n1", chassisId: "chassis-of-n1" };
      const web = { namespace: "d", name: "web", node: "n1" };
      await without.plan(nb, { nodes: [node], pods: [web] }).apply();
      assert.deepEqual(network.spec, without.spec);
      const given = { nodes: [{ ...nowhere, ...node }], pods: [{ ...bare, nad: undefined, ...web }] };
      const again = network.plan(nb, {
        ...options,
        claims: undefined,
        prune: undefined,
        merge: undefined,
        ...given,
      });
      assert.deepEqual(again.changes, []);
      assert.deepEqual(network.plan(nb, { nodes: undefined, pods: undefined }).changes, []);

      // What the database tells of the node stands where the caller tells nothing.
      const api = { namespace: "d", name: "api", node: { name: "n1" } };
      const one = await without.attach(nb, api, { dryRun: true });
      const told = { ...options, claims: undefined };
      const same = await network.attach(nb, { ...bare, ...api, node: { ...nowhere, name: "n1" } }, told);
      assert.deepEqual(same, one);
      const port = nb.tables.Logical_Switch_Port.get({ name: one.portName });
      await without.detach(nb, { namespace: "d", name: "api" });
      await without.attach(nb, api);
      assert.deepEqual(port?.options, nb.tables.Logical_Switch_Port.get({ name: one.portName })?.options);

      const pod = { namespace: "d", name: "web", nad: "d/net", network: undefined, uid: undefined };
      const leaving = {
        networks: [],
        pods: [pod],
        nodes: undefined,
        policies: undefined,
        services: undefined,
      };
      assert.deepEqual(
        planDeletion(nb, { ...leaving, force: undefined }).changes.map(({ name }) => name),
        [one.portName.replace("api", "web")],
      );
      assert.equal(
        (await network.detach(nb, { namespace: "d", name: "web", nad: undefined, uid: undefined })).changed,
        true,
      );
      await network.removeNode(nb, { ...nowhere, name: "n1" }, { force: undefined });
      await network.delete(nb, { force: undefined });
    });
  }

  it("is none of a status either", () => {
    const port = { nad: "d/net", interface: "net1", ips: [], mac: "0a:58:0a:01:00:03" };
    assert.deepEqual(networkStatus([{ ...port, primary: undefined }]), networkStatus([port]));
  });
});
