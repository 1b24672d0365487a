import assert from "node:assert/strict";
import type { DesiredRow } from "../../../lib/reconcile/index.ts";
import {
  type AttachmentInput,
  buildNetwork,
  buildPolicies,
  type ContainerPort,
  denyGroupIds,
  hashedName,
  noPoliciesObserved,
  nothingObserved,
  type PolicyInput,
  type PolicyPeer,
  type PolicyRequest,
  type PolicyType,
  parseNetwork,
  peerSetIds,
  policyGroupIds,
  SpecError,
} from "../../../lib/topology/index.ts";
import type { Golden } from "../../support/golden-rows.ts";
import { readGolden } from "../../support/project.ts";
import { pod, readJson, render, sortRows, today, twoNodes } from "./support.ts";

interface Vectors {
  readonly denyGroups: readonly { network: string; namespace: string; type: PolicyType; name: string }[];
  readonly policyGroups: readonly { network: string; namespace: string; policy: string; name: string }[];
  readonly peerSets: readonly {
    network: string;
    namespace: string;
    family: 4 | 6;
    peer: PolicyPeer;
    id: string;
    name: string;
  }[];
}

describe("rows of policies", () => {
  const golden = readGolden<Golden<{ readonly policies: PolicyRequest }>>("policies.json");
  for (const { topology, input, attachments, policies, rows } of golden.networks) {
    it(`${topology} ${input.name}`, () => {
      const spec = parseNetwork(topology, input);
      const network = buildNetwork(spec, nothingObserved, golden.nodes, attachments, golden.options);
      const built = buildPolicies(spec, network.attachments, policies, noPoliciesObserved, golden.options);
      const all = render([...network.rows, ...built.rows]);
      const ours = Object.fromEntries(Object.keys(rows).map((table) => [table, all[table] ?? []]));
      const isLogging = ({ name, rate }: Record<string, unknown>): boolean =>
        name === "acl-logging" || rate === 20;
      for (const table of ["Meter", "Meter_Band"]) ours[table] = (ours[table] ?? []).filter(isLogging);
      assert.deepEqual(sortRows(ours), sortRows(rows));
      assert.deepEqual([built.removals, built.notes, built.kept], [[], [], []]);
    });
  }

  it("names as upstream hashes them", () => {
    const vectors = readJson<Vectors>("test/spec/policies.json");
    for (const { network, namespace, type, name } of vectors.denyGroups)
      assert.equal(hashedName(denyGroupIds(network, namespace, type).id), name);
    for (const { network, namespace, policy, name } of vectors.policyGroups)
      assert.equal(hashedName(policyGroupIds(network, namespace, policy).id), name);
    for (const { network, namespace, peer, family, id, name } of vectors.peerSets) {
      const ids = peerSetIds(network, namespace, peer, family);
      assert.deepEqual([ids.id, hashedName(ids.id)], [id, name]);
    }
  });
});

/** The ACLs' matches of one policy on a network of these pods. */
function matches(
  policy: Partial<PolicyInput>,
  pods: readonly AttachmentInput[],
  subnets = "10.0.0.0/24",
): string[] {
  const spec = parseNetwork("layer2", { name: "net", nad: "default/net", subnets });
  const network = buildNetwork(spec, nothingObserved, twoNodes, pods, today);
  const full: PolicyInput = {
    namespace: "default",
    name: "p",
    podSelector: {},
    policyTypes: ["Ingress"],
    source: "the test",
    ...policy,
  };
  const built = buildPolicies(spec, network.attachments, { policies: [full] }, noPoliciesObserved, today);
  return built.rows
    .filter((row: DesiredRow) => row.kind === "acl" && row.columns?.["priority"] === 1001)
    .map((row) => String(row.columns?.["match"]))
    .filter((match) => !match.includes("arp"))
    .map((match) => match.replaceAll(/@a\d+/g, "@pg").replaceAll(/\$a\d+/g, "$as"));
}

/** Expects that a policy is refused for this field. */
function refuses(run: () => unknown, path: string, problem: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SpecError, String(error));
    assert.deepEqual([error.path, error.source], [path, "the test"]);
    assert.match(error.message, problem);
    return true;
  });
}

describe("names of ports in policies", () => {
  const http = (port: number): readonly ContainerPort[] => [{ name: "http", protocol: "TCP", port }];
  const named = { ingress: [{ ports: [{ port: "http" }] }] };
  const at = "policies[default/p].ingress[0].ports[0].port";

  it("are numbers where all selected pods mean the same", () => {
    const pods = [pod("a", { ports: http(8080) }), pod("b", { ports: http(8080) })];
    assert.deepEqual(matches(named, pods), ["ip4 && tcp && tcp.dst==8080 && outport == @pg"]);
  });

  it("are refused where they mean different numbers, or nothing", () => {
    refuses(
      () => matches(named, [pod("a", { ports: http(80) }), pod("b", { ports: http(81) })]),
      at,
      /80 in pod default\/a and of 81 in pod default\/b/,
    );
    refuses(() => matches(named, [pod("a", { ports: http(80) }), pod("b")]), at, /pod default\/b has not/);
    refuses(
      () =>
        matches({ ingress: [{ ports: [{ port: "http", protocol: "UDP" }] }] }, [
          pod("a", { ports: http(80) }),
        ]),
      at,
      /has not \(UDP\)/,
    );
  });

  it("open nothing while no pod is selected, not even other ports", () => {
    assert.deepEqual(matches({ ...named, podSelector: { matchLabels: { a: "b" } } }, [pod("a")]), []);
  });

  it("of egress are those of the peers, and of nobody else", () => {
    const pods = [pod("a"), pod("b", { labels: { app: "b" }, ports: http(8080) })];
    const to = { podSelector: { matchLabels: { app: "b" } } };
    const ports = [{ port: "http" }];
    assert.deepEqual(matches({ egress: [{ to: [to], ports }] }, pods), [
      "ip4.dst == {$as} && tcp && tcp.dst==8080 && inport == @pg",
    ]);
    const field = "policies[default/p].egress[0].ports[0].port";
    refuses(() => matches({ egress: [{ ports }] }, pods), field, /more than pods/);
    const block = { ipBlock: { cidr: "10.0.0.0/8" } };
    refuses(() => matches({ egress: [{ to: [to, block], ports }] }, pods), field, /more than pods/);
  });

  it("are refused where pods are in the group of which nothing is known", () => {
    const spec = parseNetwork("layer2", { name: "net", nad: "default/net", subnets: "10.0.0.0/24" });
    const group = hashedName(policyGroupIds("net", "default", "p").id);
    const policy = {
      namespace: "default",
      name: "p",
      podSelector: {},
      policyTypes: ["Ingress" as const],
      ...named,
    };
    const about = {
      uuid: "0",
      type: "NetworkPolicy",
      subject: "default:p",
      direction: "",
      strangers: [],
      acls: [],
    };
    const observed = {
      ...noPoliciesObserved,
      groups: [{ ...about, name: group, ports: [{ uuid: "1", name: "default.net_default_old" }] }],
    };
    assert.throws(
      () => buildPolicies(spec, [], { policies: [policy] }, observed, today),
      /default\.net_default_old is of a pod that is not described/,
    );
  });
});

describe("policies that cannot be had", () => {
  const faulty: readonly [string, Partial<PolicyInput>, string, RegExp][] = [
    ["no types", { policyTypes: [] }, "policyTypes", /no pod is closed/],
    ["an empty peer", { ingress: [{ from: [{}] }] }, "ingress[0].from[0]", /must have podSelector/],
    [
      "two peers in one",
      { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }] }] },
      "egress[0].to[0]",
      /either/,
    ],
    [
      "a block of namespaces",
      { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" }, namespaceSelector: {} }] }] },
      "ingress[0].from[0]",
      /either/,
    ],
    [
      "no CIDR",
      { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.1" } }] }] },
      "ingress[0].from[0].ipBlock.cidr",
      /must be address\/length/,
    ],
    [
      "an exception elsewhere",
      { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }] }] },
      "ingress[0].from[0].ipBlock.except[0]",
      /part of 10\.0\.0\.0\/8/,
    ],
    [
      "an exception of everything",
      { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } }] }] },
      "ingress[0].from[0].ipBlock.except[0]",
      /part of/,
    ],
    ["port 0", { ingress: [{ ports: [{ port: 0 }] }] }, "ingress[0].ports[0].port", /1 to 65535/],
    ["a number as a name", { ingress: [{ ports: [{ port: "80" }] }] }, "ingress[0].ports[0].port", /neither/],
    [
      "a range back",
      { ingress: [{ ports: [{ port: 9, endPort: 8 }] }] },
      "ingress[0].ports[0].endPort",
      /less/,
    ],
    [
      "a range from a name",
      { ingress: [{ ports: [{ port: "a", endPort: 8 }] }] },
      "ingress[0].ports[0].endPort",
      /number/,
    ],
  ];
  for (const [what, policy, field, problem] of faulty)
    it(what, () => refuses(() => matches(policy, []), `policies[default/p].${field}`, problem));

  it("peers that are pods, on a network without subnets", () => {
    const peer = { ingress: [{ from: [{ podSelector: {} }] }] };
    refuses(() => matches(peer, [], ""), "policies[default/p].ingress[0].from[0].podSelector", /no subnets/);
    assert.deepEqual(matches({ ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }, [], ""), [
      "ip4.src == 10.0.0.0/8 && outport == @pg",
    ]);
  });

  it("rules without peers, on a network with one family or both", () => {
    const any = (subnets: string): string[] => matches({ ingress: [{}] }, [], subnets);
    assert.deepEqual(any("10.0.0.0/24"), ["ip4 && outport == @pg"]);
    assert.deepEqual(any("fd00::/64"), ["ip6 && outport == @pg"]);
    assert.deepEqual(any("10.0.0.0/24,fd00::/64"), ["(ip4 || ip6) && outport == @pg"]);
  });

  it("labels of a namespace that is not described; its name is known", () => {
    const select = (key: string): Partial<PolicyInput> => ({
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { [key]: "default" } } }] }],
    });
    refuses(
      () => matches(select("team"), [pod("a")]),
      "policies[default/p].ingress[0].from[0].namespaceSelector",
      /namespace default, which is not described/,
    );
    assert.equal(matches(select("kubernetes.io/metadata.name"), [pod("a")]).length, 1);
  });

  it("host bits, which OVN refuses, are not in a match", () => {
    const block = { cidr: "10.0.0.5/8", except: ["10.1.2.3/16"] };
    assert.deepEqual(matches({ ingress: [{ from: [{ ipBlock: block }] }] }, []), [
      "(ip4.src == 10.0.0.0/8 && ip4.src != {10.1.0.0/16}) && outport == @pg",
    ]);
  });
});
