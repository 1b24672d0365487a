import assert from "node:assert/strict";
import { layer2, layer3, NameCollisionError } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, layer2Brief, useTopologyBench } from "../support/topology.ts";
import { primaryZoneNode, recordedPod, zoneBriefs } from "../support/zones.ts";

const GROUP = "a8747502060113802905";

describeWithOvn("pods of primary networks on the cluster's own network", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const nodes = [
    primaryNode("n1", 2, { subnets: { default: ["10.128.0.0/24"] } }),
    primaryNode("n2", 3, { subnets: { default: ["10.128.1.0/24"] } }),
  ];
  const web = { name: "web", defaultPort: { ips: ["10.128.0.7/24"] } };
  const brief = (...pods: Brief["pods"] & object): Brief => primaryLayer3Brief(pods, {}, nodes);
  const ports = async (): Promise<string> =>
    (await bench.nbctl(`--bare --columns=name,addresses find Logical_Switch_Port external_ids:pod=true`))
      .split(/\n\n/)
      .map((each) => each.replaceAll("\n", " "))
      .filter((each) => each.startsWith("default_"))
      .sort()
      .join();
  const rest = async (): Promise<string> => bench.nbctl("--bare --columns=name list Port_Group");

  beforeEach(async () => {
    await bench.nbctl(`
      ls-add n1
      set Logical_Switch n1 other_config:subnet=10.128.0.0/24
      lsp-add n1 stor-n1
      ls-add n2
      set Logical_Switch n2 other_config:subnet=10.128.1.0/24
    `);
  });

  it("have a port there that is closed, and both go together; what the cluster has stays", async () => {
    const before = await bench.everything();
    await bench.apply(brief(web, "plain"));
    assert.equal(await ports(), "default_web 0a:58:0a:80:00:07 10.128.0.7");
    const group = await bench.get("Port_Group", GROUP, "ports");
    assert.equal(group, `[${await bench.get("Logical_Switch_Port", "default_web", "_uuid")}]`);
    assert.equal((await bench.get("Port_Group", GROUP, "acls")).split(",").length, 5);
    await bench.apply(brief("plain"), { prune: true });
    assert.equal(await ports(), "");
    await bench.delete(["net"]);
    const after = await bench.everything();
    const shared = /^(Copp|Meter|Meter_Band) table/m;
    const tables = (text: string): string[] => text.split("\n\n").filter((table) => !shared.test(table));
    assert.deepEqual(tables(after), tables(before));
  });

  it("share the group over networks; it goes with the last one, and is repaired meanwhile", async () => {
    const other = primaryLayer2Brief(
      [{ name: "vm", namespace: "other", defaultPort: { ips: ["10.128.0.8/24"] } }],
      { name: "two", networkId: 2 },
      nodes.slice(0, 1),
    );
    await bench.apply([brief(web), other]);
    const acl = "default-network-controller:UDNIsolation:DenyPrimaryUDN:Egress";
    const uuid = await bench.nbctl(`--bare --columns=_uuid find ACL external_ids:k8s.ovn.org/id="${acl}"`);
    await bench.nbctl(`
      set ACL ${uuid} action=allow priority=1
      clear Port_Group ${GROUP} ports
      lsp-set-addresses default_web unknown
    `);
    await bench.apply([brief(web), other]);
    assert.equal(await bench.get("ACL", uuid, "action"), "drop");
    assert.equal((await bench.get("Port_Group", GROUP, "ports")).split(",").length, 2);
    await bench.delete(["net"]);
    assert.match(await rest(), new RegExp(GROUP));
    await bench.delete(["two"]);
    assert.doesNotMatch(await rest(), new RegExp(GROUP));
  });

  it("a pod of the same name that comes with another address, or elsewhere, has another port", async () => {
    await bench.apply(brief(web));
    const old = await bench.get("Logical_Switch_Port", "default_web", "_uuid");
    await bench.nbctl("pg-add theirs default_web");
    await bench.apply(
      brief({ ...web, node: "n2", defaultPort: { ips: ["10.128.1.9"], mac: "02:00:00:00:00:09" } }),
    );
    assert.equal(await ports(), "default_web 02:00:00:00:00:09 10.128.1.9");
    const uuid = await bench.get("Logical_Switch_Port", "default_web", "_uuid");
    assert.notEqual(uuid, old);
    assert.equal(await bench.get("Logical_Switch", "n2", "ports"), `[${uuid}]`);
  });

  it("open ports open and close with the annotation, and close when the pod goes", async () => {
    const open = {
      ...web,
      defaultPort: { ...web.defaultPort, openPorts: [{ protocol: "udp", port: 53 } as const] },
    };
    const openings = async (): Promise<number> =>
      (await bench.nbctl("--bare --columns=match list ACL"))
        .split("\n")
        .filter((line) => line.includes('"default_web"')).length;
    await bench.apply(brief(open));
    assert.equal(await openings(), 2);
    await bench.apply(brief(web));
    assert.equal(await openings(), 0);
    await bench.apply(brief(open));
    await bench.apply(brief(), { prune: true });
    assert.equal(await openings(), 0);
  });

  it("goes by prune where the pod that has the name now has none there, or is on a node without a switch there", async () => {
    await bench.nbctl("pg-add theirs");
    const open = { ...web.defaultPort, openPorts: [{ protocol: "udp", port: 53 } as const] };
    for (const later of ["web", { ...web, node: "n3" }]) {
      await bench.apply(brief({ ...web, uid: "first", defaultPort: open }), { prune: true });
      await bench.nbctl("pg-set-ports theirs default_web");
      const plan = { ...brief(later), nodes: [...nodes, primaryNode("n3", 4)] };
      await bench.apply(typeof later === "string" ? brief(later) : plan);
      assert.match(await ports(), /^default_web /, "apply removes no row");
      await bench.apply(typeof later === "string" ? brief(later) : plan, { prune: true });
      assert.equal(await ports(), "");
      assert.doesNotMatch(await bench.nbctl("--bare --columns=match list ACL"), /default_web/);
      assert.equal(await bench.get("Port_Group", "theirs", "ports"), "[]");
    }
  });

  it("the group stays for pods that come as the network of the last one goes", async () => {
    const other = primaryLayer2Brief(
      [{ name: "vm", namespace: "other", defaultPort: { ips: ["10.128.0.8/24"] } }],
      { name: "two", networkId: 2 },
      nodes.slice(0, 1),
    );
    await bench.apply(brief(web));
    await bench.apply(other, { prune: true, pruneNetworks: true });
    assert.equal(
      await bench.get("Port_Group", GROUP, "ports"),
      `[${await bench.get("Logical_Switch_Port", "other_vm", "_uuid")}]`,
    );
    await bench.apply(layer2Brief([], { name: "flat" }), { prune: true, pruneNetworks: true });
    assert.doesNotMatch(await rest(), new RegExp(GROUP));
  });

  it("what another tool made stays when the network goes", async () => {
    await bench.nbctl(`
      lsp-add n1 default_web
      lsp-set-addresses default_web "0a:58:0a:80:00:07 10.128.0.7"
      set Logical_Switch_Port default_web external_ids:pod=true external_ids:namespace=default
      create Port_Group name=${GROUP}
    `);
    await bench.apply(brief(web));
    await bench.delete(["net"]);
    assert.equal(await ports(), "default_web 0a:58:0a:80:00:07 10.128.0.7");
    assert.match(await rest(), new RegExp(GROUP));
  });

  it("goes with the network though somebody changed its addresses, and out of a group that another tool made", async () => {
    await bench.nbctl(`create Port_Group name=${GROUP}`);
    await bench.apply(brief(web));
    await bench.nbctl("lsp-set-addresses default_web unknown");
    await bench.delete(["net"]);
    assert.equal(await bench.nbctl("find Logical_Switch_Port name=default_web"), "");
    assert.match(await rest(), new RegExp(GROUP));
  });

  it("attach and detach take it along; a secondary network's pod loses none", async () => {
    await bench.apply([brief("x"), layer2Brief([{ name: "web", nad: "default/flat" }], { name: "flat" })]);
    const { topology, input } = brief();
    assert.equal(topology, "layer3");
    const network = layer3({ nad: "default/net", ...input });
    const pod = { namespace: "default", node: "n1", ...web };
    await network.attach(bench.nb, pod);
    assert.equal(await ports(), "default_web 0a:58:0a:80:00:07 10.128.0.7");
    await bench.apply([layer2Brief([], { name: "flat" })], { prune: true });
    assert.notEqual(await ports(), "");
    await network.detach(bench.nb, pod);
    assert.equal(await ports(), "");
  });

  it("attach makes none for a pod of another zone, whatever switch is here", async () => {
    const options = { mode: "interconnect", zone: "n1" } as const;
    const zones = [primaryZoneNode("n1", 2), primaryZoneNode("n2", 3)];
    const { input } = zoneBriefs["primary layer2"](zones);
    await bench.apply({ ...zoneBriefs["primary layer2"](zones), pods: [] }, options);
    const network = layer2({ nad: "default/net", ...input });
    for (const [index, node] of zones.entries()) {
      const { recorded } = recordedPod("", 11 + index, node.name, "10.1.0");
      const pod = { namespace: "default", name: `on-${node.name}`, node, ...(recorded && { recorded }) };
      const defaultPort = { ips: [`10.128.${index}.7/24`] };
      await network.attach(bench.nb, { ...pod, defaultPort }, options);
    }
    assert.equal(await ports(), "default_on-n1 0a:58:0a:80:00:07 10.128.0.7");
  });

  it("without a switch of the cluster's own network there is nothing to do but to say so", async () => {
    for (const change of ["set Logical_Switch n1 external_ids:k8s.ovn.org/network=other", "ls-del n1"]) {
      await bench.nbctl(change);
      const plan = bench.plan(brief(web));
      assert.match(plan.notes.join(), /no switch of the cluster's own network for n1/);
      await bench.apply(brief(web));
      assert.equal(await ports(), "");
    }
  });

  it("a port of a network that has the name of such a one is not taken for it", async () => {
    await bench.nbctl(`
      lsp-add n2 default_web
      set Logical_Switch_Port default_web external_ids:k8s.ovn.org/network=other
    `);
    const before = await bench.everything();
    assert.throws(
      () => bench.plan(brief(web)),
      (error) => error instanceof NameCollisionError && /network "other"/.test(error.message),
    );
    assert.equal(await bench.everything(), before);
  });
});
