// Run as a process of its own: connects, says "ready", and when a line comes in applies the request that it was given; then it
// attaches a pod to the last network of the request, and says which addresses that got.
import { once } from "node:events";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import { Network, planTopology } from "../../lib/topology/index.ts";
import { type Brief, node, requestFor } from "./topology.ts";

const [remote = "", text = "{}"] = process.argv.slice(2);
const task = JSON.parse(text) as { readonly briefs: readonly Brief[]; readonly pod: string };
const nb = await connectNorthbound(remote);
process.stdout.write("ready\n");
await once(process.stdin, "data");
const request = requestFor(task.briefs);
await planTopology(nb, request).apply();
const last = request.networks.at(-1);
if (last === undefined) throw new Error("no network to attach to");
const pod = { namespace: "default", name: task.pod, node: node("n1") };
const { ips } = await new Network(last.spec).attach(nb, pod);
process.stdout.write(`${JSON.stringify(ips)}\n`);
await nb.close();
process.stdin.destroy();
