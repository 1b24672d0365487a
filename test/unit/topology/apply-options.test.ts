import assert from "node:assert/strict";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { applyRows } from "../../../lib/reconcile/index.ts";
import { type ApplyOptions, layer2 } from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

describe("a `wait` that is none", () => {
  const network = layer2({ name: "blue", nad: "default/blue", subnets: "10.1.0.0/16" });
  const pod = { namespace: "default", name: "a", node: "n1" };
  // What plain JavaScript may give.
  const options = { wait: "SB" as "sb" };

  it("is refused by all that applies, with nothing sent", async () => {
    const { nb, sent } = await northboundWith({});
    for (const call of [
      () => network.plan(nb).apply(options),
      () => network.attach(nb, pod, options),
      () => network.detach(nb, pod, options),
      () => network.delete(nb, options),
      () => applyRows(nb, {}, () => ({ rows: [] }), options),
    ]) {
      const isNamed = (error: unknown): boolean =>
        error instanceof UsageError && /^wait: "SB"/.test(error.message);
      await assert.rejects(call, isNamed, String(call));
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });
});

describe("a `maxBytes` or `onProgress` that is none", () => {
  const network = layer2({ name: "blue", nad: "default/blue", subnets: "10.1.0.0/16" });

  it("is refused with its name and value, with nothing sent", async () => {
    const { nb, sent } = await northboundWith({});
    // What plain JavaScript may give.
    const given: readonly (readonly [ApplyOptions, message: string])[] = [
      [{ maxBytes: "5" as never }, 'maxBytes: "5" is not a number of bytes'],
      [{ maxBytes: -5 }, "maxBytes: -5 is not a number of bytes"],
      [{ maxBytes: Number.NaN }, "maxBytes: NaN is not a number of bytes"],
      [{ onProgress: "x" as never }, 'onProgress: "x" is not a function'],
    ];
    for (const [options, message] of given) {
      await assert.rejects(network.plan(nb).apply(options), { code: "ERR_USAGE", message });
      await assert.rejects(network.delete(nb, options), { code: "ERR_USAGE", message });
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });
});

describe("an option that nobody reads", () => {
  const network = layer2({ name: "blue", nad: "default/blue", subnets: "10.1.0.0/16" });
  const pod = { namespace: "default", name: "a", node: "n1" };

  it("is refused by all that applies, with nothing sent, and the one that was meant is named", async () => {
    const { nb, sent } = await northboundWith({});
    const misspelt: readonly (readonly [string, string, (options: object) => Promise<unknown>])[] = [
      ["dryrun", "dryRun", (options) => network.plan(nb).apply(options)],
      ["maxbytes", "maxBytes", (options) => network.attach(nb, pod, options)],
      ["profil", "profile", (options) => network.attach(nb, pod, options)],
      ["dry_run", "dryRun", (options) => network.detach(nb, pod, options)],
      ["forced", "force", (options) => network.delete(nb, options)],
      ["dryrun", "dryRun", (options) => nb.transact(() => assert.fail("it runs"), options)],
      ["isours", "isOurs", (options) => applyRows(nb, {}, () => assert.fail("it runs"), options)],
    ];
    for (const [key, meant, call] of misspelt) {
      const isNamed = (error: unknown): boolean =>
        error instanceof UsageError && error.message === `option ${key} is not known; did you mean ${meant}?`;
      await assert.rejects(() => call({ [key]: true }), isNamed, String(call));
    }
    await assert.rejects(
      nb.transact(() => assert.fail("it runs"), { constructor: true } as never),
      {
        code: "ERR_USAGE",
        message: "option constructor is not known",
      },
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("is none when its value is undefined, and what is inherited is nobody's", async () => {
    const { nb } = await northboundWith({});
    const options = Object.assign(Object.create({ inherited: true }), { dryrun: undefined });
    assert.equal((await nb.transact(() => 5, options)).value, 5);
    await nb.close();
  });
});
