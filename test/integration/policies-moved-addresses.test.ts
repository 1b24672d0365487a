import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import { hashedName, layer2, type PolicyInput, peerSetIds } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { type Brief, layer2Brief, useTopologyBench } from "../support/topology.ts";

const client = { podSelector: { matchLabels: { app: "web" } } };
const policy: PolicyInput = {
  namespace: "default",
  name: "db",
  podSelector: { matchLabels: { app: "db" } },
  policyTypes: ["Ingress"],
  ingress: [{ from: [client] }],
};
const vm = { name: "vm" };

function withPolicy(pods: readonly object[], input: Brief["input"]): Brief {
  const labels = { app: "web" };
  return {
    ...layer2Brief(
      pods.map((pod) => ({ ...pod, labels })),
      input,
    ),
    policies: { policies: [policy] },
  };
}

describeWithOvn("sets of policies that are not in the request, when pods in them move", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));
  const input = { name: "net", subnets: "10.1.0.0/24" };
  const set = async (family: 4 | 6 = 4): Promise<string> =>
    bench.get("Address_Set", hashedName(peerSetIds("net", "default", client, family).id), "addresses");
  const at = (name: string, ...ips: string[]): object => ({ name, ips });

  it("have a pod's address although another takes over the one that it had", async () => {
    await bench.apply(withPolicy([at("a", "10.1.0.1"), at("b", "10.1.0.2")], input));
    await bench.apply(layer2Brief([at("a", "10.1.0.2"), at("b", "10.1.0.3")]));
    assert.equal(await set(), '["10.1.0.2", "10.1.0.3"]');
    await bench.apply(layer2Brief([at("a", "10.1.0.3")]), { prune: true });
    assert.equal(await set(), '["10.1.0.3"]');
    await bench.apply(layer2Brief([at("a", "10.1.0.4"), at("c", "10.1.0.3")]));
    assert.equal(await set(), '["10.1.0.4"]', "c is in none");
  });

  it("have new addresses of their own family only", async () => {
    const dual = { ...input, subnets: "10.1.0.0/24,fd01::/64" };
    await bench.apply(withPolicy([at("a", "10.1.0.1", "fd01::1")], dual));
    await bench.apply(layer2Brief([at("a", "10.1.0.7", "fd01::7")], dual));
    assert.deepEqual([await set(4), await set(6)], ['["10.1.0.7"]', '["fd01::7"]']);
  });

  it("have every address of the pods that had one together", async () => {
    const machine = (...ips: readonly string[]): object[] =>
      ["a", "b"].map((name, index) => ({ name, vm, ...(ips[index] && { ips: [ips[index]] }) }));
    const [, rest = {}] = machine();
    await bench.apply(withPolicy(machine(), input));
    assert.equal(await set(), '["10.1.0.1"]');
    await bench.apply(layer2Brief(machine("", "10.1.0.8")));
    assert.equal(await set(), '["10.1.0.1", "10.1.0.8"]');
    await bench.apply(layer2Brief(machine("10.1.0.8")));
    assert.equal(await set(), '["10.1.0.8"]');
    await bench.apply(layer2Brief(machine("10.1.0.6", "10.1.0.7")));
    assert.equal(await set(), '["10.1.0.6", "10.1.0.7"]');
    await bench.apply(layer2Brief(machine("10.1.0.7")));
    await bench.apply(layer2Brief([rest]), { prune: true });
    assert.equal(await set(), '["10.1.0.7"]', "the one that goes had it, too");
    await bench.apply(layer2Brief(machine()));
    await bench.apply(layer2Brief([{ ...rest, ips: ["10.1.0.9"] }]), { prune: true });
    assert.equal(await set(), '["10.1.0.9"]');
  });

  it("keep the address of a machine whose disabled port is enabled as that of its other pod goes", async () => {
    const pods = (active?: boolean): object[] => [
      ...(active ? [] : [{ name: "a", vm: { ...vm, active: true } }]),
      { name: "b", vm: { ...vm, active } },
    ];
    await bench.apply(withPolicy(pods(false), input));
    await bench.apply(layer2Brief(pods(true), input), { prune: true });
    assert.equal(await set(), '["10.1.0.1"]');

    await bench.apply(layer2Brief([...pods(true), { name: "a", vm: { ...vm, active: false } }], input));
    const moved = { name: "a", vm: { ...vm, active: true }, ips: ["10.1.0.7"] };
    await bench.apply(layer2Brief([moved], input), { prune: true });
    assert.equal(await set(), '["10.1.0.7"]');

    await bench.apply(layer2Brief([{ name: "c", ips: ["10.1.0.7"] }], input), { prune: true });
    assert.equal(await set(), "[]", "a pod without a port in the database is another one");
  });

  it("lose the address of a machine that only the disabled port of another pod is kept for", async () => {
    const pod = { namespace: "default", name: "a", node: "n1", vm: { ...vm, active: true } };
    await bench.apply(withPolicy([{ ...pod }, { name: "b", vm: { ...vm, active: false } }], input));
    assert.equal(await set(), '["10.1.0.1"]');
    await layer2({ ...input, nad: "default/net" }).detach(bench.nb, pod);
    assert.equal(await set(), "[]");
  });
});
