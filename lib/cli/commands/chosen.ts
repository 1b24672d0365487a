import { CliError } from "../cli-error.ts";
import { enumerate } from "../output/text.ts";
import { isNamespaced } from "../resources.ts";
import type { Wanted } from "./wanted.ts";

/** What of all there is `get` shows. */
export interface Choice extends Wanted {
  /** Of what is in namespaces. */
  readonly namespace?: string;
}

/** A thing that can be chosen. */
export interface Named {
  readonly name: string;
  readonly namespace?: string;
}

/** Whether a choice means a thing, and by which of its names. */
export function isChosen({ names, namespace }: Choice, thing: Named): boolean {
  if (namespace !== undefined && thing.namespace !== namespace) return false;
  return names.length === 0 || namesOf(thing).some((name) => names.includes(name));
}

/** Names that stand for nothing. */
export function withoutMatch(choice: Choice, things: readonly Named[]): readonly string[] {
  // A watch of many pods without names asks at each look.
  if (choice.names.length === 0) return [];
  const found = new Set(things.filter((thing) => isChosen(choice, thing)).flatMap(namesOf));
  return [...new Set(choice.names)].filter((name) => !found.has(name));
}

/** Options that choose. */
export interface ChoosingOptions {
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly filename?: readonly string[];
}

/** What is meant; what would be ignored is refused. */
export function choicesOf(
  wanted: readonly Wanted[],
  { namespace, allNamespaces, filename }: ChoosingOptions,
): readonly Choice[] {
  checkNamespaces(wanted, { namespace, allNamespaces });
  if (filename !== undefined && (wanted.some(({ names }) => names.length > 0) || namespace !== undefined))
    throw new CliError(
      "names and --namespace do not go with -f: the manifests say what is listed, and each path needs an -f of its own",
    );
  return wanted.map((each) =>
    namespace !== undefined && isNamespaced(each.resource) ? { ...each, namespace } : each,
  );
}

/** Refuses a namespace of what is in none, one of all, and an empty one, as of a variable of a shell that is not set. */
export function checkNamespaces(
  wanted: readonly Wanted[],
  {
    namespace,
    allNamespaces,
  }: { readonly namespace: string | undefined; readonly allNamespaces: true | undefined },
): void {
  if (namespace === undefined) return;
  if (namespace === "") throw new CliError("--namespace is empty: which one is meant?");
  if (allNamespaces) throw new CliError("--namespace and --all-namespaces exclude each other");
  if (!wanted.some(({ resource }) => isNamespaced(resource)))
    throw new CliError(
      `--namespace goes with pods, policies and services: ${enumerate(wanted.map(({ resource }) => resource))} are in none`,
    );
}

function namesOf({ namespace, name }: Named): readonly string[] {
  return namespace === undefined ? [name] : [name, `${namespace}/${name}`];
}
