import type { ReadView } from "../../lib/database/index.ts";

/** JSON that was parsed while something ran. */
export interface Parsed {
  /** Texts given to `JSON.parse`. */
  readonly texts: number;
  /** Their characters, in all. */
  readonly characters: number;
}

/** Counts what a piece of work parses: all JSON of the library comes from `JSON.parse` in the end. */
export async function countParsed(work: () => unknown): Promise<Parsed> {
  const { parse } = JSON;
  let texts = 0;
  let characters = 0;
  JSON.parse = (text, reviver) => {
    texts += 1;
    characters += text.length;
    return parse(text, reviver);
  };
  try {
    await work();
  } finally {
    JSON.parse = parse;
  }
  return { texts, characters };
}

/** Counts the texts of JSON that a piece of work makes. */
export async function countWritten(work: () => unknown): Promise<number> {
  const { stringify } = JSON;
  let texts = 0;
  JSON.stringify = new Proxy(stringify, {
    apply: (target, that, given): unknown => {
      texts += 1;
      return Reflect.apply(target, that, given);
    },
  });
  try {
    await work();
  } finally {
    JSON.stringify = stringify;
  }
  return texts;
}

/** A view that counts by table how often rows are asked for, and the rows that are told. A look-up that finds nothing is one. */
export function countingView(view: ReadView): {
  readonly view: ReadView;
  readonly asked: Map<string, number>;
} {
  const asked = new Map<string, number>();
  const count = (table: string, rows = 1): void => {
    asked.set(table, (asked.get(table) ?? 0) + Math.max(rows, 1));
  };
  const counted = <T extends { readonly length: number }>(table: string, rows: T): T => {
    count(table, rows.length);
    return rows;
  };
  return {
    asked,
    view: {
      ...view,
      rows: (table) => counted(table, [...view.rows(table)]),
      byUuid: (table, uuid) => {
        count(table);
        return view.byUuid(table, uuid);
      },
      find: (table, match) => counted(table, view.find(table, match)),
      has: (table, uuid, column, element) => {
        count(table);
        return view.has(table, uuid, column, element);
      },
      referrers: (uuid, table, column) => counted(table, view.referrers(uuid, table, column)),
    },
  };
}

/** Bytes that were looked at, one by one or by a search. */
export interface Looks {
  count: number;
}

/** A chunk of bytes that counts how many of them are looked at. Copies of parts of it are not counted. */
export function countedBytes(bytes: Uint8Array, looks: Looks): Uint8Array {
  return new Proxy(bytes, {
    get: (target, key) => {
      if (typeof key === "string" && /^\d/.test(key)) {
        looks.count += 1;
        return target[Number(key)];
      }
      if (key === "indexOf") {
        return (byte: number, from = 0): number => {
          const found = target.indexOf(byte, from);
          looks.count += (found === -1 ? target.length : found + 1) - from;
          return found;
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
