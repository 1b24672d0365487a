import assert from "node:assert/strict";
import type { AttachReport, AttachTask } from "../support/attach-child.ts";
import { runChildren } from "../support/children.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { layer2Brief, layer3Brief, localnetBrief, useTopologyBench } from "../support/topology.ts";

const PROCESSES = 4;
const PODS = 16;
const ROUNDS = 2;
const CONNECTIONS = 2;

describeWithOvn("pods that several processes attach and detach at once", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const briefs = [
    // One of a few addresses is free again just when somebody else takes it.
    [layer2Brief([], { nad: "default/net", subnets: "10.1.0.0/16" }), "10.1."],
    [layer2Brief([], { nad: "default/net", subnets: "10.1.0.0/16,fd00:1::/64" }), "10.1."],
    [localnetBrief([], { nad: "default/net", subnets: "10.4.0.0/16,fd00:4::/64" }), "10.4."],
    [layer3Brief([], { nad: "default/net", subnets: "10.2.0.0/15/16,fd00:3::/48/64" }), "10.2."],
  ] as const;

  /** Addresses that two ports have at this moment. */
  function shared(): readonly string[] {
    const all = bench.nb.tables.Logical_Switch_Port.find({}).flatMap((port) =>
      port.type === "" ? port.addresses.join(" ").split(" ").slice(1) : [],
    );
    return all.filter((address, index) => all.indexOf(address) !== index);
  }

  for (const [brief, prefix] of briefs) {
    const isDual = String(brief.input.subnets).includes(",");
    const what = isDual ? "both families" : "one family";
    it(`never share an address, and all get theirs: ${brief.topology}, ${what}`, async () => {
      await bench.apply({ ...brief, nodes: ["n1"] });
      // Of both families, an address of the first that nobody else wants, for some: so the free ones are not in step, and the
      // claim on the first does not speak for the second.
      const tasks = Array.from({ length: PROCESSES }, (_, process): AttachTask => {
        const pods = Array.from({ length: PODS }, (__, pod) => ({
          name: `p${process}-${pod}`,
          ...(isDual && pod % 3 === 0 && { ips: [`${prefix}${process + 1}.${pod + 1}`] }),
        }));
        return { brief, pods, connections: CONNECTIONS, rounds: ROUNDS };
      });
      const seen = new Set<string>();
      const controller = new AbortController();
      const watching = bench.nb
        .until(
          () => {
            for (const address of shared()) seen.add(address);
            return false;
          },
          { signal: controller.signal },
        )
        .catch((error: unknown) => assert.equal(error, controller.signal.reason));
      const reports = (await runChildren(
        bench.sandbox.northbound.remote,
        tasks,
        "attach-child",
      )) as AttachReport[];
      controller.abort();
      await watching;
      assert.deepEqual([...seen], []);
      const told: Record<string, string> = Object.assign({}, ...reports.map(({ ports }) => ports));
      const rows = Object.entries(await bench.addresses()).filter(([name]) =>
        name.startsWith("default.net_"),
      );
      assert.deepEqual(Object.fromEntries(rows), told);
      assert.equal(rows.length, PROCESSES * PODS);
      const addresses = rows.map(([, text]) => text.split(" ").slice(1));
      const families = addresses.map((each) => each.map((address) => address.includes(":")));
      assert.deepEqual(
        families,
        rows.map(() => (isDual ? [false, true] : [false])),
      );
      assert.equal(new Set(addresses.flat()).size, addresses.flat().length);
    });
  }
});
