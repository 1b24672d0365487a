import assert from "node:assert/strict";
import { Database } from "../../../lib/database/index.ts";
import { parseEndpoints } from "../../../lib/jsonrpc/index.ts";
import { applyRows } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { layer2 } from "../../../lib/topology/index.ts";
import { northboundWith } from "./support.ts";

const pod = { namespace: "s", name: "a", node: "n1" };

// As plain JavaScript gives them.
describe("values of options that are none", () => {
  const network = layer2({ name: "blue", nad: "s/blue" });

  it("are refused by name: signals, by all that takes one", async () => {
    const { nb, sent } = await northboundWith({});
    const calls: readonly ((signal: never) => unknown)[] = [
      (signal) => Database.connect(northbound, "unix:/x", { signal }),
      (signal) => nb.transact(() => assert.fail("it runs"), { signal }),
      async (signal) => nb.changes(undefined, { signal }),
      (signal) => nb.until(() => true, { signal }),
      (signal) => nb.synced({ signal }),
      (signal) => nb.lock("a", { signal }),
      (signal) => nb.setConditions({}, { signal }),
      (signal) => network.attach(nb, pod, { signal }),
      (signal) => network.detach(nb, pod, { signal }),
      (signal) => network.delete(nb, { signal }),
      (signal) => network.plan(nb).apply({ signal }),
      (signal) => applyRows(nb, {}, () => assert.fail("it runs"), { signal }),
    ];
    const given = [
      [5, "5"],
      [null, "null"],
      ["x", '"x"'],
      [[], "a list"],
      [{}, "an object"],
    ] as const;
    for (const call of calls) {
      for (const [signal, what] of given)
        await assert.rejects(async () => call(signal as never), {
          name: "UsageError",
          message: `signal: ${what} is not an AbortSignal`,
        });
      await assert.rejects(async () => call(new AbortController() as never), {
        name: "UsageError",
        message: "signal: an object is not an AbortSignal; did you mean its signal?",
      });
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("are refused by name: what is true or false, and functions", async () => {
    const { nb, sent } = await northboundWith({});
    const connect = (options: object): Promise<unknown> => Database.connect(northbound, "unix:/x", options);
    const fails = (): never => assert.fail("it runs");
    const calls: readonly (readonly [string, (options: object) => unknown])[] = [
      ...["leaderOnly", "shuffle", "reconnect"].map((name) => [name, connect] as const),
      ["verifyHostname", (tls) => connect({ tls })],
      ...["dryRun", "idempotent", "onlyChanges"].map(
        (name) => [name, (options: object) => nb.transact(fails, options)] as const,
      ),
      ["initial", (options) => nb.changes(undefined, options)],
      ["steal", (options) => nb.lock("a", options)],
      ["force", (options) => network.delete(nb, options)],
      ...[
        (options: object) => network.attach(nb, pod, options),
        (options: object) => network.detach(nb, pod, options),
        (options: object) => network.delete(nb, options),
        (options: object) => network.plan(nb).apply(options),
        (options: object) => applyRows(nb, {}, fails, options),
      ].map((call) => ["dryRun", call] as const),
      ["merge", (options) => applyRows(nb, {}, fails, options)],
    ];
    for (const [name, call] of calls)
      for (const [value, what] of [
        ["false", '"false"'],
        [0, "0"],
        [null, "null"],
      ] as const)
        await assert.rejects(async () => call({ [name]: value }), {
          name: "UsageError",
          message: `${name}: ${what} is neither true nor false`,
        });
    for (const [name, call] of [
      ["log", connect],
      ["dial", connect],
      ["isOurs", (options: object) => applyRows(nb, {}, fails, options)],
    ] as const)
      await assert.rejects(async () => call({ [name]: {} }), {
        name: "UsageError",
        message: `${name}: an object is not a function`,
      });
    for (const name of ["tls", "limits"])
      await assert.rejects(connect({ [name]: null }), {
        name: "UsageError",
        message: `option ${name} must be an object, and not null`,
      });
    assert.throws(() => parseEndpoints(undefined as never), {
      name: "EndpointError",
      message: 'cannot read the server address "undefined": it must be a text',
    });
    assert.deepEqual(sent, []);
    await nb.close();
  });
});
