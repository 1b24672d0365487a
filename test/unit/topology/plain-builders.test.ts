import assert from "node:assert/strict";
import { northbound } from "../../../lib/schemas/index.ts";
import {
  buildIsolation,
  buildNetwork,
  buildPolicies,
  buildServices,
  checkCollisions,
  Network,
  noPoliciesObserved,
  noServicesObserved,
  nothingObserved,
  parseNetwork,
  policyProblems,
  readNodeSubnets,
  recognise,
  recogniseNetwork,
  withBalancers,
} from "../../../lib/topology/index.ts";
import { memoryView } from "../../support/memory-view.ts";
import { pod, today } from "./support.ts";

const spec = parseNetwork("layer2", { name: "net", nad: "default/net", subnets: "10.1.0.0/16" });
const primary = parseNetwork("layer3", { name: "blue", role: "primary", subnets: "10.2.0.0/16" });
const nodes = [{ name: "n1", hostAddresses: ["172.18.0.2"] }];
const pods = [pod("web")];
const built = buildNetwork(spec, nothingObserved, nodes, pods, today);
const policy = { namespace: "default", name: "p", podSelector: {}, policyTypes: ["Ingress"] };
const service = { namespace: "default", name: "w", clusterIPs: ["10.96.0.1"], ports: [{ port: 80 }] };
const isolation = { acls: [], hasMeter: false, hasSwitch: () => true, port: () => undefined };
const isolated = [
  { spec: primary, nodes, attachments: [pod("web", { defaultPort: { ips: ["10.8.0.7"] } })] },
];
const services = buildServices(primary, nodes, [], [service], noServicesObserved);
const view = memoryView(northbound, {});
const rows = { switches: [], routers: [{ name: "r", externalIds: {} }], ports: [] };

type Builder = (...given: never[]) => unknown;

/** A function, what it takes, and what it refuses: in which place, and in which words. */
const builders: readonly (readonly [
  Builder,
  readonly unknown[],
  readonly (readonly [place: number, given: unknown, message: RegExp])[],
])[] = [
  [
    buildNetwork,
    [spec, nothingObserved, nodes, pods, today, { gateways: true, claims: [] }],
    [
      [0, { name: "net" }, /^spec must be what `parseNetwork` makes of a description: /],
      [1, undefined, /^observed must be an object$/],
      [1, { ...nothingObserved, ports: [null] }, /^observed\.ports\[0\] must be an object: null$/],
      [1, { nodes: [], ports: [] }, /^observed\.claims is a function, and not nothing$/],
      [1, { ...nothingObserved, leaving: "p" }, /^leaving: "p" is not a function$/],
      [2, nodes[0], /^nodes must be a list: /],
      [2, [null], /^nodes\[0\] must be an object with a `name`: null$/],
      [3, undefined, /^attachments must be a list$/],
      [3, [...pods, null], /^attachments\[1\] must be an object with `namespace` and `name`: null$/],
      [4, undefined, /^the options of a plan must be an object, and not undefined$/],
      [4, { ...today, mode: "zones" }, /^mode must be one of central, interconnect: "zones"$/],
      [5, null, /^scope must be an object, and not null$/],
      [5, { gateways: "no" }, /^gateways must be true or false: "no"$/],
      [5, { gateways: true, claims: [null] }, /^scope\.claims\[0\] must be an object: null$/],
    ],
  ],
  [
    buildPolicies,
    [spec, built.attachments, { policies: [policy] }, noPoliciesObserved, { ...today, leaving: new Set() }],
    [
      [0, null, /^spec must be what `parseNetwork` makes/],
      [1, [null], /^attachments\[0\] must be an object: null$/],
      [1, pods, /^attachments\[0\]\.namespace is not known$/],
      [
        1,
        [{ ...built.attachments[0], input: undefined }],
        /^attachments\[0\]\.input must be an object with /,
      ],
      [2, [policy], /^request must be an object: /],
      [2, { policies: policy }, /^request\.policies must be a list: /],
      [2, { policies: [null] }, /^request\.policies\[0\] must be an object: null$/],
      [3, { ...noPoliciesObserved, sets: {} }, /^observed\.sets must be a list: \{\}$/],
      [
        3,
        { ...noPoliciesObserved, holders: undefined },
        /^observed\.holders is a function, and not nothing$/,
      ],
      [4, undefined, /^scope must be an object, and not undefined$/],
      [4, { profile: "2023" }, /^profile must be one of /],
      [4, { ...today, prune: "false" }, /^prune must be true or false: "false"$/],
      [4, { ...today, leaving: ["p"] }, /^scope\.leaving must be a Set of names: \["p"\]$/],
    ],
  ],
  [
    buildServices,
    [primary, nodes, [], [service], noServicesObserved, { prune: false }],
    [
      [0, "blue", /^spec must be what/],
      [1, null, /^nodes must be a list: null$/],
      [2, undefined, /^attachments must be a list$/],
      [3, service, /^request must be a list: /],
      [3, [null], /^request\[0\] must be an object: null$/],
      [4, {}, /^observed\.balancers must be a list$/],
      [4, { balancers: [] }, /^observed\.addressesOf is a function, and not nothing$/],
      [5, { groups: "yes" }, /^groups must be true or false: "yes"$/],
    ],
  ],
  [
    withBalancers,
    [{ standing: [], rows: built.rows }, services],
    [
      [0, undefined, /^a network must be an object, and not undefined$/],
      [0, { standing: [] }, /^rows must be a list$/],
      [0, { standing: [[null]], rows: [] }, /^standing\[0\]\[0\] must be an object, and not null$/],
      [1, {}, /^services are what buildServices gives, and not \{\}$/],
    ],
  ],
  [
    buildIsolation,
    [isolated, isolation, false],
    [
      [0, isolated[0], /^networks must be a list: /],
      [0, [null], /^networks\[0\] must be an object, and not null$/],
      [0, [{ spec: primary, nodes }], /^networks\[0\]\.attachments must be a list$/],
      [1, { ...isolation, port: "p" }, /^observed\.port is a function, and not "p"$/],
      [2, "false", /^exact must be true or false: "false"$/],
    ],
  ],
  [
    checkCollisions,
    [[built]],
    [
      [0, built, /^networks must be a list: /],
      [0, [null], /^networks\[0\] must be an object, and not null$/],
      [0, [{ rows: [null], attachments: [] }], /^networks\[0\]\.rows\[0\] must be an object, and not null$/],
      [0, [{ rows: [] }], /^networks\[0\]\.attachments must be a list$/],
    ],
  ],
  [
    policyProblems,
    [policy],
    [
      [0, undefined, /^policy must be an object$/],
      [0, { ...policy, ingress: [null] }, /^policies\[default\/p\]\.ingress\[0\] must be an object: null$/],
    ],
  ],
  [
    recognise,
    [view, "net", [], new Map(), []],
    [
      [0, undefined, /^view must be that of a database, nb\.view$/],
      [1, 5, /^a network, or a NAD, is named by a text, and not by 5$/],
      [2, "net", /^switches are a list of rows, and not "net"$/],
      [3, null, /^roles are a map of numbers, and not null$/],
      [4, {}, /^routers are a list of rows, and not \{\}$/],
    ],
  ],
  [
    recogniseNetwork,
    ["net", rows],
    [
      [1, undefined, /^rows must be an object$/],
      // As a row of the database is.
      [
        1,
        { ...rows, switches: [{ name: "s", external_ids: {} }] },
        /^rows\.switches\[0\]\.external_ids is not/,
      ],
    ],
  ],
  [
    readNodeSubnets,
    [{}, { networks: [], mac: "" }],
    [
      [0, undefined, /^other_config is an object, and not nothing$/],
      [1, undefined, /^a router port has networks, a list, and mac, a text; .*: nothing$/],
      [1, { networks: [] }, /^a router port has networks, /],
    ],
  ],
  [
    (given: never) => new Network(given),
    [spec],
    [[0, { name: "net" }, /^spec must be what `parseNetwork` makes/]],
  ],
];

describe("arguments of builders from plain JavaScript", () => {
  for (const [build, good, bad] of builders)
    it(`that are none are told by their places: ${build.name || "new Network"}`, () => {
      const run = build as (...given: readonly unknown[]) => unknown;
      assert.doesNotThrow(() => run(...good));
      for (const [place, given, message] of bad)
        assert.throws(
          () => run(...good.with(place, given)),
          (error: Error) => {
            assert.match(error.name, /^(SpecError|UsageError)$/);
            assert.match(error.message, message);
            return true;
          },
        );
    });
});
