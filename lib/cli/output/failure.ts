import { EndpointError, OvsdbError, TlsError } from "../../jsonrpc/index.ts";
import { describeValue, ManifestError, ManifestErrors, type Skipped } from "../../manifests/index.ts";
import { OutcomeUnknownError } from "../../session/index.ts";
import { ForeignRowsError, NameCollisionError, ProfileMismatchError } from "../../topology/index.ts";
import { CliError, CliErrors } from "../cli-error.ts";
import { Interrupted } from "../io.ts";
import { DEBUG_VARIABLE, REMOTE_VARIABLE } from "../options.ts";
import { foldLines, type Line } from "./fold.ts";
import { inOurWords } from "./library-words.ts";
import { skippedLines } from "./messages.ts";

/** An error as a user reads it: what is wrong and where, a line for each thing; no line is about our code. */
export function failureLines(error: unknown): readonly string[] {
  if (error instanceof ManifestErrors)
    return [...skippedLines(error.skipped.filter(isField)), ...foldLines(error.errors.map(manifestLine))];
  if (error instanceof CliErrors) return error.errors.flatMap(failureLines);
  if (error instanceof ManifestError) return [manifestLine(error).text];
  if (error instanceof ForeignRowsError) return foreignLines(error);
  if (error instanceof EndpointError) return [endpointLine(error)];
  if (error instanceof OutcomeUnknownError)
    return [`${ourLine(error.message)}; the same command again finds out, and does what is left`];
  if (error instanceof OvsdbError || error instanceof CliError || error instanceof Interrupted)
    return [`${ourLine(error.message)}${hintOn(error)}`];
  const message = error instanceof Error ? error.message : String(error);
  return [`unexpected error: ${oneLine(message)} (${DEBUG_VARIABLE}=1 shows where)`];
}

/** Of objects that are not for us nothing is wrong; a field that is not known may be the one that is missing. */
function isField({ field }: Skipped): boolean {
  return field !== undefined;
}

/** The likeliest wrong guess: what `get -o yaml` and `show -o yaml` print looks like something to be applied. */
const NO_MANIFEST = "; manifests are objects as kubectl prints them, which get and show do not";

function manifestLine({ file, line, document, field, reason, value, cause }: ManifestError): Line {
  const hint = field === "kind" && value === undefined ? NO_MANIFEST : hintOn(cause);
  const end = `${inOurWords(reason)}${value === undefined ? "" : ` (${describeValue(value)})`}${hint}`;
  const what = field === "" ? end : `${field}: ${end}`;
  return { text: `${file}:${line}: document ${document}: ${what}`, word: "", saying: what };
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

/** What of the command line helps. */
function hintOn(error: unknown): string {
  if (error instanceof ProfileMismatchError && error.asked.startsWith("profile "))
    return `; --migrate changes it in place, --${error.found} leaves it as it is`;
  if (error instanceof NameCollisionError) {
    // As a rule the same one, by the name that it had.
    const network = /^the existing row of network "(.*)"$/s.exec(error.sources[1])?.[1];
    if (network !== undefined)
      return `; if that network is to go, delete it first: delete network ${network}`;
  }
  if (error instanceof TlsError && error.reason === "server-untrusted")
    return "; --ca-cert says which authorities we trust";
  if (error instanceof TlsError && error.reason === "client-missing")
    return "; --certificate and --private-key give it one";
  return "";
}

function endpointLine(error: EndpointError): string {
  const message = ourLine(error.message);
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  // A socket outlives a server that was killed.
  const isAlone = code === "ENOENT" || code === "ECONNREFUSED";
  const here = error.endpoint.startsWith("unix:") ? "here" : "there";
  return isAlone
    ? `${message}; is the database running ${here}? say where with --db or ${REMOTE_VARIABLE}`
    : message;
}

function ourLine(message: string): string {
  return inOurWords(oneLine(message));
}

function oneLine(message: string): string {
  return message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("; ");
}
