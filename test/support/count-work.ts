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
