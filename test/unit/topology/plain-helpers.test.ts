import assert from "node:assert/strict";
import { readManifests } from "../../../lib/manifests/index.ts";
import {
  clusterRouterName,
  completeOptions,
  graphToDot,
  graphToMermaid,
  graphToSvg,
  listNetworks,
  networkStatus,
  parseAddress,
  parseCidr,
  planTopology,
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
  });
});
