import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Workload } from "../bench.ts";
import { type Measured, nodeClient, runClient } from "../client-process.ts";
import { ratio } from "../figure.ts";
import { expectRows } from "../server.ts";
import { median } from "../statistics.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const command = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const importing = 'import "ovn-northbound"; import "ovn-northbound/topology";';

/** The command line, from its start to its end. */
export const w10: Workload = {
  name: "w10",
  title: "`ovn-northbound get networks` on 100 layer2 networks of 10 pods, as a whole process",
  async run(bench) {
    const networks = 100;
    const task = { topology: "layer2", networks, nodes: 1, pods: 10 };
    const { northbound } = await bench.shared("layer2 networks", async (remote) => {
      await runClient(nodeClient("ours-network"), { kind: "build", remote, ...task });
      await expectRows(remote, "Logical_Switch_Port", networks * task.pods);
    });
    const { remote } = northbound;
    const { empty, ours, nbctl, imports } = await bench.rounds("W10", {
      empty: () => whole(process.execPath, ["-e", "0"], 0),
      ours: () => whole(process.execPath, [command, "--db", remote, "get", "networks"], networks),
      nbctl: () => whole("ovn-nbctl", [`--db=${remote}`, "ls-list"], networks),
      imports: () => whole(process.execPath, ["--input-type=module", "--eval", importing], 0),
    });
    return [
      ratio("to node -e 0", ours.of("seconds"), empty.of("seconds"), { must: 3, goal: 2 }),
      { what: "ours", unit: "ms", samples: ours.of("seconds", 1000) },
      { what: "node -e 0", unit: "ms", samples: empty.of("seconds", 1000) },
      { what: "ovn-nbctl ls-list", unit: "ms", samples: nbctl.of("seconds", 1000) },
      ratio(
        "a program that imports the client and the builders, to node -e 0",
        imports.of("seconds"),
        empty.of("seconds"),
      ),
      { what: "a program that imports them", unit: "ms", samples: imports.of("seconds", 1000) },
    ];
  },
};

/** The median of several runs, as one is over before the machine can be seen to be disturbed. */
async function whole(program: string, args: readonly string[], atLeastLines: number): Promise<Measured> {
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    const { status, stdout } = spawnSync(program, args, { cwd: project, encoding: "utf8" });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0 || stdout.split("\n").length - 1 < atLeastLines) {
      throw new Error(
        `the bench measured nothing: ${program} ${args.join(" ")} ended with ${status}: ${stdout}`,
      );
    }
    return seconds;
  });
  return { seconds: median(times), cpuSeconds: 0 };
}
