import { CliError } from "../cli-error.ts";
import { printable } from "../output/text.ts";
import { RESOURCES, RESOURCES_AND_WORDS, type Resource } from "../resources.ts";

/** Some or all of one kind. */
export interface Wanted {
  readonly resource: Resource;
  /** Empty: all. */
  readonly names: readonly string[];
}

/**
 * Reads what follows the name of a command, as kubectl does: `pods`, `pods NAME ...`, `networks,pods`, and
 * `network/NAME pod/NAME ...`, which is what `-o name` prints.
 */
export function wantedOf(words: readonly string[]): readonly Wanted[] {
  const [first = "", ...names] = words;
  // As a rule a variable of the shell that nobody set.
  if (names.includes(""))
    throw new CliError(`a name after ${printable(first)} is empty: which one is meant?`);
  if (first.includes("/")) return byResource(words.map(pairOf));
  return byResource(
    first.split(",").flatMap((word) => {
      const resource = resourceOf(word);
      return names.length === 0 ? [{ resource }] : names.map((name) => ({ resource, name }));
    }),
  );
}

/** `RESOURCE/NAME`, whose name may be `NAMESPACE/NAME`. */
function pairOf(word: string): Pair {
  const at = word.indexOf("/");
  const [first, name] = [word.slice(0, at), word.slice(at + 1)];
  if (at < 0 || name === "")
    throw new CliError(
      `${printable(word)} has no ${at < 0 ? "resource" : "name"}: say RESOURCE/NAME for each, or RESOURCE NAME ... (--help shows the usage)`,
    );
  // What begins with a slash is a path.
  return { resource: resourceOf(first === "" ? word : first), name };
}

interface Pair {
  readonly resource: Resource;
  /** Absent: all of them. */
  readonly name?: string;
}

function byResource(pairs: readonly Pair[]): readonly Wanted[] {
  return [...new Set(pairs.map(({ resource }) => resource))].map((resource) => ({
    resource,
    names: pairs.flatMap((pair) => (pair.resource === resource ? (pair.name ?? []) : [])),
  }));
}

function resourceOf(word: string): Resource {
  const resource = RESOURCES.get(word.toLowerCase());
  if (resource !== undefined) return resource;
  const known = RESOURCES_AND_WORDS.map(([name]) => name).join(", ");
  throw new CliError(
    `there is no resource "${word}"; there are: ${known}; manifests follow -f (--help shows the usage)`,
  );
}
