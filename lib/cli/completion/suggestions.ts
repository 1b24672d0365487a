import type { Argument, Command, Option } from "commander";
import { wantedOf } from "../commands/wanted.ts";
import { formatsOf } from "../options.ts";
import type { Element } from "../output/listing.ts";
import { isNamespaced, RESOURCES, RESOURCES_AND_WORDS, type Resource, singular } from "../resources.ts";
import { type Place, placeOf } from "./place.ts";
import type { TypedLine } from "./typed-line.ts";

/** A word that could stand at the end of a line. */
export interface Suggestion {
  readonly word: string;
  /** What it is, in a few words. */
  readonly about?: string;
}

/** What could stand at the end of a line: words, or what only the shell knows. */
export type Suggestions = readonly Suggestion[] | "files" | "folders";

/** What there is of one kind in the database that a line means. */
export type NamesOf = (resource: Resource) => Promise<readonly Element[]>;

/** What could stand at the end of a line. */
export async function suggestionsFor(
  typed: Pick<TypedLine, "words" | "last">,
  program: Command,
  namesOf: NamesOf,
): Promise<Suggestions> {
  const place = placeOf(typed, program);
  const value = place.option && (await valuesOf(place.option, place, namesOf));
  if (typeof value === "string") return value;
  const words = [
    ...(value ?? []).map(({ word }) => ({ word: place.prefix + word })),
    ...(place.isOperand ? await operands(place, typed.last, program, namesOf) : []).filter(
      // It would be taken for an option.
      ({ word }) => !(place.mayBeFlag && word.startsWith("-")),
    ),
    ...(place.mayBeFlag && place.prefix === "" && typed.last.startsWith("-") ? flags(place, program) : []),
  ];
  const known = new Set<string>();
  return words.filter(({ word }) => {
    // Nobody types what steers a terminal or ends a line.
    const isTypeable = word !== "" && !/[\p{Cc}\p{Cf}]/u.test(word);
    const isMeant = isTypeable && word.startsWith(typed.last) && !known.has(word);
    known.add(word);
    return isMeant;
  });
}

/** Flags in the words of the help that shows them. */
function flags({ command }: Place, program: Command): readonly Suggestion[] {
  const help = program.createHelp();
  const options =
    command === undefined
      ? help.visibleOptions(program)
      : [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  return options.flatMap(({ long, short, description }) =>
    [long, short].flatMap((word) => (word === undefined ? [] : [{ word, about: description }])),
  );
}

async function valuesOf(option: Option, place: Place, namesOf: NamesOf): Promise<Suggestions> {
  const name = option.attributeName();
  if (name === "output") return wordsOf(formatsOf(place.command?.name()));
  if (option.argChoices !== undefined) return wordsOf(option.argChoices);
  const [, what = ""] = /[<[](\w+)/.exec(option.flags) ?? [];
  if (what === "file" || what === "path") return "files";
  if (what === "folder") return "folders";
  if (name === "node" || name === "network")
    return (await namesOf(name === "node" ? "nodes" : "networks")).map(({ name: word }) => ({ word }));
  if (name !== "namespace") return [];
  const [first = "pods"] = place.operands;
  const elements = await Promise.all(
    wantedOf([first]).flatMap(({ resource }) => (isNamespaced(resource) ? [namesOf(resource)] : [])),
  );
  return wordsOf(elements.flat().flatMap(({ namespace }) => namespace ?? []));
}

async function operands(
  { command, operands: before, values }: Place,
  last: string,
  program: Command,
  namesOf: NamesOf,
): Promise<readonly Suggestion[]> {
  if (command === undefined) return before.length === 0 ? commands(program) : [];
  const argument = argumentAt(command, before.length);
  if (argument?.argChoices !== undefined) return wordsOf(argument.argChoices);
  const isDeletion = command.name() === "delete";
  const chosen = { namespace: values.get("namespace"), isDeletion, last, namesOf };
  switch (argument?.name()) {
    case "command":
      return argument.variadic ? [] : commands(program);
    case "network":
    case "networks":
      return without(before, await names("networks", chosen));
    case "resource":
      return last.includes("/") ? pairs(chosen) : resources(last, isDeletion);
    case "names": {
      const [first = "", ...others] = before;
      if (first.includes("/")) return last.includes("/") ? without(before, await pairs(chosen)) : [];
      const lists = await Promise.all(wantedOf([first]).map(({ resource }) => names(resource, chosen)));
      return without(others, lists.flat());
    }
    default:
      return [];
  }
}

function argumentAt({ registeredArguments: all }: Command, index: number): Argument | undefined {
  const last = all.at(-1);
  return all[index] ?? (last?.variadic ? last : undefined);
}

function commands(program: Command): readonly Suggestion[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), about: command.summary() }));
}

/** Resources as documents call them; what else they are called only where that is what was begun. */
function resources(last: string, isDeletion: boolean): readonly Suggestion[] {
  const prefix = last.slice(0, last.lastIndexOf(",") + 1);
  const given = new Set(prefix.split(",").map((word) => RESOURCES.get(word.toLowerCase())));
  const known = RESOURCES_AND_WORDS.filter(([resource]) => !given.has(resource));
  const first = known.map(([resource]) => prefix + (isDeletion ? singular(resource) : resource));
  const others = known.flatMap(([resource, words]) => [resource, ...words].map((word) => prefix + word));
  return wordsOf(first.some((word) => word.startsWith(last)) ? first : others);
}

interface Chosen {
  readonly namespace: string | undefined;
  readonly isDeletion: boolean;
  readonly last: string;
  readonly namesOf: NamesOf;
}

/** Names with their namespaces, unless the line says one; without, where `get` was given the beginning of such a one. */
async function names(
  resource: Resource,
  { namespace, isDeletion, last, namesOf }: Chosen,
): Promise<readonly Suggestion[]> {
  const elements = (await namesOf(resource)).filter(
    (each) => namespace === undefined || each.namespace === undefined || each.namespace === namespace,
  );
  const bare = elements.map(({ name }) => name);
  if (namespace !== undefined || !isNamespaced(resource)) return wordsOf(bare);
  const whole = elements.map((each) => `${each.namespace}/${each.name}`);
  return wordsOf(isDeletion || whole.some((word) => word.startsWith(last)) ? whole : bare);
}

/** `RESOURCE/NAME`, as `-o name` prints them. */
async function pairs(chosen: Chosen): Promise<readonly Suggestion[]> {
  const at = chosen.last.indexOf("/") + 1;
  const [prefix, last] = [chosen.last.slice(0, at), chosen.last.slice(at)];
  const [wanted] = wantedOf([prefix.slice(0, -1)]);
  if (wanted === undefined) return [];
  const found = await names(wanted.resource, { ...chosen, last });
  return found.map(({ word }) => ({ word: prefix + word }));
}

function without(given: readonly string[], suggestions: readonly Suggestion[]): readonly Suggestion[] {
  return suggestions.filter(({ word }) => !given.includes(word));
}

function wordsOf(words: readonly string[]): readonly Suggestion[] {
  return words.map((word) => ({ word }));
}
