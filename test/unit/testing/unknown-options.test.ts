import assert from "node:assert/strict";
import { planClusterDatabase } from "../../../lib/testing/cluster-options.ts";
import { type FaultProxy, type Faults, startFaultProxy } from "../../../lib/testing/index.ts";
import { planCluster } from "../../../lib/testing/multinode/options.ts";
import { planSandbox } from "../../../lib/testing/options.ts";

const refused = (message: string): object => ({ code: "ERR_USAGE", message });

describe("options of the test kit that nobody reads", () => {
  it("are refused, and the one that was meant is named", async () => {
    // A misspelt one made a smaller sandbox, and a proxy that lets all through.
    const misspelt = { northbound: true, northbond: true };
    assert.throws(
      () => planSandbox(misspelt),
      refused("option northbond is not known; did you mean northbound?"),
    );
    const members: object = { server: 5 };
    assert.throws(
      () => planClusterDatabase(members),
      refused("option server is not known; did you mean servers?"),
    );
    const nodes: object = { chasis: 5 };
    assert.throws(() => planCluster(nodes), refused("option chasis is not known; did you mean chassis?"));
    const proxy: object = { fault: {} };
    await assert.rejects(
      startFaultProxy("tcp:127.0.0.1:1", proxy),
      refused("option fault is not known; did you mean faults?"),
    );
  });

  it("are refused among faults, and leave those that there are", async () => {
    const cases: readonly (readonly [object, string])[] = [
      [{ dropreply: {} }, "option dropreply is not known; did you mean dropReply?"],
      [{ delay: 5 }, "the fault delay is of a direction: { toServer: { delay } }, toClient or both"],
      [{ toServer: { cutAfter: 1 } }, "option toServer.cutAfter is not known; did you mean cutAfterBytes?"],
      [{ dropReply: { methods: "transact" } }, "option dropReply.methods is not known; did you mean method?"],
    ];
    const setters: readonly ((proxy: FaultProxy, faults: Faults) => void)[] = [
      (proxy, faults) => proxy.setFaults(faults),
      (proxy, faults) => proxy.setOpenFaults(faults),
      (proxy, faults) => proxy.setNextFaults(faults),
    ];
    await using proxy = await startFaultProxy("tcp:127.0.0.1:1");
    for (const [faults, message] of cases) {
      await assert.rejects(startFaultProxy("tcp:127.0.0.1:1", { faults }), refused(message));
      for (const set of setters) assert.throws(() => set(proxy, faults), refused(message));
    }
  });
});
