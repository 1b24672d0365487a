// Run as a process of its own: connects, says "ready", and when a line comes in attaches pods to a network and detaches them
// again, all at once, some of them with an address that they ask for; at last all are attached. Says which addresses they have.
import { once } from "node:events";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import { Network, parseNetwork } from "../../lib/topology/index.ts";
import type { Brief } from "./topology.ts";

/** What the child is to do. */
export interface AttachTask {
  readonly brief: Brief;
  /** Names, and addresses that some ask for. */
  readonly pods: readonly { readonly name: string; readonly ips?: readonly string[] }[];
  readonly connections: number;
  /** How often each goes again. */
  readonly rounds: number;
}

/** What it says. */
export interface AttachReport {
  /** As in `addresses` of the rows, by port. */
  readonly ports: Readonly<Record<string, string>>;
}

const [remote = "", text = "{}"] = process.argv.slice(2);
const { brief, pods, connections, rounds } = JSON.parse(text) as AttachTask;
const network = new Network(parseNetwork(brief.topology, brief.input));
const clients = await Promise.all(Array.from({ length: connections }, () => connectNorthbound(remote)));
process.stdout.write("ready\n");
await once(process.stdin, "data");
const ports = await Promise.all(
  pods.map(async (pod, index) => {
    const nb = clients[index % connections];
    if (nb === undefined) throw new Error("no connection");
    const input = { namespace: "default", node: "n1", ...pod };
    for (let round = 0; round < rounds; round += 1) {
      await network.attach(nb, input);
      await network.detach(nb, input);
    }
    const { portName, addresses } = await network.attach(nb, input);
    return [portName, addresses];
  }),
);
const report: AttachReport = {
  ports: Object.fromEntries(ports),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
await Promise.all(clients.map((nb) => nb.close()));
process.stdin.destroy();
