import assert from "node:assert/strict";
import { layer2, layer3, localnet } from "../../lib/topology/index.ts";
import { describeWithCluster, isUnreachable, ping, seenOnWire, tcpEcho } from "../support/multinode.ts";
import { attachPod, useTwoNodes } from "../support/multinode-pods.ts";

describeWithCluster("networks with packets", () => {
  const ovn = useTwoNodes();

  it("layer3 with two families routes both", async () => {
    const { a, b } = await ovn.pair(
      layer3({ name: "dual3", nad: "default/dual3", subnets: "10.60.0.0/16/24,fd00:60::/48/64" }),
    );
    const [four = "", six = ""] = b.attachment.ips.map((ip) => ip.replace(/\/.*/, ""));
    assert.match(`${four} ${six}`, /^10\.60\.1\.3 fd00:60:0:\d::3$/);
    assert.equal(await ping(a.pod, four), 63);
    assert.equal(await ping(a.pod, six), 63);
    await tcpEcho(a.pod, b.pod, four);
    await tcpEcho(a.pod, b.pod, six);
  });

  it("layer2 with IPv6 alone", async () => {
    const { a, b } = await ovn.pair(layer2({ name: "six", nad: "default/six", subnets: "fd00:61::/64" }));
    assert.equal(await ping(a.pod, b.ip), 64);
    await tcpEcho(a.pod, b.pod, b.ip);
  });

  it("two networks on the same subnet stay apart", async () => {
    const subnets = "10.50.0.0/24";
    const blue = layer2({ name: "blue", nad: "default/blue", subnets });
    const red = layer2({ name: "red", nad: "default/red", subnets });
    const blues = await ovn.pair(blue);
    const reds = await ovn.pair(red);
    assert.deepEqual([blues.b.ip, reds.b.ip], ["10.50.0.2", "10.50.0.2"]);
    assert.equal(await ping(blues.a.pod, "10.50.0.2"), 64);
    assert.equal(await ping(reds.a.pod, "10.50.0.2"), 64);

    // Gone in one, the same address goes on answering in the other.
    await blues.b.pod.remove();
    await blue.detach(ovn.nb, { namespace: "default", name: "b" }, { wait: "hv" });
    assert.ok(await isUnreachable(blues.a.pod, "10.50.0.2"));
    assert.equal(await ping(reds.a.pod, "10.50.0.2"), 64);

    // Attached again, on the other node, it works as before.
    const again = await attachPod(ovn.cluster, ovn.nb, blue, { name: "b", node: "node1" });
    assert.equal(again.ip, "10.50.0.2");
    assert.equal(await ping(blues.a.pod, "10.50.0.2"), 64);
  });

  it("one network serves several namespaces", async () => {
    const network = layer2({
      name: "shared",
      nad: ["shop/shared", "office/shared"],
      subnets: "10.51.0.0/24",
    });
    const { a, b } = await ovn.pair(network, {
      a: { namespace: "shop", nad: "shop/shared" },
      b: { namespace: "office", nad: "office/shared" },
    });
    assert.equal(await ping(a.pod, b.ip), 64);
  });

  it("excluded addresses go to no pod, and the others work", async () => {
    const network = layer2({
      name: "small",
      nad: "default/small",
      subnets: "10.52.0.0/29",
      excludeSubnets: ["10.52.0.1/32", "10.52.0.4/31"],
    });
    const { a, b } = await ovn.pair(network);
    const c = await attachPod(ovn.cluster, ovn.nb, network, { name: "c", node: "node2" });
    assert.deepEqual([a.ip, b.ip, c.ip], ["10.52.0.2", "10.52.0.3", "10.52.0.6"]);
    assert.equal(await ping(a.pod, "10.52.0.3"), 64);
    assert.equal(await ping(a.pod, "10.52.0.6"), 64);
    await assert.rejects(
      network.attach(ovn.nb, { namespace: "default", name: "d", node: "node1" }),
      /10\.52\.0\.0\/29/,
    );
  });

  it("port security drops a false source address", async () => {
    const network = layer2({ name: "safe", nad: "default/safe", subnets: "10.53.0.0/24" });
    const { a, b } = await ovn.pair(network);
    assert.equal(await ping(a.pod, b.ip), 64);
    await a.pod.exec("ip", ["address", "add", "10.53.0.99/24", "dev", "eth1"]);
    const forged = (): Promise<string> => a.pod.exec("ping", ["-n", "-c1", "-W1", "-I", "10.53.0.99", b.ip]);
    const seen = seenOnWire(b.pod, "eth1", "icmp and src 10.53.0.99", forged);
    await assert.rejects(
      Promise.race([seen, isUnreachableFrom(forged).then(() => Promise.reject(new Error("dropped")))]),
      /dropped/,
    );
    // Without port security the same packet arrives, so it was that which dropped it.
    await ovn.cluster.run("ovn-nbctl", ["--wait=hv", "lsp-set-port-security", a.attachment.portName]);
    assert.match(await seen, /10\.53\.0\.99 > 10\.53\.0\.2/);
  });

  /** Resolves after three attempts that failed. */
  async function isUnreachableFrom(attempt: () => Promise<string>): Promise<void> {
    for (let count = 0; count < 3; count += 1) {
      await assert.rejects(attempt());
    }
  }

  it("localnet with a VLAN is 802.1Q on the wire, and out of reach for others there", async () => {
    const network = localnet({
      name: "vlan",
      nad: "default/vlan",
      subnets: "10.54.0.0/24",
      excludeSubnets: "10.54.0.100/31",
      vlanID: 100,
      physicalNetworkName: "physnet",
    });
    const { a, b } = await ovn.pair(network);
    const inside = await ovn.cluster.addPhysicalHost({
      name: "inside",
      addresses: ["10.54.0.100/24"],
      vlan: 100,
    });
    const outside = await ovn.cluster.addPhysicalHost({ name: "outside", addresses: ["10.54.0.101/24"] });
    assert.equal(await ping(a.pod, b.ip), 64);
    assert.equal(await ping(a.pod, "10.54.0.100"), 64);
    assert.equal(await ping(inside, b.ip), 64);
    await tcpEcho(a.pod, inside, "10.54.0.100");
    assert.ok(await isUnreachable(outside, a.ip));
    const frame = await seenOnWire(ovn.cluster.node("node1"), "eth2", "vlan 100 and icmp", () =>
      ping(a.pod, "10.54.0.100"),
    );
    assert.match(frame, /ethertype 802\.1Q \(0x8100\), length \d+: vlan 100,/);
  });

  it("deleting a network ends its traffic", async () => {
    const network = layer3({ name: "gone", nad: "default/gone", subnets: "10.55.0.0/16/24" });
    const { a, b } = await ovn.pair(network);
    assert.equal(await ping(a.pod, b.ip), 63);
    await network.delete(ovn.nb, { wait: "hv" });
    assert.ok(await isUnreachable(a.pod, b.ip));
  });
});
