// Run as a process of its own by `pod-fleet.ts`: one handle that attaches the pods that it is told, through whatever happens to
// the database, and looks all the time whether rows that are there can be found.
import { NotSyncedError, OvsdbError } from "../../lib/index.ts";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import { SpecError } from "../../lib/topology/index.ts";
import { nodeSwitchName } from "../../lib/topology/naming/names.ts";
import type { ClientMessage, ClientTask, PodOrder } from "./pod-protocol.ts";
import { clientOptions, podNetwork } from "./pod-protocol.ts";

/** How many pods it attaches at once, as controllers have so many workers; the others wait, and their time counts. */
const workers = 32;
/** How many of the last acknowledged ports are looked up each time. */
const lookedUp = 20;

/** An order, and when it came. */
interface Order extends PodOrder {
  readonly ordered: number;
}

const task = JSON.parse(process.argv[2] ?? "{}") as ClientTask;
// The parent is gone, however it went.
process.on("disconnect", () => process.exit(1));
process.on("message", (message: PodOrder | "end") => {
  if (message === "end") void end();
  else void take({ ...message, ordered: performance.now() });
});

const nb = await connectNorthbound(task.remotes, { ...clientOptions, tls: task.tls });
const ports: string[] = [];
const waiting: Order[] = [];
let busy = 0;
let isEnding = false;
let looks = 0;
let refused = 0;
let resyncs = 0;
const looking = setInterval(look, 5);
const counting = countResyncs();
tell({ type: "ready" });

/** Attaches a pod now or when a worker is free. */
async function take(order: Order): Promise<void> {
  if (busy >= workers) {
    waiting.push(order);
    return;
  }
  busy += 1;
  for (let next: Order | undefined = order; next !== undefined; next = waiting.shift()) await attach(next);
  busy -= 1;
}

async function attach({ name, node, ordered }: Order): Promise<void> {
  const errors: string[] = [];
  while (!isEnding) {
    try {
      const { portName, ips } = await podNetwork.attach(nb, { namespace: "default", name, node });
      const milliseconds = performance.now() - ordered;
      tell({ type: "attached", pod: name, port: portName, ips, milliseconds, errors });
      ports.push(portName);
      return;
    } catch (error) {
      if (isEnding) return;
      if (error instanceof SpecError)
        tell({ type: "violation", text: `false "not found": ${error.message}` });
      // What is not known, or not done in time, a controller asks for again; anything else must not happen.
      else if (!isTransient(error))
        tell({ type: "violation", text: `${name} was not attached: ${String(error)}` });
      errors.push(error instanceof OvsdbError ? error.code : String(error));
    }
  }
}

function isTransient(error: unknown): boolean {
  return (
    error instanceof OvsdbError && ["ERR_OUTCOME_UNKNOWN", "ERR_TIMEOUT", "ERR_CONFLICT"].includes(error.code)
  );
}

/** What is certainly there is found, or reading is refused. */
function look(): void {
  try {
    looks += 1;
    for (const node of task.nodes) {
      const found = nb.tables.Logical_Switch.find({
        name: nodeSwitchName(podNetwork.spec.name, node),
      }).length;
      if (found !== 1) tell({ type: "violation", text: `switch of ${node} found ${found} times` });
    }
    for (const name of ports.slice(-lookedUp)) {
      if (nb.tables.Logical_Switch_Port.get({ name }) === undefined) {
        tell({ type: "violation", text: `acknowledged port ${name} is not found` });
      }
    }
  } catch (error) {
    if (error instanceof NotSyncedError) refused += 1;
    else tell({ type: "violation", text: `reading failed: ${String(error)}` });
  }
}

async function countResyncs(): Promise<void> {
  for await (const { cause } of nb.changes()) {
    if (cause === "resync") resyncs += 1;
  }
}

async function end(): Promise<void> {
  isEnding = true;
  clearInterval(looking);
  await nb.close();
  await counting;
  tell({ type: "summary", looks, refused, resyncs });
}

function tell(message: ClientMessage): void {
  process.send?.(message);
}
