// Run as a process of its own: connects, says "ready", and applies the request it was given when a line comes in.
import { once } from "node:events";
import { connectNorthbound } from "../../lib/index.ts";
import { Network, planTopology } from "../../lib/topology/index.ts";
import type { PodAttachment } from "../../lib/topology/network.ts";
import { type Brief, requestFor } from "./topology.ts";

const [remote = "", text = "{}"] = process.argv.slice(2);
const task = JSON.parse(text) as { readonly briefs: Brief[]; readonly attach?: PodAttachment };
const nb = await connectNorthbound(remote);
process.stdout.write("ready\n");
await once(process.stdin, "data");
const request = requestFor(task.briefs);
if (task.attach === undefined) {
  const { changed } = await planTopology(nb, request).apply();
  process.stdout.write(`${JSON.stringify({ changed })}\n`);
} else {
  const [network] = request.networks;
  if (network === undefined) throw new Error("no network to attach to");
  const { ips } = await new Network(network.spec).attach(nb, task.attach);
  process.stdout.write(`${JSON.stringify({ ips })}\n`);
}
await nb.close();
process.stdin.destroy();
