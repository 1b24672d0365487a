import type { ManifestSet } from "../../manifests/index.ts";
import { CliError } from "../cli-error.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import { checkFilenameOptions } from "../options.ts";
import type { ChosenListing } from "../output/listing.ts";
import { formatTables } from "../output/listing-text.ts";
import { tellAbsent } from "../output/messages.ts";
import { enumerate } from "../output/text.ts";
import type { ReadingOptions } from "../sources.ts";
import { choicesOf } from "./chosen.ts";
import { type GetOptions, listsOf } from "./lists.ts";
import { wantedOf } from "./wanted.ts";

/** `get`: what the database holds, as a table. With manifests: only what they name, and what only they know. */
export async function get(words: readonly string[], options: GetOptions, io: Io): Promise<number> {
  const choices = choicesOf(wantedOf(words), options);
  checkFilenameOptions(options);
  if (options.outputWatchEvents && !options.watch)
    throw new CliError("--output-watch-events goes with --watch");
  if (options.watch && choices.length > 1)
    throw new CliError(
      `--watch takes one resource, and not ${enumerate(choices.map(({ resource }) => resource))} together`,
    );
  const { filename, recursive, timeout } = options;
  const set =
    filename && (await readSet({ filename, timeout, ...(recursive !== undefined && { recursive }) }, io));
  const lists = listsOf(choices, set);
  if (options.watch) {
    const { watch } = await import("./watch.ts");
    return watch(lists, set, options, io);
  }
  const listings = await readNorthbound(options, io, lists.tables, lists.load);
  if (!options.ignoreNotFound)
    tellAbsent(
      io,
      listings.flatMap(({ missing }) => missing),
    );
  io.out(await format(listings, options, set));
  if (listings.every(({ rows, unknown }) => rows.length > 0 && unknown.length === 0)) return 0;
  const { tellUnmatched } = await import("./unmatched.ts");
  return tellUnmatched(choices, listings, options, io) ? 1 : 0;
}

async function format(
  listings: readonly ChosenListing[],
  { output, headers }: GetOptions,
  set: ManifestSet | undefined,
): Promise<string> {
  if (output === "text" || output === "wide") return formatTables(listings, output, headers);
  const { formatDocument } = await import("../output/listing-data.ts");
  return formatDocument(listings, output, set === undefined ? {} : await besides(set, listings));
}

/** What was said of the manifests on standard error. */
async function besides(set: ManifestSet, listings: readonly ChosenListing[]): Promise<object> {
  const { notesOn } = await import("../planning.ts");
  const absent = listings.flatMap(({ missing }) => missing);
  return { notes: notesOn(set), absent, skipped: set.skipped };
}

/** Loads what reads manifests only for those who have some: it takes as long as all the rest. */
async function readSet(options: ReadingOptions, io: Io): Promise<ManifestSet> {
  const { readManifestSet } = await import("../planning.ts");
  return readManifestSet(options, io);
}
