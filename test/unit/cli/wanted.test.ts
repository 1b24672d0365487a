import assert from "node:assert/strict";
import { CliError } from "../../../lib/cli/cli-error.ts";
import { wantedOf } from "../../../lib/cli/commands/wanted.ts";
import { singular } from "../../../lib/cli/resources.ts";

describe("what follows get and delete", () => {
  it("is a resource, in any of kubectl's words for it, and names", () => {
    for (const [resource, words] of [
      ["networks", ["network", "net", "networks", "Networks"]],
      ["nodes", ["node", "no", "nodes"]],
      ["pods", ["pod", "po", "pods"]],
      ["policies", ["policy", "netpol", "networkpolicy", "networkpolicies", "policies"]],
      ["services", ["service", "svc", "services"]],
    ] as const)
      for (const word of words) {
        assert.deepEqual(wantedOf([word]), [{ resource, names: [] }], word);
        assert.deepEqual(wantedOf([word, "a", "d/b"]), [{ resource, names: ["a", "d/b"] }], word);
      }
  });

  it("is several of them, once each", () => {
    assert.deepEqual(wantedOf(["net,po,network"]), [
      { resource: "networks", names: [] },
      { resource: "pods", names: [] },
    ]);
    assert.deepEqual(wantedOf(["no,po", "a"]), [
      { resource: "nodes", names: ["a"] },
      { resource: "pods", names: ["a"] },
    ]);
  });

  it("is RESOURCE/NAME of each, where names may have slashes", () => {
    assert.deepEqual(wantedOf(["pod/d/web", "network/a/b", "po/db"]), [
      { resource: "pods", names: ["d/web", "db"] },
      { resource: "networks", names: ["a/b"] },
    ]);
  });

  it("is refused with what there is", () => {
    for (const [words, reason] of [
      [
        ["foo"],
        /^there is no resource "foo"; there are: networks, nodes, pods, policies, services; manifests /,
      ],
      [["/srv/shop"], /^there is no resource "\/srv\/shop"; .*; manifests follow -f /],
      [["pods,"], /^there is no resource "";/],
      [["shop/web"], /^there is no resource "shop";/],
      [["pod/"], /^pod\/ has no name: say RESOURCE\/NAME for each/],
      [["pod/d/web", "db"], /^db has no resource: say RESOURCE\/NAME for each/],
      [["pods", "web", ""], /^a name after pods is empty: which one is meant\?$/],
      [["pod/web", ""], /^a name after pod\/web is empty/],
      [["constructor"], /^there is no resource "constructor";/],
    ] as const)
      assert.throws(
        () => wantedOf(words),
        (error) => error instanceof CliError && reason.test(error.message),
        words.join(" "),
      );
  });

  it("has a word for one of them", () => {
    assert.deepEqual(["networks", "nodes", "pods", "policies", "services"].map(singular), [
      "network",
      "node",
      "pod",
      "policy",
      "service",
    ]);
  });
});
