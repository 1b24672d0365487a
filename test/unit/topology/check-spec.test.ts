import assert from "node:assert/strict";
import { OvsdbError } from "../../../lib/jsonrpc/index.ts";
import {
  checkNetworkRanges,
  type NetworkSpec,
  networkDifference,
  parseNetwork,
  planTopology,
  SpecError,
  type TopologyRequest,
} from "../../../lib/topology/index.ts";
import { primaryNode } from "../../support/primary.ts";
import { northboundWith } from "../database/support.ts";

const subnets = "10.7.0.0/16,fd00:7::/48";
const specs: readonly NetworkSpec[] = [
  parseNetwork("layer3", { name: "red", nad: "s/red", subnets }),
  parseNetwork("layer3", { name: "redder", nad: "s/redder", subnets, role: "primary", networkId: 3 }),
  parseNetwork("layer2", {
    name: "blue",
    nad: "s/blue",
    subnets,
    excludeSubnets: "10.7.0.0/30",
    joinSubnet: "100.99.0.0/16",
    dhcp: { dnsServers: "10.7.0.53", router: "10.7.0.1", domainName: "example.com" },
  }),
  parseNetwork("layer2", {
    name: "bluer",
    nad: "s/bluer",
    subnets,
    role: "primary",
    networkId: 4,
    tunnelKeys: [5, 6],
    reservedSubnets: "10.7.9.0/24",
    infrastructureSubnets: "10.7.8.0/24",
  }),
  parseNetwork("localnet", {
    name: "wire",
    subnets,
    vlanID: 5,
    physicalNetworkName: "phys",
    underlayMtu: true,
  }),
];

/** A copy that can be changed. */
function copyOf(spec: NetworkSpec): Record<string, unknown> {
  return structuredClone(spec) as unknown as Record<string, unknown>;
}

/** Each place in a value: the object that holds it, its key, and the way to it. */
function* placesIn(holder: object, path = ""): Generator<{ holder: object; key: string; path: string }> {
  for (const key of Object.keys(holder)) {
    const inner = Array.isArray(holder) ? `${path}[${key}]` : `${path}.${key}`;
    yield { holder, key, path: inner };
    const value: unknown = holder[key as never];
    if (typeof value === "object" && value !== null) yield* placesIn(value, inner);
  }
}

function requestOf(spec: unknown): TopologyRequest {
  const node = primaryNode("n1", 2, { families: [4, 6] });
  const { nads } = spec as { readonly nads: readonly string[] };
  const pods = [{ namespace: "s", name: "a", nad: nads?.[0] ?? "s/a", node: "n1" }];
  return { networks: [{ spec: spec as NetworkSpec, nodes: [node], attachments: pods }] };
}

describe("a checked description that is none", () => {
  it("is refused by the field, whatever was made of it", async () => {
    const { nb, sent } = await northboundWith({});
    const odd = [
      undefined,
      null,
      "",
      "x",
      -1,
      1.5,
      NaN,
      true,
      3n,
      -3n,
      2n ** 200n,
      [],
      {},
      [null],
      ["x"],
      Symbol("s"),
    ];
    let refused = 0;
    for (const spec of specs) {
      planTopology(nb, requestOf(spec));
      const count = [...placesIn(copyOf(spec))].length;
      for (let place = 0; place < count; place += 1) {
        for (const value of odd) {
          const forged = copyOf(spec);
          const found = [...placesIn(forged)][place];
          assert.ok(found !== undefined);
          if (value === undefined) delete found.holder[found.key as never];
          else Object.assign(found.holder, { [found.key]: value });
          for (const call of [
            () => planTopology(nb, requestOf(forged)),
            () => checkNetworkRanges(forged as never),
            () => networkDifference(forged as never, spec),
            () => networkDifference(spec, forged as never),
          ]) {
            try {
              call();
            } catch (error) {
              assert.ok(
                error instanceof OvsdbError,
                `${spec.name}${found.path} = ${String(value)}: ${String(error)}`,
              );
              refused += 1;
            }
          }
        }
      }
    }
    assert.ok(refused > 5000);
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("is named, and so is the field", async () => {
    const { nb } = await northboundWith({});
    const [red, , blue, bluer] = specs.map(copyOf);
    const [range] = (red?.["subnets"] ?? []) as readonly object[];
    const [excluded] = (blue?.["excludes"] ?? []) as readonly object[];
    const outside = [
      { family: 4, value: 1n },
      { family: 6, value: 1n },
    ];
    const cases: readonly (readonly [unknown, string, RegExp])[] = [
      [null, "", /^must be what `parseNetwork` makes of a description: null$/],
      ["blue", "", /^must be what `parseNetwork` makes of a description: "blue"$/],
      [{ name: "blue", nad: "s/blue" }, "", /^must be what `parseNetwork` makes of a description: \{/],
      [{ ...red, topology: "layer4" }, ".topology", /^must be one of layer3, layer2, localnet: "layer4"$/],
      [{ ...red, subnets: ["10.7.0.0/16"] }, ".subnets[0]", /^must be an object: "10.7.0.0\/16"$/],
      [{ ...red, subnets: [] }, ".subnets", /^are needed by a layer3 network: \[\]$/],
      [
        { ...red, subnets: [{ ...range, hostPrefix: 16 }] },
        ".subnets[0].hostPrefix",
        /^must be longer .*: 16$/,
      ],
      // No address of a node would lie in its part of the subnet.
      [
        { ...red, subnets: [{ ...range, hostPrefix: 31 }] },
        ".subnets[0].hostPrefix",
        /^must be longer .*: 31$/,
      ],
      [{ ...blue, excludes: [{ ...excluded, last: 0n }] }, ".excludes[0].text", /^is not the range .*/],
      [
        { ...bluer, primary: { ...(bluer?.["primary"] as object), gateways: outside } },
        ".primary.gateways[0]",
        /^must lie in the subnet of its place/,
      ],
      [
        { ...blue, subnets: [{ ...range, last: 2n ** 100n }] },
        ".subnets[0].text",
        /^is not the range .*"10.7.0.0\/16"$/,
      ],
      [
        { ...blue, dhcp: { ...(blue?.["dhcp"] as object), leaseTime: "1" } },
        ".dhcp.leaseTime",
        /^must be a number: "1"$/,
      ],
      [{ ...bluer, role: "secondary" }, ".primary", /^is what primary networks have, and no others/],
      [{ ...bluer, subnet: [] }, ".subnet", /^is not known; did you mean subnets\?$/],
    ];
    for (const [spec, field, reason] of cases)
      for (const [root, call] of [
        [
          "networks[0].spec",
          () => planTopology(nb, { networks: [{ spec, nodes: [], attachments: [] } as never] }),
        ],
        ["spec", () => checkNetworkRanges(spec as never)],
        ["a", () => networkDifference(spec as never, spec as never)],
      ] as const)
        assert.throws(call, (error) => {
          assert.ok(error instanceof SpecError, String(error));
          assert.equal(error.path, `${root}${field}`);
          assert.match(error.message.slice(error.path.length + 1), reason);
          return true;
        });
    await nb.close();
  });
});

describe("a pod of a request", () => {
  it("has a NAD and a node, by name", async () => {
    const { nb } = await northboundWith({});
    const spec = parseNetwork("layer2", { name: "blue", nad: "s/blue" });
    const plan = (more: object): unknown => {
      const pod = { namespace: "s", name: "a", nad: "s/blue", node: "n1", ...more };
      return planTopology(nb, { networks: [{ spec, nodes: [], attachments: [pod] }] });
    };
    plan({});
    for (const key of ["nad", "node"]) {
      assert.throws(() => plan({ [key]: undefined }), {
        code: "ERR_SPEC",
        path: `pods[s/a].${key}`,
        message: `pods[s/a].${key} is needed`,
      });
      assert.throws(() => plan({ [key]: 5 }), {
        code: "ERR_SPEC",
        message: `pods[s/a].${key} must be a text: 5`,
      });
    }
    await nb.close();
  });
});
