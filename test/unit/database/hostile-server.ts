import fc from "fast-check";
import type { Dial, Transport, TransportHandlers } from "../../../lib/jsonrpc/index.ts";
import type { FakeServer } from "../session/fake-server.ts";

type Members = Record<string, unknown>;

/** What a stranger does to one message of a server before it arrives, or before it. */
export type Attack =
  | { readonly kind: "replace"; readonly place: number; readonly by: string }
  | { readonly kind: "rename"; readonly place: number; readonly to: string }
  | { readonly kind: "remove"; readonly place: number }
  | { readonly kind: "bytes"; readonly place: number; readonly bytes: Uint8Array; readonly over: number }
  | { readonly kind: "truncate"; readonly place: number }
  | { readonly kind: "twice" }
  | { readonly kind: "lose" }
  | { readonly kind: "hang up" }
  | { readonly kind: "say first"; readonly text: string };

/** Attacks on messages of a connection, by their number from 0. */
export interface Assault {
  readonly attacks: readonly { readonly at: number; readonly attack: Attack }[];
  /** Bytes that arrive at a time. */
  readonly chunk: number;
  readonly probed: boolean;
  /** Whether the first snapshot is so large that its rows are left as text. */
  readonly large: boolean;
}

const nastyKeys = fc.constantFrom(
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then", "length"],
  ...["T", "U", "tables", "columns", "rows", "initial", "insert", "modify", "delete", "old", "new", "uuid"],
  ...[
    "count",
    "name",
    "error",
    "result",
    "id",
    "method",
    "params",
    "D",
    "key",
    "value",
    "min",
    "max",
    "type",
  ],
);

const nastyAtoms = fc.constantFrom(
  ...["null", "true", "false", "0", "-0", "-1", "1.5", "1e999", "-1e999", "9007199254740993"],
  ...["99999999999999999999999999999999", "1e308", '""', '"x"', '"__proto__"', '"constructor"', '"\\u0000"'],
  ...[
    '"\\ud800"',
    '"00000000-0000-4000-8000-000000000001"',
    '["uuid","00000000-0000-4000-8000-000000000001"]',
  ],
  ...[
    '["uuid",5]',
    '["uuid"]',
    '["named-uuid","a"]',
    '["set"]',
    '["set",5]',
    '["set",[]]',
    '["set",[1,"a"]]',
  ],
  ...['["set",[["set",[]]]]', '["map"]', '["map",[]]', '["map",[[1]]]', '["map",[["a","b"],["a","c"]]]'],
  ...[
    '["map",[["__proto__","polluted"]]]',
    '["map",[["constructor",{"prototype":{"polluted":1}}]]]',
    "[]",
    "{}",
  ],
  ...['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '"unlimited"'],
  ...['{"a":1,"a":2}', "[".repeat(990) + "]".repeat(990), "[".repeat(5_000) + "]".repeat(5_000)],
  ...[`"${"x".repeat(20_000)}"`, '{"error":"unknown method"}', '"unknown database"', '"unknown method"'],
);

/** JSON text, mostly of shapes that OVSDB knows in places where it does not. */
const nastyJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    nastyAtoms,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
    fc
      .array(fc.tuple(nastyKeys, tie("value")), { maxLength: 3 })
      .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(",")}}`),
  ),
})).value;

const unasked: fc.Arbitrary<string> = fc.oneof(
  fc
    .record({ id: nastyAtoms, what: fc.constantFrom("result", "error"), value: nastyJson })
    .map(({ id, what, value }) => `{"id":${id},"${what}":${value}}`),
  fc
    .record({
      id: fc.constantFrom("null", "null", "null", "7", '"echo"'),
      method: fc.constantFrom(
        ...["update", "update2", "update3", "monitor_canceled", "locked", "stolen", "echo", "__proto__"],
      ),
      first: fc.oneof(fc.constant('"ovn-northbound"'), nastyAtoms),
      rest: fc.array(nastyJson, { maxLength: 3 }),
    })
    .map(
      ({ id, method, first, rest }) =>
        `{"id":${id},"method":"${method}","params":[${[first, ...rest].join(",")}]}`,
    ),
  nastyJson,
);

const places = fc.nat(100_000);

const attacks: fc.Arbitrary<Attack> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("replace" as const), place: places, by: nastyJson }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), place: places, to: nastyKeys }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), place: places }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("bytes" as const),
      place: places,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
      over: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncate" as const), place: places }) },
  fc.constantFrom<Attack>({ kind: "twice" }, { kind: "lose" }, { kind: "hang up" }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("say first" as const), text: unasked }) },
);

export const assaults: fc.Arbitrary<Assault> = fc.record({
  attacks: fc.array(fc.record({ at: fc.nat(14), attack: attacks }), { minLength: 1, maxLength: 3 }),
  chunk: fc.constantFrom(1_000_000, 1_000_000, 7),
  probed: fc.boolean(),
  large: fc.nat(9).map((number) => number === 0),
});

/** What arrives of a message under an attack; undefined: the connection ends. */
function distort(bytes: Uint8Array, attack: Attack): Uint8Array | undefined {
  switch (attack.kind) {
    case "twice":
      return Buffer.concat([bytes, bytes]);
    case "lose":
      return new Uint8Array(0);
    case "hang up":
      return undefined;
    case "truncate":
      return bytes.subarray(0, attack.place % bytes.length);
    case "say first":
      return Buffer.concat([Buffer.from(attack.text), bytes]);
    case "bytes": {
      const at = attack.place % bytes.length;
      return Buffer.concat([bytes.subarray(0, at), attack.bytes, bytes.subarray(at + attack.over)]);
    }
    default:
      return Buffer.from(distortJson(JSON.parse(Buffer.from(bytes).toString()) as Members, attack));
  }
}

const hole = "@hole@";

function distortJson(
  message: Members,
  attack: Extract<Attack, { kind: "replace" | "rename" | "remove" }>,
): string {
  const found = [...slots(message)];
  const slot = found[attack.place % found.length];
  if (slot === undefined) return JSON.stringify(message);
  const { holder, key } = slot;
  if (attack.kind === "replace") {
    holder[key] = hole;
    return JSON.stringify(message).replace(`"${hole}"`, () => attack.by);
  }
  const value = holder[key];
  if (Array.isArray(holder)) {
    holder.splice(Number(key), 1);
    return JSON.stringify(message);
  }
  delete holder[key];
  // Not by assignment, which for __proto__ makes no property.
  if (attack.kind === "rename") Object.defineProperty(holder, attack.to, { value, enumerable: true });
  return JSON.stringify(message);
}

/** Every member of every object and array, the message's own first; not endlessly, as an earlier attack may have nested it. */
function* slots(value: unknown, depth = 0): Generator<{ readonly holder: Members; readonly key: string }> {
  if (typeof value !== "object" || value === null || depth > 20) return;
  const holder = value as Members;
  for (const key of Object.keys(holder)) yield { holder, key };
  for (const key of Object.keys(holder)) yield* slots(holder[key], depth + 1);
}

/** Dials a scripted server so that the first connection is attacked, and all later ones are not. */
export function attackedDial(server: FakeServer, assault: Assault, crashed: (error: unknown) => void): Dial {
  let connections = 0;
  return async (endpoint, options) => {
    const transport = await server.dial(endpoint, options);
    connections += 1;
    return connections === 1 ? attacked(transport, assault, crashed) : transport;
  };
}

function attacked(transport: Transport, assault: Assault, crashed: (error: unknown) => void): Transport {
  let message = -1;
  return {
    get writableLength() {
      return transport.writableLength;
    },
    send: (text) => transport.send(text),
    close: () => transport.close(),
    start: (handlers: TransportHandlers) => {
      transport.start({
        onClose: (error) => handlers.onClose(error),
        onData: (chunk) => {
          message += 1;
          let bytes: Uint8Array | undefined = chunk;
          for (const { at, attack } of assault.attacks) {
            if (at === message && bytes !== undefined && bytes.length > 0) bytes = tryDistort(bytes, attack);
          }
          if (bytes === undefined) {
            transport.close();
            return;
          }
          try {
            for (let at = 0; at < bytes.length; at += assault.chunk) {
              handlers.onData(bytes.slice(at, at + assault.chunk));
            }
          } catch (error) {
            // A socket's event has nobody who would catch this: the process would end.
            crashed(error);
          }
        },
      });
    },
  };
}

/** A second attack may meet what is no JSON any more, or too deep for this test's own tools. */
function tryDistort(bytes: Uint8Array, attack: Attack): Uint8Array | undefined {
  try {
    return distort(bytes, attack);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return bytes;
    throw error;
  }
}
