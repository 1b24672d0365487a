import assert from "node:assert/strict";
import type { Pod } from "../../lib/testing/index.ts";
import { layer2, localnet, type Network, type PodAttachment } from "../../lib/topology/index.ts";
import { describeWithCluster, ping } from "../support/multinode.ts";
import { twoNodes, useTwoNodes } from "../support/multinode-pods.ts";

// What udhcpc(8) runs when it has an address: it says what it was told, and takes it.
const bound = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
ip link set "$interface" mtu "$mtu"
env | grep -E "^(ip|mask|mtu|router|dns|lease|domain|hostname|serverid)="`;
const askFor = ["mtu", "hostname", "domain", "lease"].map((option) => `-O ${option}`).join(" ");
const client = `script=$(mktemp) && trap 'rm "$script"' EXIT && cat > "$script" && chmod 700 "$script" &&
  udhcpc -i eth1 -f -n -q -t 20 -T 1 ${askFor} -s "$script" <&-`;

// A client of DHCPv6 that asks once more each 0.3 s (RFC 8415, sections 18.2.1 and 21), and prints what the Advertise says.
const client6 = `
const [device, mac] = process.argv.slice(1);
const option = (code, body) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};
const duid = Buffer.concat([Buffer.from([0, 3, 0, 1]), Buffer.from(mac.replaceAll(":", ""), "hex")]);
const identity = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.alloc(8)]);
const wanted = Buffer.from([0, 23]);
const solicit = Buffer.concat([Buffer.from([1, 1, 2, 3]), option(1, duid), option(3, identity), option(6, wanted), option(8, Buffer.alloc(2))]);
const address = (bytes) => bytes.toString("hex").match(/.{4}/g).join(":");
const read = (bytes) => {
  const found = {};
  for (let at = 0; at + 4 <= bytes.length; ) {
    const code = bytes.readUInt16BE(at);
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    const body = bytes.subarray(at + 4, end);
    if (code === 3) Object.assign(found, read(body.subarray(12)));
    if (code === 5) found.address = address(body.subarray(0, 16));
    if (code === 23) found.dns = address(body.subarray(0, 16));
    at = end;
  }
  return found;
};
const socket = require("dgram").createSocket({ type: "udp6" });
socket.on("message", (bytes) => {
  if (bytes[0] !== 2) return;
  console.log(JSON.stringify(read(bytes.subarray(4))));
  process.exit(0);
});
socket.bind(546, "::", () => {
  const ask = () => socket.send(solicit, 547, "ff02::1:2%" + device, () => {});
  ask();
  setInterval(ask, 300);
  setTimeout(() => { console.error("no answer within 30 s"); process.exit(1); }, 30_000);
});
`;

describeWithCluster("DHCP on networks", () => {
  const ovn = useTwoNodes();

  /** Starts something that has its port's MAC and no address, as a virtual machine does. */
  async function boot(
    network: Network,
    request: Partial<PodAttachment> & { readonly name: string; readonly node: string },
  ): Promise<{ readonly pod: Pod; readonly mac: string; readonly ips: readonly string[] }> {
    const { portName, mac, ips } = await network.attach(
      ovn.nb,
      { namespace: "default", ...request },
      { wait: "hv" },
    );
    const pod = await ovn.cluster.addPod(String(request.node), {
      name: `${network.spec.name}.${request.name}`,
      port: portName,
      interface: "eth1",
      mac,
    });
    assert.deepEqual(
      (await pod.addresses("eth1")).filter((address) => !address.startsWith("fe80")),
      [],
    );
    return { pod, mac, ips };
  }

  /** What a pod is told by DHCPv4; it has the address after that. */
  async function told(pod: Pod): Promise<Record<string, string>> {
    const text = await pod.exec("sh", ["-c", client], { input: bound });
    return Object.fromEntries(
      [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
  }

  it("virtual machines of two namespaces get the addresses of their ports on one secondary network", async () => {
    const network = layer2({
      name: "ovn-k-1",
      nad: ["default/ovn-k-1", "nico-demo-vm/ovn-k-1"],
      subnets: "10.100.200.0/24",
      mtu: 1300,
      dhcp: { router: "10.100.200.1", dnsServers: "10.100.200.53,10.100.200.54", domainName: "example.org" },
    });
    await network.plan(ovn.nb, { nodes: twoNodes }).apply();
    const a = await boot(network, { name: "a", node: "node1", vm: { name: "vm-a" } });
    const b = await boot(network, {
      name: "b",
      node: "node2",
      namespace: "nico-demo-vm",
      nad: "nico-demo-vm/ovn-k-1",
      vm: { name: "vm-b" },
    });
    assert.deepEqual([a.ips, b.ips], [["10.100.200.2/24"], ["10.100.200.3/24"]]);
    assert.deepEqual(await told(a.pod), {
      dns: "10.100.200.53 10.100.200.54",
      domain: "example.org",
      hostname: "vm-a",
      ip: "10.100.200.2",
      lease: "3500",
      mask: "24",
      mtu: "1300",
      router: "10.100.200.1",
      serverid: "169.254.1.1",
    });
    const other = await told(b.pod);
    assert.deepEqual([other["ip"], other["hostname"]], ["10.100.200.3", "vm-b"]);
    assert.equal(await ping(a.pod, "10.100.200.3"), 64);

    // Another address for the same interface, and the machine asks again.
    await network.attach(
      ovn.nb,
      {
        namespace: "nico-demo-vm",
        name: "b",
        node: "node2",
        nad: "nico-demo-vm/ovn-k-1",
        ips: ["10.100.200.77"],
        mac: b.mac,
        vm: { name: "vm-b" },
      },
      { wait: "hv" },
    );
    await b.pod.exec("ip", ["address", "flush", "dev", "eth1"]);
    assert.equal((await told(b.pod))["ip"], "10.100.200.77");
    assert.equal(await ping(a.pod, "10.100.200.77"), 64);
  });

  it("with two families a machine asks for both, and a pod that is none is served, too", async () => {
    const network = layer2({
      name: "dual",
      nad: "default/dual",
      subnets: "10.101.0.0/24,fd00:101::/64",
      dhcp: { dnsServers: "fd00:101::53" },
    });
    await network.plan(ovn.nb, { nodes: twoNodes, clusterMtu: 1350 }).apply();
    const machine = await boot(network, { name: "a", node: "node1", vm: { name: "vm-a" } });
    const pod = await boot(network, { name: "b", node: "node2" });
    for (const { pod: place, mac, ips } of [machine, pod]) {
      const [four = "", six = ""] = ips.map((ip) => ip.replace(/\/.*/, ""));
      const { ip, mtu, dns } = await told(place);
      assert.deepEqual([ip, mtu, dns], [four, "1350", undefined]);
      const answer = await place.exec(process.execPath, ["-e", client6, "eth1", mac]);
      assert.deepEqual(JSON.parse(answer), {
        address: `fd00:0101:0000:0000:0000:0000:0000:000${six.slice(-1)}`,
        dns: "fd00:0101:0000:0000:0000:0000:0000:0053",
      });
    }
    assert.equal(await ping(machine.pod, pod.ips[0]?.replace(/\/.*/, "") ?? ""), 64);
  });

  it("a machine on a localnet network gets its address from its port, not from the wire", async () => {
    const network = localnet({
      name: "wire",
      nad: "default/wire",
      subnets: "10.102.0.0/24",
      excludeSubnets: "10.102.0.100/32",
      physicalNetworkName: "physnet",
      dhcp: { router: "10.102.0.100" },
    });
    await network.plan(ovn.nb, { nodes: twoNodes }).apply();
    const host = await ovn.cluster.addPhysicalHost({ name: "outside", addresses: ["10.102.0.100/24"] });
    const machine = await boot(network, { name: "a", node: "node1", vm: { name: "vm-a" } });
    const { ip, router } = await told(machine.pod);
    assert.deepEqual([ip, router], ["10.102.0.1", "10.102.0.100"]);
    assert.equal(await ping(machine.pod, "10.102.0.100"), 64);
    assert.equal(await ping(host, "10.102.0.1"), 64);
  });

  it("nobody answers on a network without it", async () => {
    const network = layer2({ name: "mute", nad: "default/mute", subnets: "10.103.0.0/24" });
    await network.plan(ovn.nb, { nodes: twoNodes }).apply();
    const { pod } = await boot(network, { name: "a", node: "node1", vm: { name: "vm-a" } });
    await assert.rejects(
      pod.exec("udhcpc", ["-i", "eth1", "-f", "-n", "-q", "-t", "3", "-T", "1", "-s", "/bin/true"]),
    );
  });
});
