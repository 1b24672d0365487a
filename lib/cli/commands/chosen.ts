import { CliError } from "../cli-error.ts";

/** What of all there is `get` shows. */
export interface Choice {
  /** Of networks and nodes; of pods also `namespace/name`. Empty: all. */
  readonly names: readonly string[];
  /** Of pods. */
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
  const found = new Set(things.filter((thing) => isChosen(choice, thing)).flatMap(namesOf));
  return [...new Set(choice.names)].filter((name) => !found.has(name));
}

/** Refuses what would be ignored. */
export function checkChoice(resource: string, { names, namespace }: Choice, hasManifests: boolean): void {
  if (namespace !== undefined && resource !== "pods")
    throw new CliError(`--namespace goes with pods: ${resource} are in none`);
  if (hasManifests && (names.length > 0 || namespace !== undefined))
    throw new CliError(
      "names and --namespace do not go with -f: the manifests say what is listed, and each path needs an -f of its own",
    );
}

function namesOf({ namespace, name }: Named): readonly string[] {
  return namespace === undefined ? [name] : [name, `${namespace}/${name}`];
}
