import assert from "node:assert/strict";
import { layer2, planTopology } from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

/** What plain JavaScript and parsed JSON may hold. */
type Plain = Record<string, unknown>;

const NEAR = "; did you mean";

describe("policies and services of another shape", () => {
  const policy = { namespace: "s", name: "p", podSelector: {}, policyTypes: ["Ingress"] };
  const service = { namespace: "s", name: "web", clusterIPs: ["10.96.0.1"], ports: [{ port: 80 }] };
  const slice = { family: 4, ports: [{ port: 80 }], endpoints: [] };
  const byIndex = "networks[0]";

  const policies: readonly (readonly [unknown, string, string])[] = [
    [[], `${byIndex}.policies`, "must be an object: []"],
    [{}, `${byIndex}.policies.policies`, "must be a list"],
    [{ policies: "p" }, `${byIndex}.policies.policies`, 'must be a list: "p"'],
    [{ policies: [null] }, `${byIndex}.policies.policies[0]`, "must be an object: null"],
    [{ policies: [{ name: "p" }] }, `${byIndex}.policies.policies[0].namespace`, "must be a text"],
    [{ policies: [], namespace: [] }, `${byIndex}.policies.namespace`, `is not known${NEAR} namespaces?`],
    [
      { policies: [], namespaces: [{ name: "s", logging: { deny: "loud" } }] },
      `${byIndex}.policies.namespaces[0].logging.deny`,
      'must be one of alert, warning, notice, info, debug: "loud"',
    ],
    // Each of these would be another policy, and nobody would be told.
    ...(
      [
        [{ ingres: [] }, "ingres", `is not known${NEAR} ingress?`],
        [{ ingress: [{ form: [{ podSelector: {} }] }] }, "ingress[0].form", `is not known${NEAR} from?`],
        [{ ingress: [{ to: [] }] }, "ingress[0].to", "is not known"],
        [{ ingress: {} }, "ingress", "must be a list: {}"],
        [
          { ingress: [{ from: [{ podSelector: { matchlabels: {} } }] }] },
          "ingress[0].from[0].podSelector.matchlabels",
          `is not known${NEAR} matchLabels?`,
        ],
        [
          { podSelector: { matchExpressions: [{ key: "a", operator: "in", values: ["b"] }] } },
          "podSelector.matchExpressions[0].operator",
          'must be one of In, NotIn, Exists, DoesNotExist: "in"',
        ],
        [{ podSelector: { app: "web" } }, "podSelector.app", `is not known${NEAR} matchLabels["app"]?`],
        [{ podSelector: undefined }, "podSelector", "must be an object"],
        [{ podSelector: { matchLabels: ["web"] } }, "podSelector.matchLabels", 'must be a map: ["web"]'],
        [{ podSelector: { matchLabels: { app: 1 } } }, "podSelector.matchLabels.app", "must be a text: 1"],
        [{ policyTypes: ["ingress"] }, "policyTypes[0]", 'must be one of Ingress, Egress: "ingress"'],
        [{ policyTypes: "Ingress" }, "policyTypes", 'must be a list: "Ingress"'],
        [
          { ingress: [{ ports: [{ protocol: "tcp" }] }] },
          "ingress[0].ports[0].protocol",
          'must be one of TCP, UDP, SCTP: "tcp"',
        ],
        [
          { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", excepts: [] } }] }] },
          "egress[0].to[0].ipBlock.excepts",
          `is not known${NEAR} except?`,
        ],
        [{ stateless: "yes" }, "stateless", 'must be true or false: "yes"'],
      ] as const
    ).map(
      ([more, path, problem]) =>
        [{ policies: [{ ...policy, ...more }] }, `policies[s/p].${path}`, problem] as const,
    ),
  ];

  const services: readonly (readonly [unknown, string, string])[] = [
    [{}, `${byIndex}.services`, "must be a list: {}"],
    [["web"], `${byIndex}.services[0]`, 'must be an object: "web"'],
    ...(
      [
        [{ clusterIP: "10.96.0.1" }, "clusterIP", `is not known${NEAR} clusterIPs?`],
        [{ clusterIPs: "10.96.0.1" }, "clusterIPs", 'must be a list: "10.96.0.1"'],
        [{ ports: [{ port: "80" }] }, "ports[0].port", 'must be a number: "80"'],
        [{ ports: [{ port: 80, nodeport: 1 }] }, "ports[0].nodeport", `is not known${NEAR} nodePort?`],
        [
          { externalTrafficPolicy: "local" },
          "externalTrafficPolicy",
          'must be one of Cluster, Local: "local"',
        ],
        [{ slices: [{ ...slice, family: "4" }] }, "slices[0].family", 'must be one of 4, 6: "4"'],
        [
          { slices: [{ ...slice, endpoints: [{ adresses: [] }] }] },
          "slices[0].endpoints[0].adresses",
          `is not known${NEAR} addresses?`,
        ],
        [{ slices: [{ ...slice, endpoints: undefined }] }, "slices[0].endpoints", "must be a list"],
      ] as const
    ).map(
      ([more, path, problem]) => [[{ ...service, ...more }], `services[s/web].${path}`, problem] as const,
    ),
  ];

  const cases: readonly (readonly [string, Plain, string, string])[] = [
    ...policies.map(([given, path, problem]) => ["policies", { policies: given }, path, problem] as const),
    ...services.map(([given, path, problem]) => ["services", { services: given }, path, problem] as const),
  ];

  for (const [kind, more, path, problem] of cases)
    it(`${kind}: ${path} ${problem}`, async () => {
      const { nb, sent } = await northboundWith({});
      const { spec } = layer2({ name: "blue", nad: "s/blue", subnets: "10.1.0.0/16" });
      const network = { spec, nodes: [], attachments: [], ...more };
      assert.throws(() => planTopology(nb, { networks: [network as never] }), {
        code: "ERR_SPEC",
        path,
        message: `${path} ${problem}`,
      });
      assert.deepEqual(sent, []);
      await nb.close();
    });

  it("the error says where a policy was written", async () => {
    const { nb } = await northboundWith({});
    const { spec } = layer2({ name: "blue", nad: "s/blue", subnets: "10.1.0.0/16" });
    const given = { policies: [{ ...policy, source: "p.yaml:3", egres: [] }] };
    const network = { spec, nodes: [], attachments: [], policies: given };
    assert.throws(() => planTopology(nb, { networks: [network as never] }), {
      path: "policies[s/p].egres",
      source: "p.yaml:3",
    });
    await nb.close();
  });
});
