import { EndpointError, OvsdbError } from "../../jsonrpc/index.ts";
import { describeValue, ManifestError, ManifestErrors, type Skipped } from "../../manifests/index.ts";
import { AmbiguousRowError } from "../../reconcile/index.ts";
import { OutcomeUnknownError } from "../../session/index.ts";
import { ForeignRowsError, ProfileMismatchError } from "../../topology/index.ts";
import { CliError, CliErrors } from "../cli-error.ts";
import { Interrupted } from "../io.ts";
import { DEBUG_VARIABLE, REMOTE_VARIABLE } from "../options.ts";
import { inOurWords } from "./library-words.ts";
import { skippedLine } from "./messages.ts";

/** An error as a user reads it: what is wrong and where, a line for each thing; no line is about our code. */
export function failureLines(error: unknown): readonly string[] {
  if (error instanceof ManifestErrors)
    return [...error.skipped.filter(isField).map(skippedLine), ...error.errors.map(manifestLine)];
  if (error instanceof CliErrors) return error.errors.flatMap(failureLines);
  if (error instanceof ManifestError) return [manifestLine(error)];
  if (error instanceof ForeignRowsError) return foreignLines(error);
  if (error instanceof ProfileMismatchError) return [`${oneLine(error.message)}${hintOn(error)}`];
  if (error instanceof AmbiguousRowError) return [ambiguousLine(error)];
  if (error instanceof EndpointError) return [endpointLine(error)];
  if (error instanceof OutcomeUnknownError)
    return [`${oneLine(error.message)}; the same command again finds out, and does what is left`];
  if (error instanceof OvsdbError || error instanceof CliError || error instanceof Interrupted)
    return [oneLine(error.message)];
  const message = error instanceof Error ? error.message : String(error);
  return [`unexpected error: ${oneLine(message)} (${DEBUG_VARIABLE}=1 shows where)`];
}

/** Of objects that are not for us nothing is wrong; a field that is not known may be the one that is missing. */
function isField({ field }: Skipped): boolean {
  return field !== undefined;
}

function manifestLine({ file, line, document, field, reason, value, cause }: ManifestError): string {
  const where = `${file}:${line}: document ${document}: `;
  const what = field === "" ? reason : `${field}: ${reason}`;
  return `${where}${what}${value === undefined ? "" : ` (${describeValue(value)})`}${hintOn(cause)}`;
}

function foreignLines({ rows }: ForeignRowsError): readonly string[] {
  return [
    "nothing was removed: rows that are not ours would go along; --force takes them too:",
    ...rows.map(
      ({ table, name, uuid, parent }) =>
        `${table} ${name === uuid ? uuid : `${name} (${uuid})`} in ${parent.column} of ${parent.table} ${parent.name}`,
    ),
  ];
}

/** In the command line's words. */
function ambiguousLine(error: AmbiguousRowError): string {
  return oneLine(error.message).replaceAll("the option merge makes", "--merge makes");
}

/** What of the command line helps where a network was written with another profile. */
function hintOn(error: unknown): string {
  if (!(error instanceof ProfileMismatchError) || !error.asked.startsWith("profile ")) return "";
  return `; --migrate changes it in place, --${error.found} leaves it as it is`;
}

function endpointLine(error: EndpointError): string {
  const message = inOurWords(oneLine(error.message));
  const { cause } = error;
  const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return missing
    ? `${message}; is the database running here? say where with --db or ${REMOTE_VARIABLE}`
    : message;
}

function oneLine(message: string): string {
  return message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("; ");
}
