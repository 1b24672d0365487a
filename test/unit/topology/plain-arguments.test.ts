import assert from "node:assert/strict";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { locate, networkRequests, readDeletion, readManifests } from "../../../lib/manifests/index.ts";
import {
  graphTopology,
  layer2,
  layer3,
  listNetworks,
  listNodes,
  listPolicies,
  listServices,
  localnet,
  PodWatch,
  parseNetwork,
  planDeletion,
  planTopology,
  summariseNetworks,
} from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

describe("arguments from plain JavaScript", () => {
  const network = layer2({ name: "blue", nad: "s/blue", subnets: "10.1.0.0/16" });
  const pod = { namespace: "s", name: "a", node: "n1" };

  it("that are no description of a network are refused by name, and so is a promise of a database", async () => {
    const { nb, sent } = await northboundWith({});
    const refused = (call: () => unknown, message: RegExp): void =>
      assert.throws(call, (error) => error instanceof UsageError && message.test(error.message));
    for (const given of [null, undefined, "blue", 5, [network]] as never[]) {
      for (const make of [layer2, layer3, localnet, (input: never) => parseNetwork("layer2", input)])
        refused(() => make(given), /^the description of a network must be an object, and not /);
      refused(() => planTopology(nb, given), /^the request must be an object, and not /);
      refused(() => planDeletion(nb, given), /^the request must be an object, and not /);
    }
    refused(
      () => network.plan(nb, null as never),
      /^what a plan is made from must be an object, and not null$/,
    );
    refused(
      () => network.plan(nb, [{ name: "n1" }] as never),
      /^what a plan is made from must be an object, and not a list$/,
    );
    refused(
      () => planTopology(nb, { networks: [network as never] }),
      /^networks\[0\] is a network: give \{ spec: network\.spec, /,
    );
    for (const given of [null, undefined, Promise.resolve(nb)] as never[]) {
      refused(() => network.plan(given), /^nb must be a northbound database/);
      refused(() => planTopology(given, { networks: [] }), /^nb must be/);
      refused(() => planDeletion(given, { networks: [], pods: [] }), /^nb must be/);
      await assert.rejects(network.attach(given, pod), { code: "ERR_USAGE" });
      await assert.rejects(network.detach(given, pod), { code: "ERR_USAGE" });
      await assert.rejects(network.delete(given), { code: "ERR_USAGE" });
    }
    for (const given of [null, undefined, "nb", nb, Promise.resolve(nb.view)] as never[])
      for (const read of [
        ...[listNetworks, listNodes, listPolicies, listServices, summariseNetworks, graphTopology],
        (view: never) => new PodWatch(view),
      ])
        refused(() => read(given), /^view must be that of a database, nb\.view$/);
    const none = null as never;
    for (const call of [
      network.attach(nb, pod, none),
      network.detach(nb, pod, none),
      network.delete(nb, none),
      network.plan(nb).apply(none),
    ])
      await assert.rejects(call, { code: "ERR_USAGE", message: "options must be an object, and not null" });
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("of a wrong type are told of by path, whatever they hold", async () => {
    const { nb, sent } = await northboundWith({});
    const ring: Record<string, unknown> = {};
    ring["ring"] = ring;
    const odd = [
      ring,
      5n,
      Symbol("s"),
      () => 1,
      Object.create(null),
      new Proxy({}, {}),
      new Array(2),
      Number.NaN,
    ];
    const cases: readonly (readonly [string, (value: unknown) => object])[] = [
      ["nodes[n1].chassisId", (chassisId) => ({ nodes: [{ name: "n1", chassisId }] })],
      ["nodes[n1].subnets.blue", (value) => ({ nodes: [{ name: "n1", subnets: { blue: value } }] })],
      ["nodes[n1].transitAddresses[0]", (value) => ({ nodes: [{ name: "n1", transitAddresses: [value] }] })],
      ["nodes[n1].gateway", (gateway) => ({ nodes: [{ name: "n1", gateway: gateway ?? 1 }] })],
      ["pods[s/a].ips[0]", (value) => ({ pods: [{ ...pod, ips: [value] }] })],
      ["pods[s/a].mac", (mac) => ({ pods: [{ ...pod, mac }] })],
      ["pods[s/a].uid", (uid) => ({ pods: [{ ...pod, uid }] })],
      ["pods[s/a].recorded.ips", (ips) => ({ pods: [{ ...pod, recorded: { ips } }] })],
      ["pods[s/a].labels.app", (app) => ({ pods: [{ ...pod, labels: { app } }] })],
      ["pods[s/a].vm.active", (active) => ({ pods: [{ ...pod, vm: { name: "v", active } }] })],
      ["pods[s/a].claim.ips", (ips) => ({ pods: [{ ...pod, claim: { namespace: "s", name: "c", ips } }] })],
      ["claims[0].ips[0]", (value) => ({ claims: [{ namespace: "s", name: "c", ips: [value] }] })],
      // Taken for true, these would remove what is there.
      ["prune", (prune) => ({ prune })],
      ["merge", (merge) => ({ merge })],
      ["migrate", (migrate) => ({ migrate })],
    ];
    for (const [path, input] of cases)
      for (const value of ["nodes[n1].gateway"].includes(path) ? odd.slice(1, 4) : odd)
        assert.throws(
          () => network.plan(nb, input(value)),
          (error: { code?: string; path?: string }) =>
            error.code === "ERR_SPEC" && error.path?.startsWith(path),
          path,
        );
    for (const name of ["prune", "pruneNetworks"])
      assert.throws(() => planTopology(nb, { networks: [], [name]: "false" }), {
        path: name,
        value: "false",
      });
    assert.throws(() => planDeletion(nb, { networks: [], pods: [], force: "false" as never }), {
      path: "force",
    });
    const removal = { networks: [], pods: [] };
    const role = "primary";
    const removals: readonly (readonly [string, object])[] = [
      ["policies", { policies: {} }],
      ["policies[0]", { policies: [null] }],
      ["policies[0].name", { policies: [{ namespace: "s", role }] }],
      ["policies[0].role", { policies: [{ namespace: "s", name: "p" }] }],
      ["services", { services: "web" }],
      ["services[1].namespace", { services: [{ namespace: "s", name: "w" }, { name: "w" }] }],
      ["pods[s/a].nad", { pods: [{ namespace: "s", name: "a" }] }],
    ];
    for (const [path, input] of removals)
      assert.throws(() => planDeletion(nb, { ...removal, ...input } as never), { code: "ERR_SPEC", path });
    for (const value of odd) {
      await assert.rejects(network.attach(nb, { ...pod, name: value as never }), {
        code: "ERR_SPEC",
        path: "pod.name",
      });
      await assert.rejects(network.attach(nb, pod, { timeout: value as never }), { code: "ERR_USAGE" });
      assert.throws(() => layer2({ name: value as never }), { code: "ERR_SPEC", path: "name" });
      assert.throws(() => layer2({ name: "x", nad: value as never }), { code: "ERR_SPEC", path: "nad" });
      assert.throws(() => layer2({ name: "x", subnets: value as never }), {
        code: "ERR_SPEC",
        path: "subnets",
      });
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("that are no manifests are refused by place", () => {
    for (const read of [readManifests, readDeletion]) {
      for (const given of [null, undefined, "a.yaml", {}] as never[])
        assert.throws(() => read(given), {
          code: "ERR_USAGE",
          message: "sources must be a list of { file, text }",
        });
      for (const source of [null, "a.yaml", { file: "a" }, { file: "a", text: Buffer.from("") }])
        assert.throws(() => read([{ file: "a", text: "" }, source as never]), {
          code: "ERR_USAGE",
          message: "sources[1] must be { file, text }, two texts",
        });
    }
    for (const given of [undefined, null, {}, readDeletion([])] as never[]) {
      const none = { code: "ERR_USAGE", message: "set must be what readManifests returns" };
      assert.throws(() => networkRequests(given), none);
      assert.throws(() => locate(new Error("why"), given), none);
    }
    assert.throws(() => readManifests([], { zone: "a" } as never), { code: "ERR_USAGE" });
  });
});
