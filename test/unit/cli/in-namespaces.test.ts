import assert from "node:assert/strict";
import { inNamespaces } from "../../../lib/cli/output/in-namespaces.ts";

describe("what is in namespaces", () => {
  const thing = (text: string): { namespace: string; name: string; network: string } => {
    const [namespace = "", name = "", network = ""] = text.split("/");
    return { namespace, name, network };
  };
  const things = ["b/a/x", "a/z/x", "a/b/y", "a/b/x", "a/b-c/x"].map(thing);

  it("is listed by namespace, then by name, then by network", () => {
    const { shown, missing, subjects } = inNamespaces("policy", things, undefined);
    assert.deepEqual(shown, ["a/b/x", "a/b/y", "a/b-c/x", "a/z/x", "b/a/x"].map(thing));
    assert.deepEqual([subjects[0], missing], ['policy a/b on network "x"', []]);
  });

  it("is only what manifests name, and what of that is missing is told", () => {
    const { shown, missing } = inNamespaces("policy", things, ["a/z/x", "a/z/y"].map(thing));
    assert.deepEqual([shown, missing], [[thing("a/z/x")], ['policy a/z on network "y"']]);
  });
});
