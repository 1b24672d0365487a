import type { ManifestSet } from "../../manifests/index.ts";
import { inspectedTables, summarisedTables } from "../../topology/index.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions } from "../options.ts";
import { formatData } from "../output/format.ts";
import type { ChosenListing } from "../output/listing.ts";
import { tell, tellAbsent } from "../output/messages.ts";
import { formatTable } from "../output/table.ts";
import type { ReadingOptions } from "../sources.ts";
import { type Choice, checkChoice } from "./chosen.ts";

/** What `get` lists. */
export type Resource = "networks" | "nodes" | "pods";

/** What it lists of them, in words. */
const SHOWN: Readonly<Record<Resource, string>> = {
  networks: "networks",
  nodes: "nodes of layer3 networks",
  pods: "pods",
};

/** Options of `get`. */
export interface GetOptions extends GlobalOptions {
  readonly filename?: readonly string[];
  readonly recursive?: true;
  readonly namespace?: string;
}

/** `get`: what the database holds, as a table. With manifests: only what they name, and what only they know. */
export async function get(
  resource: Resource,
  names: readonly string[],
  options: GetOptions,
  io: Io,
): Promise<number> {
  const { filename, recursive, namespace, timeout } = options;
  const choice: Choice = { names, ...(namespace !== undefined && { namespace }) };
  checkChoice(resource, choice, filename !== undefined);
  const set =
    filename && (await readSet({ filename, timeout, ...(recursive !== undefined && { recursive }) }, io));
  const { headings, rows, data, missing, unknown } = await list(resource, set, choice, options, io);
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  tellAbsent(io, missing);
  if (options.output !== "text")
    io.out(
      await formatData(
        set === undefined ? data : { ...data, ...(await besides(set, missing)) },
        options.output,
      ),
    );
  else if (rows.length > 0)
    io.out(
      formatTable(headings, rows)
        .map((line) => `${line}\n`)
        .join(""),
    );
  else if (unknown.length === 0) tell(io, `there are no ${SHOWN[resource]}${where} to show`);
  for (const name of unknown) tell(io, `${name}${where} is none of the ${SHOWN[resource]} in this database`);
  return unknown.length === 0 ? 0 : 1;
}

/** What was said of the manifests on standard error. */
async function besides(set: ManifestSet, absent: readonly string[]): Promise<object> {
  const { notesOn } = await import("../planning.ts");
  return { notes: notesOn(set), absent, skipped: set.skipped };
}

/** Loads what counts networks, or what lists all they consist of: the one is a fraction of the other. */
function list(
  resource: Resource,
  set: ManifestSet | undefined,
  choice: Choice,
  options: GlobalOptions,
  io: Io,
): Promise<ChosenListing> {
  if (resource === "networks")
    return readNorthbound(options, io, summarisedTables, async () => {
      const { listSummaries } = await import("./get-networks.ts");
      return (nb) => listSummaries(set, choice, nb);
    });
  return readNorthbound(options, io, inspectedTables, async () => {
    const { listParts } = await import("./get-parts.ts");
    return (nb) => listParts(resource, set, choice, nb);
  });
}

/** Loads what reads manifests only for those who have some: it takes as long as all the rest. */
async function readSet(options: ReadingOptions, io: Io): Promise<ManifestSet> {
  const { readManifestSet } = await import("../planning.ts");
  return readManifestSet(options, io);
}
