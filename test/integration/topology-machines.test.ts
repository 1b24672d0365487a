import assert from "node:assert/strict";
import {
  AddressError,
  type AttachmentInput,
  type IpamClaimInput,
  layer2,
  localnet,
  planTopology,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  requestFor,
  useTopologyBench,
} from "../support/topology.ts";

type Pod = Partial<AttachmentInput> & { readonly name: string };

describeWithOvn("virtual machines that move", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const machine = (name: string, active?: boolean, node = "n1"): Pod => ({
    name,
    node,
    vm: { name: "vm", ...(active !== undefined && { active }) },
  });
  /** enabled, addresses and port_security of a port, as ovn-nbctl shows them. */
  const state = async (name: string): Promise<string[]> => {
    const found: string[] = [];
    for (const column of ["enabled", "addresses", "port_security"])
      found.push((await bench.get("Logical_Switch_Port", portOf(name), column)).replaceAll(/[[\]"]/g, ""));
    return found;
  };

  for (const [brief, prefix] of [
    [layer2Brief, "10.1.0."],
    [localnetBrief, "10.4.0."],
  ] as const) {
    const { topology } = brief();
    it(`${topology}: both pods have one address, and only the port of the pod that it is in is enabled`, async () => {
      const element = `0a:58:0a:0${prefix.slice(3, 4)}:00:01 ${prefix}1`;
      await bench.apply(brief([machine("a"), "x"]));
      assert.deepEqual(await state("a"), ["", element, element]);

      await bench.apply(brief([machine("a"), machine("b", false, "n2"), "x"]));
      assert.deepEqual(await state("a"), ["", element, element]);
      assert.deepEqual(await state("b"), ["false", "", element]);

      await bench.apply(brief([machine("a", false), machine("b", true, "n2"), "x"]));
      assert.deepEqual(await state("a"), ["false", "", element]);
      assert.deepEqual(await state("b"), ["true", element, element]);

      await bench.apply(brief([machine("b", true, "n2"), "x"]), { prune: true });
      assert.deepEqual(await state("b"), ["true", element, element]);
      // Long after that nothing tells of the migration any more.
      assert.deepEqual(await bench.apply(brief([machine("b", undefined, "n2"), "x"])), []);

      await bench.apply(brief([machine("b", undefined, "n2"), machine("c", false), "x"]));
      assert.deepEqual(await state("c"), ["false", "", element]);
      await bench.apply(brief([machine("b", false, "n2"), machine("c", true), "x"]));
      await bench.apply(brief([machine("b", true, "n2"), "x"]), { prune: true });
      assert.deepEqual(await state("b"), ["true", element, element]);
    });
  }

  it("both pods may be made at once, in any order of their names", async () => {
    await bench.apply(layer2Brief([machine("a", false), machine("b", true, "n2"), "c"]));
    const element = "0a:58:0a:01:00:01 10.1.0.1";
    assert.deepEqual(
      [await state("a"), await state("b")],
      [
        ["false", "", element],
        ["true", element, element],
      ],
    );
    assert.match((await state("c")).join(), / 10\.1\.0\.2,/);
  });

  it("layer3 knows no such thing", async () => {
    await bench.apply(layer3Brief([machine("a", false)]));
    assert.deepEqual(await state("a"), ["", "0a:58:0a:03:00:03 10.3.0.3", "0a:58:0a:03:00:03 10.3.0.3"]);
    // An address of one node's subnet is none of another's, and two pods of one node do not share one.
    await bench.apply(layer3Brief([machine("a"), machine("b", false, "n2"), machine("c", false)]));
    const own = ["0a:58:0a:03:00:03 10.3.0.3", "0a:58:0a:03:01:03 10.3.1.3", "0a:58:0a:03:00:04 10.3.0.4"];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const element = own[index] ?? "";
      assert.deepEqual(await state(name), ["", element, element]);
    }
  });

  it("a port that somebody disabled stays so, unless it is a machine's", async () => {
    await bench.apply(layer2Brief(["a", machine("b")]));
    for (const name of ["a", "b"]) await bench.nbctl(`lsp-set-enabled ${portOf(name)} disabled`);
    await bench.apply(layer2Brief(["a", machine("b")]));
    assert.equal((await state("a"))[0], "false");
    assert.equal((await state("b"))[0], "");
  });

  it("without subnets both pods have one MAC", async () => {
    await bench.apply(layer2Brief([machine("a"), machine("b", false)], { subnets: "" }));
    const [[, , a], [, , b]] = [await state("a"), await state("b")];
    assert.ok(a !== undefined && a !== "" && a === b, `${a} ${b}`);
  });

  it("attach knows the other pod by its name", async () => {
    const network = localnet({ name: "net", nad: "default/net", subnets: "10.4.0.0/24" });
    await network.plan(bench.nb).apply();
    const attach = async (name: string, vm: object): Promise<readonly string[]> =>
      (await network.attach(bench.nb, { namespace: "default", name, node: "n1", vm: { name: "vm", ...vm } }))
        .ips;
    assert.deepEqual(await attach("a", {}), ["10.4.0.1/24"]);
    assert.deepEqual(await attach("b", { peer: "a", active: false }), ["10.4.0.1/24"]);
    assert.deepEqual(await attach("c", {}), ["10.4.0.2/24"]);
    // What a pod has it keeps, although another pod of its machine has something else.
    assert.deepEqual(await attach("c", { peer: "a" }), ["10.4.0.2/24"]);
    await attach("b", { peer: "a", active: true });
    await attach("a", { peer: "b", active: false });
    assert.deepEqual(await state("a"), ["false", "", "0a:58:0a:04:00:01 10.4.0.1"]);
    assert.deepEqual(await state("b"), ["true", "0a:58:0a:04:00:01 10.4.0.1", "0a:58:0a:04:00:01 10.4.0.1"]);
    await network.detach(bench.nb, { namespace: "default", name: "a" });
    // The address is the machine's as long as one of its ports is there, though the claim on it went with the first.
    assert.deepEqual(await attach("d", {}), ["10.4.0.3/24"]);
  });

  it("its address stays in the sets of policies while it moves", async () => {
    const labels = { app: "db" };
    const policies = {
      policies: [
        {
          namespace: "default",
          name: "p",
          podSelector: {},
          policyTypes: ["Ingress"] as const,
          ingress: [{ from: [{ podSelector: { matchLabels: labels } }] }],
        },
      ],
    };
    const sets = async (): Promise<string> => bench.nbctl("--bare --columns=addresses list Address_Set");
    const brief = (...pods: readonly Pod[]): Brief => ({
      ...layer2Brief(pods.map((each) => ({ ...each, labels }))),
      policies,
    });
    await bench.apply(brief(machine("a")));
    assert.equal(await sets(), "10.1.0.1");
    await bench.apply(brief(machine("a"), machine("b", false)));
    await bench.apply(brief(machine("a", false), machine("b", true)));
    await bench.apply(brief(machine("b", true)), { prune: true });
    assert.equal(await sets(), "10.1.0.1");
  });
});

describeWithOvn("IPAMClaims", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const claim = (name: string, ips: readonly string[] = []): IpamClaimInput => ({
    namespace: "default",
    name,
    ips,
  });
  const apply = async (brief: Brief, claims: readonly IpamClaimInput[]): Promise<readonly string[]> => {
    const request = requestFor(brief);
    const plan = planTopology(bench.nb, {
      prune: true,
      networks: request.networks.map((network) => ({ ...network, claims })),
    });
    await plan.apply();
    return plan.notes;
  };

  it("keep the address when the machine's pod is replaced, and nobody gets it meanwhile", async () => {
    const kept = claim("vm", ["10.1.0.1/24"]);
    await apply(layer2Brief([{ name: "old", vm: { name: "vm" }, claim: kept }]), [kept]);
    assert.match((await bench.addresses())[portOf("old")] ?? "", / 10\.1\.0\.1$/);
    await apply(layer2Brief(["a"]), [kept]);
    assert.deepEqual(Object.values(await bench.addresses()), ["0a:58:0a:01:00:02 10.1.0.2"]);
    await apply(layer2Brief(["a", { name: "new", vm: { name: "vm" }, claim: kept }]), [kept]);
    assert.match((await bench.addresses())[portOf("new")] ?? "", / 10\.1\.0\.1$/);
  });

  it("without addresses get one, and a note says what to write down", async () => {
    const fresh = claim("vm");
    const notes = await apply(
      layer2Brief([{ name: "a", claim: fresh }], { subnets: "10.1.0.0/24,fd00:1::/64" }),
      [fresh],
    );
    assert.deepEqual(notes, [
      "IPAMClaim default/vm has no addresses yet: its status.ips should be 10.1.0.1/24, fd00:1::1/64",
    ]);
  });

  it("a pod may ask for an address of its claim and for no other, nor for one of somebody else's", async () => {
    const own = claim("vm", ["10.1.0.5/24"]);
    await apply(layer2Brief([{ name: "a", claim: own, ips: ["10.1.0.5"] }]), [own]);
    const refused = async (brief: Brief, reason: RegExp): Promise<void> => {
      await assert.rejects(
        apply(brief, [own]),
        (error) => error instanceof AddressError && reason.test(error.message),
      );
    };
    await refused(
      layer2Brief([{ name: "b", claim: own, ips: ["10.1.0.6"] }]),
      /10\.1\.0\.6 is not among the addresses of the pod's IPAMClaim/,
    );
    await refused(
      layer2Brief([{ name: "b", ips: ["10.1.0.5"] }]),
      /10\.1\.0\.5 is kept for IPAMClaim default\/vm/,
    );
    const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
    const claims = [claim("one", ["10.1.0.1/24"])];
    const { ips } = await network.attach(
      bench.nb,
      { namespace: "default", name: "c", node: "n1" },
      { claims },
    );
    assert.deepEqual(ips, ["10.1.0.2/24"]);
  });
});
