import { startSandbox } from "../../lib/testing/index.ts";
import { SeededRandom } from "../../lib/testing/seeded-random.ts";
import { behindItsBack, ExampleController, portOf } from "../support/example-controller.ts";
import { type Report, type SoakContext, spread } from "./report.ts";

/** How long until the database is as the manifests say: a controller that needs longer is stuck. */
const patience = 30_000;
const mostPods = 30;

/**
 * `examples/controller.ts` beside people who drop manifests in and take them out, delete and change its rows, and kill
 * its server and itself: each time the database must come to be as the manifests say.
 */
export async function controller({ seed, until, signal, progress }: SoakContext): Promise<Report> {
  const started = performance.now();
  const random = new SeededRandom(seed);
  await using sandbox = await startSandbox({ northbound: true, signal });
  const { northbound } = sandbox;
  await using kept = new ExampleController(northbound.remote);
  const counts = { pods: 0, deletions: 0, changes: 0, "servers killed": 0, "controllers killed": 0 };
  const times: number[] = [];
  const violations: string[] = [];
  const pods: string[] = [];

  /** Something that somebody does, and what it is counted as. */
  const deeds: readonly (() => Promise<keyof typeof counts>)[] = [
    async () => {
      const name = `p${counts.pods}`;
      kept.addPod(name);
      pods.push(name);
      return "pods";
    },
    async () => {
      if (pods.length > mostPods) kept.removePod(pods.shift() ?? "");
      return "pods";
    },
    async () => {
      const name = portOf(pods[random.integer(0, pods.length - 1)] ?? "");
      const where = [["name", "==", name]];
      await behindItsBack(northbound, {
        op: "update",
        table: "Logical_Switch",
        where: [],
        row: { ports: ["set", []] },
      });
      await behindItsBack(northbound, { op: "delete", table: "Logical_Switch_Port", where });
      return "deletions";
    },
    async () => {
      await behindItsBack(northbound, { op: "delete", table: "Logical_Switch", where: [] });
      return "deletions";
    },
    async () => {
      const row = { addresses: "unknown" };
      await behindItsBack(northbound, { op: "update", table: "Logical_Switch_Port", where: [], row });
      return "changes";
    },
    async () => {
      await northbound.kill();
      await northbound.start(signal);
      return "servers killed";
    },
    async () => {
      await kept.end("SIGKILL");
      kept.start();
      return "controllers killed";
    },
  ];

  kept.start();
  kept.addPod("first");
  pods.push("first");
  while (performance.now() < until && violations.length === 0) {
    signal.throwIfAborted();
    const began = performance.now();
    for (let number = random.integer(1, 3); number > 0; number -= 1) {
      const deed = deeds[random.integer(0, deeds.length - 1)];
      if (deed !== undefined) counts[await deed()] += 1;
    }
    if (!kept.isRunning) violations.push(`the controller has ended: ${kept.lines.slice(-3).join(" / ")}`);
    await kept.isKept(northbound, patience).catch((error: unknown) => violations.push(String(error)));
    times.push(performance.now() - began);
    if (times.length % 100 === 0) progress(`${times.length} rounds: ${JSON.stringify(counts)}`);
  }
  const ending = await kept.end("SIGTERM");
  if (ending !== 0) violations.push(`the controller ended with ${ending} when it was told to stop`);
  const seconds = (performance.now() - started) / 1_000;
  const figures = { rounds: times.length, ...counts, "until all was as wanted": spread(times) };
  return { scenario: "controller", seed, seconds, figures, violations };
}
