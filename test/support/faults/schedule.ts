import fc from "fast-check";
import type { Direction } from "../../../lib/testing/index.ts";

/** What one transaction does; `workload.ts` tells how. */
export type Action =
  | "insert"
  | "insert with ports"
  | "add port"
  | "remove port"
  | "change port"
  | "delete"
  | "set keys"
  | "replace map"
  | "addresses"
  | "count"
  | "count and insert"
  | "compare and set";

/** One of the clients: two behind proxies, the third one connected directly. */
export type ClientIndex = 0 | 1 | 2;

/** A transaction of one client. It is started, not waited for: what comes next happens while it is under way. */
export interface WriteStep {
  readonly type: "write";
  readonly by: ClientIndex;
  readonly action: Action;
  /** Chooses among the rows that are there. */
  readonly pick: number;
  /** How many rows, keys or elements. */
  readonly size: number;
  /** The function that describes the transaction is asynchronous: what it has read may be outdated when it is used. */
  readonly slowly: boolean;
  /** Milliseconds after which the writer gives up; undefined: never within the schedule. */
  readonly giveUpAfter: number | undefined;
}

/** Something that goes wrong between one client and the server. */
export type LineFault =
  | { readonly kind: "cut" }
  | { readonly kind: "cut after"; readonly direction: Direction; readonly bytes: number }
  | { readonly kind: "cut next"; readonly direction: Direction; readonly bytes: number }
  | { readonly kind: "chunks"; readonly most: number }
  | { readonly kind: "delay"; readonly direction: Direction; readonly milliseconds: number }
  | { readonly kind: "hold"; readonly directions: readonly Direction[] }
  | { readonly kind: "stall"; readonly direction: Direction }
  | {
      readonly kind: "drop reply";
      readonly nth: number;
      readonly from: "request" | "reply";
      readonly cut: boolean;
    }
  | { readonly kind: "refuse" }
  | { readonly kind: "heal" };

/** One event of a schedule. */
export type Step =
  | WriteStep
  | { readonly type: "fault"; readonly on: 0 | 1; readonly fault: LineFault }
  /** The server is killed and started again; `wait`: nothing else happens until it is there again. */
  | { readonly type: "restart"; readonly wait: boolean }
  /** So many turns of the event loop pass. */
  | { readonly type: "turns"; readonly turns: number }
  /** Milliseconds pass. */
  | { readonly type: "pause"; readonly milliseconds: number };

/** What happens to one server and three clients, in order. */
export interface Schedule {
  readonly steps: readonly Step[];
  /** How the proxies listen: only on tcp a client finds out by itself that the other side is silent. */
  readonly listen: "tcp" | "unix";
  /** The second client sees only the ports of type router. */
  readonly conditional: boolean;
  /** What the proxies draw sizes from. */
  readonly seed: number;
}

const directions = fc.constantFrom<Direction>("toServer", "toClient");
// Small numbers are where messages begin and end; a handshake is about 8,000 bytes.
const bytes = fc.oneof(fc.nat(400), fc.nat(9_000));

const write: fc.Arbitrary<WriteStep> = fc.record({
  type: fc.constant("write" as const),
  by: fc.constantFrom<ClientIndex>(0, 0, 1, 1, 2),
  action: fc.constantFrom<Action>(
    "insert",
    "insert with ports",
    "add port",
    "remove port",
    "change port",
    "delete",
    "set keys",
    "replace map",
    "addresses",
    "count",
    "count and insert",
    "compare and set",
  ),
  pick: fc.nat(31),
  size: fc.integer({ min: 1, max: 12 }),
  slowly: fc.boolean(),
  giveUpAfter: fc.oneof(
    { weight: 7, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }) },
  ),
});

const lineFault: fc.Arbitrary<LineFault> = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const) }),
  fc.record({ kind: fc.constant("cut after" as const), direction: directions, bytes }),
  fc.record({ kind: fc.constant("cut next" as const), direction: directions, bytes }),
  fc.record({ kind: fc.constant("chunks" as const), most: fc.integer({ min: 1, max: 300 }) }),
  fc.record({
    kind: fc.constant("delay" as const),
    direction: directions,
    milliseconds: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({
    kind: fc.constant("hold" as const),
    directions: fc.constantFrom<readonly Direction[]>(["toServer"], ["toClient"], ["toServer", "toClient"]),
  }),
  fc.record({ kind: fc.constant("stall" as const), direction: directions }),
  fc.record({
    kind: fc.constant("drop reply" as const),
    nth: fc.integer({ min: 1, max: 3 }),
    from: fc.constantFrom("request" as const, "reply" as const),
    cut: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("refuse" as const) }),
  fc.record({ kind: fc.constant("heal" as const) }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: write },
  {
    weight: 7,
    arbitrary: fc.record({
      type: fc.constant("fault" as const),
      on: fc.constantFrom(0 as const, 1 as const),
      fault: lineFault,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("turns" as const), turns: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("pause" as const),
      milliseconds: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const), wait: fc.boolean() }) },
);

/** Random schedules; they shrink to fewer and simpler steps. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 24, size: "max" }),
  listen: fc.constantFrom("tcp" as const, "unix" as const),
  conditional: fc.boolean(),
  seed: fc.nat(1_000_000),
});
