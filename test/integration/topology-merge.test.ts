import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import { layer2 } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryLayer3Brief } from "../support/primary.ts";
import { type Brief, layer2Brief, layer3Brief, portOf, useTopologyBench } from "../support/topology.ts";

const layer2Switch = "net_ovn_layer2_switch";
const router = "net_ovn_cluster_router";
const merge = { merge: true };

describeWithOvn("rows that another tool left twice", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  async function uuidsOf(table: string, name: string): Promise<readonly string[]> {
    const found = await bench.nbctl(`--bare --columns=_uuid find ${table} name=${name}`);
    return found.split(/\s+/).toSorted();
  }

  /** What `ovn-nbctl` shows of a set of references, sorted. */
  async function elementsOf(table: string, row: string, column: string): Promise<readonly string[]> {
    const text = await bench.nbctl(`--bare --columns=${column} list ${table} ${row}`);
    return text
      .split(/\s+/)
      .filter((uuid) => uuid !== "")
      .toSorted();
  }

  it("attach merges nothing: it refuses two switches, and goes on once a plan made one of them", async () => {
    await bench.nbctl(`
      create Logical_Switch name=${layer2Switch}
      create Logical_Switch name=${layer2Switch}
    `);
    const { topology: _topology, input } = layer2Brief([]);
    const network = layer2({ ...input, nad: "default/net" });
    const pod = { namespace: "default", name: "a", node: "n1" };
    await assert.rejects(
      network.attach(bench.nb, pod),
      (error: Error & { code?: string }) => error.code === "ERR_AMBIGUOUS_ROW",
    );
    assert.equal((await bench.nbctl("--bare --columns=_uuid list Logical_Switch_Port")).trim(), "");
    await network.plan(bench.nb, merge).apply();
    await network.attach(bench.nb, pod);
    const [only, ...more] = await uuidsOf("Logical_Switch", layer2Switch);
    assert.deepEqual(more, []);
    assert.equal((await elementsOf("Logical_Switch", only ?? "", "ports")).length, 1);
  });

  it("two switches: the one with the most on it stays, with all that hung on the other, and its keys", async () => {
    await bench.nbctl(`
      create Logical_Switch name=${layer2Switch}
      create Logical_Switch name=${layer2Switch}
      create Logical_Switch name=${layer2Switch}
    `);
    const [one = "", two = "", three = ""] = await uuidsOf("Logical_Switch", layer2Switch);
    await bench.nbctl(`
      set Logical_Switch ${one} other_config:theirs=1 external_ids:both=first
      set Logical_Switch ${two} other_config:mine=2 external_ids:both=second
      --id=@p create Logical_Switch_Port name=foreign addresses=unknown
      --id=@q create Logical_Switch_Port name=${portOf("a")}
      --id=@s create Logical_Switch_Port name=another
      add Logical_Switch ${two} ports @p,@q,@s
      --id=@r create Logical_Switch_Port name=${portOf("b")}
      --id=@l create Load_Balancer name=theirs
      --id=@a create ACL direction=to-lport priority=1 match=ip4 action=drop
      add Logical_Switch ${one} ports @r
      lsp-set-addresses ${portOf("b")} "0a:58:0a:01:00:08 10.1.0.8"
      lsp-set-port-security ${portOf("b")} "0a:58:0a:01:00:08 10.1.0.8"
      add Logical_Switch ${one} load_balancer @l
      add Logical_Switch ${three} acls @a
      lsp-set-addresses ${portOf("a")} "0a:58:0a:01:00:07 10.1.0.7"
      lsp-set-port-security ${portOf("a")} "0a:58:0a:01:00:07 10.1.0.7"
    `);
    const [foreign] = await uuidsOf("Logical_Switch_Port", "foreign");
    const ports = [...(await uuidsOf("Logical_Switch_Port", portOf("b"))), foreign];
    const brief = layer2Brief(["a", "b"]);
    assert.throws(
      () => bench.plan(brief),
      (error: Error & { code?: string }) =>
        error.code === "ERR_AMBIGUOUS_ROW" && /the option merge/.test(error.message),
    );
    const plan = bench.plan(brief, merge);
    const gone = plan.changes.filter(
      ({ action, table }) => action === "delete" && table === "Logical_Switch",
    );
    assert.deepEqual(
      gone.map(({ uuid, reason }) => [uuid, reason]).toSorted(),
      [
        [one, `merged into ${two}`],
        [three, `merged into ${two}`],
      ].toSorted(),
    );
    assert.equal((await plan.apply()).transactions, 1);
    assert.deepEqual(await uuidsOf("Logical_Switch", layer2Switch), [two]);
    const held = await elementsOf("Logical_Switch", two, "ports");
    for (const port of ports) assert.ok(port !== undefined && held.includes(port), port);
    assert.equal(held.length, 4);
    assert.equal((await elementsOf("Logical_Switch", two, "load_balancer")).length, 1);
    assert.match(await bench.nbctl(`acl-list ${two}`), /ip4/);
    assert.equal((await bench.addresses())[portOf("a")], "0a:58:0a:01:00:07 10.1.0.7");
    assert.equal(await bench.get("Logical_Switch", two, "other_config:theirs"), '"1"');
    assert.equal(await bench.get("Logical_Switch", two, "other_config:mine"), '"2"');
    assert.equal(await bench.get("Logical_Switch", two, "external_ids:both"), "second");
    assert.deepEqual(bench.plan(brief).operations, []);
    assert.deepEqual(bench.plan(brief, merge).operations, []);
  });

  it("a network that was written twice becomes one as if it had been written once", async () => {
    const briefs: readonly Brief[] = [
      layer3Brief(["a", { name: "b", node: "n2" }]),
      primaryLayer3Brief(["a"]),
    ];
    for (const brief of briefs) {
      await bench.apply(brief);
      const before = await bench.everything();
      for (const [table, name] of [
        ["Logical_Switch", "net_n1"],
        ["Logical_Router", router],
      ] as const) {
        // The twin has all that the other has, and the same unnamed rows over again.
        await bench.nbctl(`create ${table} name=${name}`);
        const twins = await uuidsOf(table, name);
        const [ours = ""] = twins.filter((uuid) => before.includes(uuid));
        const [twin = ""] = twins.filter((uuid) => uuid !== ours);
        const ports = await elementsOf(table, ours, "ports");
        await bench.nbctl(`
          set ${table} ${twin} ports=${ports.join()}
          set ${table} ${twin} external_ids=${(await bench.get(table, ours, "external_ids")).replaceAll(" ", "")}
        `);
        const { notes } = bench.plan(brief);
        assert.match(notes.join("\n"), new RegExp(`${name} is ${ours}; others bear that name: ${twin}`));
        await bench.apply(brief, merge);
        assert.equal(await bench.everything(), before, `${brief.input.role ?? "secondary"} ${name}`);
      }
      await bench.delete(["net"]);
    }
  });

  it("unnamed rows with the same marks go, and those of others to the same place stay", async () => {
    const brief = primaryLayer3Brief();
    await bench.apply(brief);
    const before = await bench.everything();
    const marks = "external_ids:k8s.ovn.org/network=net external_ids:k8s.ovn.org/topology=layer3";
    await bench.nbctl(`
      --id=@r create Logical_Router_Static_Route ip_prefix=0.0.0.0/0 nexthop=172.18.0.9 output_port=rtoe-GR_net_n1 ${marks}
      add Logical_Router GR_net_n1 static_routes @r
    `);
    assert.deepEqual(bench.plan(brief).operations, [], "without the request nothing is merged");
    await bench.apply(brief, merge);
    assert.equal(await bench.everything(), before);
    await bench.nbctl("--ecmp lr-route-add GR_net_n1 0.0.0.0/0 172.18.0.9 rtoe-GR_net_n1");
    const theirs = await bench.everything();
    assert.notEqual(theirs, before);
    assert.deepEqual(await bench.apply(brief, merge), []);
    assert.equal(await bench.everything(), theirs);
  });

  it("a port in two switches leaves that in which it is not wanted, unless that is somebody else's", async () => {
    const brief = layer3Brief(["a"]);
    await bench.apply(brief);
    const before = await bench.everything();
    const port = await bench.get("Logical_Switch_Port", portOf("a"), "_uuid");
    await bench.nbctl(`add Logical_Switch net_n2 ports ${port}`);
    const [change, ...others] = bench.plan(brief, merge).changes;
    assert.deepEqual([change?.name, change?.reason, others], [portOf("a"), "moved from net_n2", []]);
    await bench.apply(brief, merge);
    assert.equal(await bench.everything(), before);
    await bench.nbctl(`
      ls-add theirs
      add Logical_Switch theirs ports ${port}
    `);
    assert.throws(() => bench.plan(brief, merge), { code: "ERR_FOREIGN_PARENT" });
  });

  it("what somebody hangs on a duplicate between plan and apply is not lost", async () => {
    await bench.apply(layer2Brief(["a"]));
    await bench.nbctl(`create Logical_Switch name=${layer2Switch}`);
    const [ours = ""] = await elementsOf("Logical_Switch_Port", portOf("a"), "_uuid");
    const twins = await uuidsOf("Logical_Switch", layer2Switch);
    const plan = bench.plan(layer2Brief(["a"]), merge);
    const going = plan.changes.find(({ action }) => action === "delete")?.uuid;
    assert.ok(going !== undefined && twins.includes(going) && ours !== "");
    await bench.nbctl(`
      --id=@p create Logical_Switch_Port name=late
      add Logical_Switch ${going} ports @p
    `);
    await plan.apply();
    assert.match(await bench.nbctl(`lsp-list ${layer2Switch}`), /late/);
  });

  it("a pod that is pruned or moved while its switch is merged goes, or is where it belongs", async () => {
    await bench.apply(layer3Brief(["a", "b", "c"]));
    await bench.nbctl("create Logical_Switch name=net_n1");
    const twins = await uuidsOf("Logical_Switch", "net_n1");
    const spare = bench.nb.view
      .find("Logical_Switch", { name: "net_n1" })
      .find((row) => Array.isArray(row["ports"]) && row["ports"].length === 0)?._uuid;
    const [a = "", b = "", c = ""] = await Promise.all(
      ["a", "b", "c"].map((name) => bench.get("Logical_Switch_Port", portOf(name), "_uuid")),
    );
    const kept = twins.find((uuid) => uuid !== spare);
    await bench.nbctl(`
      remove Logical_Switch ${kept} ports ${a},${b},${c}
      add Logical_Switch ${spare} ports ${a},${b},${c}
    `);
    const after = layer3Brief(["a", { name: "b", node: "n2" }]);
    await bench.apply(after, { ...merge, prune: true });
    assert.equal((await uuidsOf("Logical_Switch", "net_n1")).length, 1);
    assert.deepEqual(
      Object.keys(await bench.addresses())
        .filter((name) => name.includes("_default_"))
        .toSorted(),
      [portOf("a"), portOf("b")],
    );
    assert.match(await bench.nbctl("lsp-list net_n1"), /default_a/);
    assert.match(await bench.nbctl("lsp-list net_n2"), /default_b/);
    assert.doesNotMatch(await bench.nbctl("lsp-list net_n1"), /default_b/);
  });

  it("a pod in two switches is pruned from both", async () => {
    await bench.apply(layer3Brief(["a"]));
    const before = await bench.everything();
    await bench.apply(layer3Brief(["a", "b"]));
    const port = await bench.get("Logical_Switch_Port", portOf("b"), "_uuid");
    await bench.nbctl(`add Logical_Switch net_n2 ports ${port}`);
    await bench.apply(layer3Brief(["a"]), { prune: true });
    assert.equal(await bench.everything(), before);
  });

  it("addresses of a twin are not given out a second time", async () => {
    await bench.apply(layer2Brief(["a"]));
    await bench.nbctl(`create Logical_Switch name=${layer2Switch}`);
    const twin = (await uuidsOf("Logical_Switch", layer2Switch)).find(
      (uuid) => bench.nb.view.byUuid("Logical_Switch", uuid)?.["ports"]?.toString() === "",
    );
    await bench.nbctl(`
      --id=@p create Logical_Switch_Port name=foreign
      add Logical_Switch ${twin} ports @p
      lsp-set-addresses foreign "0a:00:00:00:00:09 10.1.0.2"
    `);
    await bench.apply(layer2Brief(["a", "b"]), merge);
    assert.equal((await bench.addresses())[portOf("b")], "0a:58:0a:01:00:03 10.1.0.3");
  });
});
