import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError } from "../../lib/index.ts";
import { type Dial, dialSocket } from "../../lib/jsonrpc/index.ts";
import { type AttachedPort, layer2, type Northbound } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { catchUp, useTopologyBench } from "../support/topology.ts";

// The second family is claimed by no uuid, so that of calls at once one goes alone, and those after it together.
const net = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/16,fd00:1::/64" });

describeWithOvn("calls of attach that end while they are in the transaction of another", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));

  /** Nothing of what the server says arrives once the transaction with the pod "guest" was sent, until it is opened. */
  class Gate {
    sent = "";
    #held: (() => void)[] | undefined;

    readonly dial: Dial = async (endpoint, options) => {
      const transport = await dialSocket(endpoint, options);
      return {
        start: (handlers) =>
          transport.start({
            onData: (chunk) => {
              if (this.#held === undefined) handlers.onData(chunk);
              else this.#held.push(() => handlers.onData(chunk));
            },
            onClose: (error) => handlers.onClose(error),
          }),
        send: (text) => {
          if (text.includes("net_default_guest")) {
            this.sent = text;
            this.#held ??= [];
          }
          transport.send(text);
        },
        close: () => transport.close(),
        get writableLength() {
          return transport.writableLength;
        },
      };
    };

    open(): void {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const pass of held) pass();
    }
  }

  const attach = (nb: Northbound, name: string, options: { signal?: AbortSignal; timeout?: number } = {}) =>
    net.attach(nb, { namespace: "default", name, node: "n1" }, options);

  const turn = (): Promise<unknown> => new Promise((done) => setImmediate(done));

  /** A call that leads, and one that is in its transaction, of which nothing is known yet. Calls go together only with one signal. */
  async function underWay(
    nb: Northbound,
    gate: Gate,
    options: { readonly signal?: AbortSignal; readonly timeout?: number },
  ): Promise<readonly [leader: Promise<AttachedPort>, guest: Promise<AttachedPort>]> {
    const first = attach(nb, "first");
    await turn();
    const leader = attach(nb, "leader", options);
    const guest = attach(nb, "guest", options);
    for (const call of [leader, guest]) call.catch(() => undefined);
    await first;
    await waitFor(() => gate.sent !== "");
    assert.ok(gate.sent.includes("net_default_leader"));
    return [leader, guest];
  }

  async function withGate(work: (nb: Northbound, gate: Gate) => Promise<void>): Promise<void> {
    await net.plan(bench.nb).apply();
    const gate = new Gate();
    const nb = await connectNorthbound(bench.sandbox.northbound.remote, { dial: gate.dial });
    try {
      await catchUp(nb);
      await work(nb, gate);
    } finally {
      gate.open();
      await nb.close();
    }
  }

  for (const what of ["aborted", "out of time"])
    it(`are in doubt, as the other is: ${what}`, () =>
      withGate(async (nb, gate) => {
        const controller = new AbortController();
        const isAborted = what === "aborted";
        using clock = new Clock();
        const options = isAborted ? { signal: controller.signal } : { timeout: 20_000 };
        const calls = await underWay(nb, gate, options);
        if (isAborted) controller.abort(new Error("enough"));
        else clock.pass(20_000);
        for (const call of calls)
          await assert.rejects(call, (error) => error instanceof OutcomeUnknownError && error.retryable);
        gate.open();
        // Both came to be, after all: whoever was told of no doubt would think that there is nothing.
        await waitFor(() => nb.tables.Logical_Switch_Port.size === 3);
      }));
});
