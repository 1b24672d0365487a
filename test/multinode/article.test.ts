import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { PhysicalHost, Pod } from "../../lib/testing/index.ts";
import {
  legacyPhysicalNetworkName,
  type NetworkSpec,
  type Northbound,
  type PlannedAttachment,
  planTopology,
} from "../../lib/topology/index.ts";
import { articleSources, requestOf } from "../support/article.ts";
import {
  describeWithCluster,
  isUnreachable,
  ping,
  seenOnWire,
  tcpEcho,
  useCluster,
} from "../support/multinode.ts";
import { startPod } from "../support/multinode-pods.ts";
import { waitFor } from "../support/wait-for.ts";

const request = requestOf(articleSources());
const nodes = request.networks[0]?.nodes ?? [];
const localnetName = "localnet-network";

/** A shell command that sets one of the kernel's settings for IPv4. */
function setting(text: string): string {
  const [name = "", value = ""] = text.split("=");
  return `echo ${value} > /proc/sys/net/ipv4/${name.replaceAll(".", "/")}`;
}

for (const profile of ["ovn-kubernetes-2023", "ovn-kubernetes"] as const) {
  describeWithCluster(`the article with packets, profile ${profile}`, () => {
    const ovn = useCluster({
      gateways: 0,
      chassis: nodes.map(({ name, chassisId }) => ({ name, ...(chassisId !== undefined && { chassisId }) })),
      physicalNetworks: [localnetName, legacyPhysicalNetworkName(localnetName)],
    });
    const pods = new Map<string, Pod>();
    let nb: Northbound;
    let machine: PhysicalHost;
    let attachments: readonly PlannedAttachment[] = [];

    before(async () => {
      nb = await connectNorthbound(ovn.cluster.northbound);
      ({ attachments } = await planTopology(nb, { ...request, profile }).apply({ wait: "hv" }));
      await Promise.all(
        attachments.map(async (attachment) => {
          pods.set(attachment.input.name, await startPod(ovn.cluster, specOf(attachment), attachment));
        }),
      );
      machine = await ovn.cluster.addPhysicalHost({ name: "machine", addresses: ["192.168.100.102/24"] });
    });
    after(() => nb?.close());

    function specOf({ network }: PlannedAttachment): NetworkSpec {
      const found = request.networks.find(({ spec }) => spec.name === network);
      assert.ok(found, network);
      return found.spec;
    }

    function pod(name: string): Pod {
      const found = pods.get(name);
      assert.ok(found, name);
      return found;
    }

    it("gives the pods the article's addresses, and they have them", async () => {
      const expected: Readonly<Record<string, readonly [mac: string, ip: string]>> = {
        "nginx1-l3": ["0a:58:0a:21:02:03", "10.33.2.3/24"],
        "nginx2-l3": ["0a:58:0a:21:01:03", "10.33.1.3/24"],
        "nginx1-l2": ["0a:58:0a:16:00:01", "10.22.0.1/16"],
        "nginx2-l2": ["0a:58:0a:16:00:02", "10.22.0.2/16"],
        "nginx1-lo": ["0a:58:c0:a8:64:04", "192.168.100.4/24"],
        "nginx2-lo": ["0a:58:c0:a8:64:05", "192.168.100.5/24"],
      };
      assert.deepEqual([...pods.keys()].sort(), Object.keys(expected).sort());
      for (const [name, [mac, ip]] of Object.entries(expected)) {
        assert.deepEqual(await pod(name).addresses("eth1"), [ip]);
        assert.match(await pod(name).exec("ip", ["link", "show", "eth1"]), new RegExp(mac));
      }
      const routes = await pod("nginx1-l3").exec("ip", ["route"]);
      assert.match(routes, /^10\.33\.0\.0\/16 via 10\.33\.2\.1 dev eth1/m);
    });

    it("layer3: pod to pod on another node, over the router", async () => {
      assert.equal(await ping(pod("nginx1-l3"), "10.33.1.3"), 63);
      assert.equal(await ping(pod("nginx2-l3"), "10.33.2.3"), 63);
      await tcpEcho(pod("nginx1-l3"), pod("nginx2-l3"), "10.33.1.3");
      const frame = await seenOnWire(
        pod("nginx2-l3"),
        "eth1",
        "icmp[icmptype] == icmp-echo and dst 10.33.1.3",
        () => ping(pod("nginx1-l3"), "10.33.1.3"),
      );
      assert.match(frame, /0a:58:0a:21:01:01 > 0a:58:0a:21:01:03, ethertype IPv4/);
    });

    it("layer3: the gateway of each node's subnet answers", async () => {
      assert.equal(await ping(pod("nginx1-l3"), "10.33.2.1"), 254);
    });

    it("layer2: pod to pod on another node, on one switch", async () => {
      assert.equal(await ping(pod("nginx1-l2"), "10.22.0.2"), 64);
      assert.equal(await ping(pod("nginx2-l2"), "10.22.0.1"), 64);
      await tcpEcho(pod("nginx1-l2"), pod("nginx2-l2"), "10.22.0.2");
      const frame = await seenOnWire(
        pod("nginx2-l2"),
        "eth1",
        "icmp[icmptype] == icmp-echo and dst 10.22.0.2",
        () => ping(pod("nginx1-l2"), "10.22.0.2"),
      );
      assert.match(frame, /0a:58:0a:16:00:01 > 0a:58:0a:16:00:02, ethertype IPv4/);
    });

    it("localnet: pod to pod through the physical network, untunnelled", async () => {
      assert.equal(await ping(pod("nginx1-lo"), "192.168.100.5"), 64);
      await tcpEcho(pod("nginx1-lo"), pod("nginx2-lo"), "192.168.100.5");
      const frame = await seenOnWire(
        ovn.cluster.node("work002"),
        "eth2",
        "icmp[icmptype] == icmp-echo and dst 192.168.100.5",
        () => ping(pod("nginx1-lo"), "192.168.100.5"),
      );
      assert.match(frame, /0a:58:c0:a8:64:04 > 0a:58:c0:a8:64:05, ethertype IPv4/);
    });

    it("localnet: pods and a machine of the physical network reach each other", async () => {
      assert.equal(await ping(pod("nginx1-lo"), "192.168.100.102"), 64);
      assert.equal(await ping(machine, "192.168.100.5"), 64);
      await tcpEcho(pod("nginx2-lo"), machine, "192.168.100.102");
      await tcpEcho(machine, pod("nginx1-lo"), "192.168.100.4");
    });

    it("localnet: a pod reaches what is behind a router of the physical network", async () => {
      const { cluster } = ovn;
      const router = await cluster.addPhysicalHost({
        name: "router",
        addresses: ["192.168.100.1/24", "192.168.200.1/24"],
      });
      // Both networks are on one wire here: it must not tell the pod a shorter way.
      const settings = ["ip_forward=1", "conf.all.send_redirects=0", "conf.eth0.send_redirects=0"];
      await router.exec("sh", ["-ec", settings.map(setting).join("\n")]);
      const behind = await cluster.addPhysicalHost({
        name: "behind",
        addresses: ["192.168.200.102/24"],
        routes: [{ to: "192.168.100.0/24", via: "192.168.200.1" }],
      });
      const route = ["route", "add", "192.168.200.102/32", "via", "192.168.100.1", "dev", "eth1"];
      await pod("nginx1-lo").exec("ip", route);
      assert.equal(await ping(pod("nginx1-lo"), "192.168.200.102"), 63);
      await tcpEcho(pod("nginx1-lo"), behind, "192.168.200.102");
      assert.equal(await ping(behind, "192.168.100.4"), 63);
    });

    it("keeps a second network apart from the pods' default network", async () => {
      const { cluster } = ovn;
      await cluster.run("ovn-nbctl", [
        ...["--wait=hv", "ls-add", "work001"],
        ...["--", "lsp-add", "work001", "default_nginx1-l3"],
        ...["--", "lsp-set-addresses", "default_nginx1-l3", "0a:58:0a:7c:01:06 10.124.1.6"],
        ...["--", "lsp-add", "work001", "default_plain"],
        ...["--", "lsp-set-addresses", "default_plain", "0a:58:0a:7c:01:07 10.124.1.7"],
      ]);
      await pod("nginx1-l3").addInterface({
        port: "default_nginx1-l3",
        mac: "0a:58:0a:7c:01:06",
        addresses: ["10.124.1.6/24"],
      });
      const plain = await cluster.addPod("work001", {
        port: "default_plain",
        mac: "0a:58:0a:7c:01:07",
        addresses: ["10.124.1.7/24"],
        routes: [{ to: "10.33.0.0/16", via: "10.124.1.6" }],
      });
      assert.equal(await ping(pod("nginx1-l3"), "10.124.1.7"), 64);
      assert.ok(await isUnreachable(plain, "10.33.1.3"));
      assert.equal(await ping(pod("nginx1-l3"), "10.33.1.3"), 63);
    });

    it("keeps the networks apart from each other", async () => {
      const over = async (name: string, to: string): Promise<boolean> => {
        await pod(name).exec("ip", ["route", "replace", `${to}/32`, "dev", "eth1"]);
        return await isUnreachable(pod(name), to);
      };
      assert.ok(await over("nginx1-l2", "10.33.1.3"));
      assert.ok(await over("nginx1-l2", "192.168.100.5"));
      assert.ok(await over("nginx1-lo", "10.22.0.2"));
    });

    it("says in the database what is up, and where it is bound", async () => {
      for (const { portName, input } of attachments) {
        await waitFor(() => nb.tables.Logical_Switch_Port.find({ name: portName })[0]?.up === true, {
          what: `${portName} is up`,
        });
        const chassis = nodes.find(({ name }) => name === input.node)?.chassisId ?? input.node;
        const bound = await ovn.cluster.run("ovn-sbctl", [
          ...["--bare", "--columns=chassis", "find", "Port_Binding", `logical_port="${portName}"`],
        ]);
        const name = await ovn.cluster.run("ovn-sbctl", ["get", "Chassis", bound.trim(), "name"]);
        assert.equal(name.trim().replaceAll('"', ""), chassis);
      }
    });
  });
}
