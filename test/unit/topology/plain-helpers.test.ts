import assert from "node:assert/strict";
import { readManifests } from "../../../lib/manifests/index.ts";
import {
  addressClaim,
  addressSetUuid,
  chosenUuid,
  clusterRouterName,
  completeOptions,
  containsAddress,
  containsRange,
  denyGroupIds,
  externalPortName,
  gatewayChassisName,
  graphToDot,
  graphToMermaid,
  graphToSvg,
  hashedName,
  keyedUuid,
  type LabelSelector,
  listNetworks,
  logicalSwitchUuid,
  macOfAddress,
  macOfName,
  matchesLabels,
  nadOfKey,
  networkStatus,
  nodeSwitchName,
  overlaps,
  parseAddress,
  parseCidr,
  parseMac,
  peerSetIds,
  planTopology,
  podPortName,
  policyGroupIds,
  selectorText,
  subnetClaim,
  transitRouterPortName,
} from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

const usage = (message: string | RegExp): object => ({ name: "UsageError", message });
const port = { nad: "s/blue", interface: "net1", ips: ["10.1.0.1/16"], mac: "0a:58:0a:01:00:01" };

// As plain JavaScript gives it.
describe("what is none of what a function is for", () => {
  it("is told by its place: ports of a network-status", () => {
    assert.deepEqual(networkStatus([port])[0]?.ips, ["10.1.0.1"]);
    const { mac, ...without } = port;
    for (const [given, message] of [
      [port, /^attachments must be a list: \{"nad":/],
      [undefined, "attachments must be a list"],
      [[null], "attachments[0] must be an object with nad, interface, ips and mac: null"],
      [[port, "x"], 'attachments[1] must be an object with nad, interface, ips and mac: "x"'],
      [[{ ...port, nad: 5 }], "attachments[0].nad must be a text: 5"],
      [[{ ...port, interface: null }], "attachments[0].interface must be a text: null"],
      [[without], "attachments[0].mac must be a text"],
      [[{ ...port, ips: mac }], `attachments[0].ips must be a list: "${mac}"`],
      [[{ ...port, ips: ["10.1.0.1", 5] }], "attachments[0].ips[1] must be a text: 5"],
      [[{ ...port, primary: "false" }], 'attachments[0].primary must be true or false: "false"'],
    ] as const)
      assert.throws(() => networkStatus(given as never), { name: "SpecError", message });
  });

  it("is told with what is meant: a database for a picture or a view, manifests for a request", async () => {
    const { nb } = await northboundWith({});
    for (const draw of [graphToMermaid, graphToDot, graphToSvg])
      for (const given of [nb, nb.view, undefined, null, 5, "x", [], { boxes: [] }])
        assert.throws(
          () => draw(given as never),
          usage("a picture must be one that graphTopology(nb.view) gives"),
        );
    for (const given of [nb, [], "x", { find: () => [] }])
      assert.throws(() => listNetworks(given as never), usage("view must be that of a database, nb.view"));
    assert.throws(
      () => planTopology(nb, readManifests([]) as never),
      usage("the request is what readManifests gave: plan { networks: networkRequests(manifests) }"),
    );
    assert.throws(
      () => completeOptions(null as never),
      usage("the options of a plan must be an object, and not null"),
    );
    await nb.close();
  });

  it("is told, or is no address", () => {
    assert.throws(
      () => clusterRouterName(undefined as never),
      usage("a network, or a NAD, is named by a text, and not by nothing"),
    );
    for (const given of [undefined, null, 5, [], ["10.0.0.1"], {}]) {
      assert.equal(parseAddress(given as never), undefined);
      assert.equal(parseCidr(given as never), undefined);
    }
    assert.equal(parseMac(["0a:58:0a:01:00:05"] as never), undefined);
  });

  it("is told before it is in a name, where it would be undefined or [object Object]", () => {
    const none = undefined as never;
    for (const [make, message] of [
      [() => nodeSwitchName("blue", none), "a node is a text, and not nothing"],
      [() => transitRouterPortName("blue", none), "a node is a text, and not nothing"],
      [() => externalPortName("blue", "n1", none), "a bridge is a text, and not nothing"],
      [() => gatewayChassisName(none, "n1"), "a router port is a text, and not nothing"],
      [() => gatewayChassisName("rtos", 5 as never), "a chassis is a text, and not 5"],
      [() => podPortName("s/blue", none, "a"), "a namespace is a text, and not nothing"],
      [() => podPortName("s/blue", "s", {} as never), "a pod is a text, and not {}"],
      [() => nadOfKey(none), "a NAD key is a text, and not nothing"],
      [() => hashedName(none), "an id is a text, and not nothing"],
      [() => macOfName(none), "the name of a port is a text, and not nothing"],
      [() => macOfName(""), "the name of a port is a text, and not an empty one"],
      [() => denyGroupIds(none, "s", "Ingress"), "a network is a text, and not nothing"],
      [() => denyGroupIds("blue", none, "Ingress"), "a namespace is a text, and not nothing"],
      [
        () => denyGroupIds("blue", "s", "ingress" as never),
        'the direction of a policy is Ingress or Egress, and not "ingress"',
      ],
      [() => policyGroupIds("blue", "s", none), "a policy is a text, and not nothing"],
      [() => peerSetIds("blue", none, {}, 4), "a namespace is a text, and not nothing"],
      [() => peerSetIds("blue", "s", none, 4), "the peer of a policy must be an object, and not undefined"],
      [() => peerSetIds("blue", "s", {}, "4" as never), 'a family is 4 or 6, and not "4"'],
    ] as const)
      assert.throws(make, usage(message));
  });

  it("is told before a uuid is made of it, which nobody would look for", () => {
    const none = undefined as never;
    const filled = "the name that a uuid is made of is a text, and not ";
    const part = "a part of the key that a uuid is made of is a text, and not nothing";
    for (const [make, message] of [
      [() => chosenUuid("", "a"), "the kind that a uuid is made of is a text, and not an empty one"],
      [() => chosenUuid("ACL"), "a uuid of the kind ACL needs a key"],
      [() => chosenUuid("ACL", none), part],
      [
        () => chosenUuid("ACL", "a\u0000b"),
        "no part of the key that a uuid is made of contains NUL, which separates them",
      ],
      [() => keyedUuid("ACL", ""), "a uuid of a row of ACL needs a key"],
      [() => keyedUuid("ACL", "", none), part],
      [() => logicalSwitchUuid(none), `${filled}nothing`],
      [() => addressSetUuid(""), `${filled}an empty one`],
      [() => addressClaim("", "10.1.0.1"), "a network is a text, and not an empty one"],
      [() => addressClaim("blue", none), "not an address: nothing"],
      [() => addressClaim("blue", "10.1.0.1/16"), 'not an address: "10.1.0.1/16"'],
      [
        () => addressClaim("blue", "FD00::1"),
        "an address is claimed by its canonical text, fd00::1, and not by FD00::1",
      ],
      [() => subnetClaim("blue", ""), 'not a subnet: ""'],
      [
        () => subnetClaim("blue", "10.1.0.1/24"),
        "a subnet is claimed by its canonical text, 10.1.0.0/24, and not by 10.1.0.1/24",
      ],
    ] as const)
      assert.throws(make, usage(message));
    // A column without a value is a part of the key, too.
    assert.notEqual(keyedUuid("NAT", "", "snat", ""), keyedUuid("NAT", "", "snat"));
  });

  it("is told where text stands for an address or a range, of which nothing would be true", () => {
    const range = parseCidr("10.1.0.0/16");
    const address = parseAddress("10.1.0.1");
    assert.ok(range && address && containsAddress(range, address) && overlaps(range, range));
    for (const [given, shown] of [
      [undefined, "nothing"],
      [null, "null"],
      ["10.1.0.0/16", '"10.1.0.0/16"'],
      [{}, "{}"],
    ] as const) {
      const none = given as never;
      const noRange = usage(`a range is what parseCidr gives, and not ${shown}`);
      const noAddress = usage(`an address is what parseAddress gives, and not ${shown}`);
      for (const compare of [containsRange, overlaps]) {
        assert.throws(() => compare(none, range), noRange);
        assert.throws(() => compare(range, none), noRange);
      }
      assert.throws(() => containsAddress(none, address), noRange);
      assert.throws(() => containsAddress(range, none), noAddress);
      assert.throws(() => macOfAddress(none), noAddress);
    }
  });

  it("is told where it would mean every object, or none", () => {
    const labels = { app: "web" };
    for (const [given, message] of [
      [undefined, "a label selector is an object, and not nothing"],
      ["app=web", 'a label selector is an object, and not "app=web"'],
      [[], "a label selector is an object, and not []"],
      [{ matchLabels: null }, "matchLabels is an object, and not null"],
      [{ matchExpressions: {} }, "matchExpressions is a list, and not {}"],
      [
        { matchExpressions: [{ key: "app", operator: "in", values: ["web"] }] },
        /^matchExpressions\[0\] has a key and one of the operators In, NotIn, Exists, DoesNotExist: \{"key":"app"/,
      ],
      [{ matchExpressions: [null] }, /^matchExpressions\[0\] has a key .*: null$/],
    ] as const) {
      const selector = given as unknown as LabelSelector;
      assert.throws(() => matchesLabels(selector, labels), usage(message));
      assert.throws(() => selectorText(selector), usage(message));
    }
    assert.throws(() => matchesLabels({}, null as never), usage("labels are an object, and not null"));
  });
});
