// Keeps a northbound database as the manifests in a folder say: applies what is dropped into the folder, and repairs what
// somebody else changes or deletes in the database. Runs until SIGINT or SIGTERM, through restarts of the database and
// failovers of its cluster, and may be killed and started again at any moment: what it knows is in the folder and the
// database. Nodes, pods and policies that leave the manifests are removed; networks are not: that is for `ovn-northbound delete`.
//
//   MANIFESTS=examples/article npm run example -- controller
import { readdir, readFile, watch } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectNorthbound, formatLogEntry, OvsdbError } from "ovn-northbound";
import { ManifestErrors, type ManifestSet, networkRequests, readManifests } from "ovn-northbound/manifests";
import { planTopology } from "ovn-northbound/topology";

const remotes = process.env["OVN_NB_DB"] ?? "unix:/var/run/ovn/ovnnb_db.sock";
const folder = process.env["MANIFESTS"] ?? "examples/article";

type Northbound = Awaited<ReturnType<typeof connectNorthbound>>;

/** Several files are often written at once, and a change of ours comes back as one of the database. */
const debounce = 50;
const retryAfter = 1_000;
/** Milliseconds for one plan and its transactions, as long as the database does not answer. */
const timeout = Number(process.env["APPLY_TIMEOUT"] ?? 60_000);

const stop = new AbortController();
const { signal } = stop;
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());

function log(text: string): void {
  console.log(`${new Date().toISOString()} ${text.replaceAll("\n", " ")}`);
}

/** Something may have to be done; set while something is being done, it is done once more. */
let isDue = true;
let wake = (): void => undefined;
function due(): void {
  isDue = true;
  wake();
}
signal.addEventListener("abort", due);

async function watchFolder(): Promise<void> {
  // Begins before the folder is read for the first time, so that nothing comes in between.
  for await (const _ of watch(folder, { signal })) due();
}

async function followDatabase(nb: Northbound): Promise<void> {
  for await (const _ of nb.changes(undefined, { signal })) due();
}

async function readFolder(): Promise<ManifestSet> {
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name)).sort();
  const files = names.map((name) => join(folder, name));
  return readManifests(
    await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, "utf8") }))),
  );
}

/** The last manifests without errors: while somebody edits them, the database is kept as it was wanted before. */
let wanted: ManifestSet | undefined;
let trouble = "";

/** Says what is wrong, once, however often it is met. */
function complain(text: string): void {
  if (text !== trouble) log(`error: ${text}`);
  trouble = text;
}

async function reconcile(nb: Northbound): Promise<void> {
  let isGood = true;
  try {
    wanted = await readFolder();
  } catch (error) {
    if (!(error instanceof ManifestErrors)) throw error;
    isGood = false;
    complain(error.message);
  }
  if (wanted === undefined || wanted.networks.length === 0) return;
  // Nothing can be planned on a replica that is not whole; this waits until it is.
  await nb.synced({ signal });
  const plan = planTopology(nb, { networks: networkRequests(wanted), prune: true });
  if (plan.changes.length > 0) {
    const { changes } = await plan.apply({ signal, timeout });
    for (const { action, table, name, reason } of changes) {
      log(`${action} ${table} ${name}${reason === undefined ? "" : ` (${reason})`}`);
    }
  }
  if (isGood) trouble = "";
}

async function run(): Promise<void> {
  // Ends with the signal only: a controller may well be there before its database.
  await using nb = await connectNorthbound(remotes, {
    signal,
    connectTimeout: Number.POSITIVE_INFINITY,
    log: (entry) => {
      if (entry.level !== "debug") console.log(formatLogEntry(entry));
    },
  });
  void endWith(followDatabase(nb));
  while (!signal.aborted) {
    if (!isDue) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await sleep(debounce, undefined, { signal });
    isDue = false;
    try {
      await reconcile(nb);
    } catch (error) {
      signal.throwIfAborted();
      complain(error instanceof Error ? error.message : String(error));
      // What only a change of the manifests or of the database can mend is tried again when there is one. All else passes: no
      // time left, no connection, a transaction of which it is not known whether it was committed. The next plan will see.
      const isLasting = error instanceof OvsdbError && !error.retryable;
      if (!isLasting) setTimeout(due, retryAfter).unref();
    }
  }
}

/** Ends the program when something ends that never should; being stopped is no failure. */
async function endWith(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) {
      complain(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    }
  }
  stop.abort();
}

log(`keeping ${remotes} as ${folder} says`);
void endWith(watchFolder());
await endWith(run());
log("stopped");
