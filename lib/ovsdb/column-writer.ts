import { UsageError } from "../jsonrpc/index.ts";
import { type AtomCodec, atKey, atomCodec, isPlain, refused } from "./atoms.ts";
import { checkSize, notPairs } from "./codec.ts";
import { isKeyed, sketch } from "./narrow.ts";
import { type BaseType, type ColumnKind, type ColumnSchema, columnKind } from "./schema.ts";
import type { ColumnName, Ref, WriteRef } from "./value.ts";

/**
 * Writes values of one column straight as the JSON text that is sent. The texts say what the methods of `ColumnCodec` with
 * similar names give, with the same checks and errors; a set of one element is written as that element.
 *
 * Making the wire form first, then looking through it for what JSON cannot hold, then writing that takes three times as
 * long. What is written here can be sent as it is: every string in it has been checked.
 */
export interface ColumnWriter {
  readonly kind: ColumnKind;
  write(where: ColumnName, value: unknown, writeRef: WriteRef): string;
  writeElements(where: ColumnName, elements: readonly unknown[], writeRef: WriteRef): string;
  writePairs(where: ColumnName, pairs: object, writeRef: WriteRef): string;
}

/** The writer of a column; made on first use and kept as long as the schema object lives. */
export function columnWriter(column: ColumnSchema): ColumnWriter {
  const known = writers.get(column);
  if (known !== undefined) return known;
  const writer = makers[columnKind(column)](column);
  writers.set(column, writer);
  return writer;
}

const writers: WeakMap<ColumnSchema, ColumnWriter> = new WeakMap();

const makers: Readonly<Record<ColumnKind, (column: ColumnSchema) => ColumnWriter>> = {
  scalar: scalarWriter,
  optional: optionalWriter,
  set: setWriter,
  map: mapWriter,
};

function scalarWriter(column: ColumnSchema): ColumnWriter {
  const atom = atomCodec(column.key);
  return {
    kind: "scalar",
    write: (where, value, writeRef) => atom.write(where, value, writeRef),
    writeElements: (where, elements, writeRef) => setText(elementTexts(atom, where, elements, writeRef)),
    writePairs: notPairs,
  };
}

function optionalWriter(column: ColumnSchema): ColumnWriter {
  const scalar = scalarWriter(column);
  return {
    ...scalar,
    kind: "optional",
    write: (where, value, writeRef) => (value === null ? setText([]) : scalar.write(where, value, writeRef)),
  };
}

function setWriter(column: ColumnSchema): ColumnWriter {
  const atom = atomCodec(column.key);
  return {
    kind: "set",
    write(where, value, writeRef) {
      if (!Array.isArray(value)) throw refused(where, value, `${sketch(value)} is not an array`);
      if (value.length === 1) {
        const only = atom.write(where, value[0], writeRef);
        checkSize(where, column, value, 1, "elements");
        return only;
      }
      const texts = elementTexts(atom, where, value, writeRef);
      checkSize(where, column, value, texts.length, "elements");
      return setText(texts);
    },
    writeElements: (where, elements, writeRef) => setText(elementTexts(atom, where, elements, writeRef)),
    writePairs: notPairs,
  };
}

function mapWriter(column: ColumnSchema): ColumnWriter {
  if (column.value === undefined) throw new UsageError("not a map column");
  const keyAtom = atomCodec(column.key);
  const valueAtom = atomCodec(column.value);
  const anyText = isAnyText(column.key) && isAnyText(column.value);

  const writeKey = (where: ColumnName, key: unknown, writeRef: WriteRef): string => {
    const atom = typeof key === "string" ? keyAtom.fromKey(key) : key;
    if (atom === undefined) throw refused(where, key, `key ${sketch(key)} is not of type ${column.key.type}`);
    return keyAtom.write(where, atom, writeRef);
  };
  const writeValue = (where: ColumnName, key: string, value: unknown, writeRef: WriteRef): string => {
    try {
      return valueAtom.write(where, value, writeRef);
    } catch (error) {
      throw atKey(error, where, key);
    }
  };
  const pairTexts = (where: ColumnName, value: unknown, writeRef: WriteRef): readonly string[] => {
    if (!isKeyed(value)) throw refused(where, value, `${sketch(value)} is not a plain object`);
    const pairs = value as { readonly [key: string]: unknown };
    // The keys, in whose places the texts of the pairs come.
    const texts = Object.keys(pairs);
    for (let index = 0; index < texts.length; index++) {
      const key = texts[index] ?? "";
      const each = pairs[key];
      texts[index] =
        anyText && isPlain(key) && isPlain(each)
          ? `["${key}","${each}"]`
          : `[${writeKey(where, key, writeRef)},${writeValue(where, key, each, writeRef)}]`;
    }
    return texts;
  };
  // Many rows may share an object, as what says whose they are; what is frozen and all strings says the same each time.
  let shared: unknown;
  let sharedText = "";
  return {
    kind: "map",
    write(where, value, writeRef) {
      if (value === shared && value !== undefined) return sharedText;
      const texts = pairTexts(where, value, writeRef);
      checkSize(where, column, value, texts.length, "pairs");
      const text = mapText(texts);
      if (anyText && Object.isFrozen(value)) {
        shared = value;
        sharedText = text;
      }
      return text;
    },
    // One key as well: of a map, what shall go is told as pairs or as a set of keys (RFC 7047 section 5.1).
    writeElements: (where, keys, writeRef) =>
      `["set",[${keys.map((key) => writeKey(where, key, writeRef)).join(",")}]]`,
    writePairs: (where, value, writeRef) => mapText(pairTexts(where, value, writeRef)),
  };
}

/** Joined and not added up: what V8 keeps of a sum is all of its parts, until the request is sent. */
function mapText(texts: readonly string[]): string {
  return `["map",[${texts.join(",")}]]`;
}

/** Whether every string is allowed: of most maps, which are most of what most rows hold. */
function isAnyText({ type, enum: allowed, minLength = 0, maxLength }: BaseType): boolean {
  return type === "string" && allowed === undefined && minLength === 0 && maxLength === undefined;
}

/** The texts of the elements, each once. */
function elementTexts(
  atom: AtomCodec,
  where: ColumnName,
  elements: readonly unknown[],
  writeRef: WriteRef,
): readonly string[] {
  if (elements.length < 2) return elements.map((element) => atom.write(where, element, writeRef));
  const byIdentity = new Map<unknown, string>();
  // `write` has checked the type by the time `identity` is asked.
  for (const element of elements) {
    const text = atom.write(where, element, writeRef);
    byIdentity.set(atom.identity(element as string | Ref), text);
  }
  return [...byIdentity.values()];
}

/** One element goes without the set around it (RFC 7047 section 5.1, `<value>`): there is less for the server to parse and free. */
function setText(texts: readonly string[]): string {
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return only;
  return `["set",[${texts.join(",")}]]`;
}
