import { Deadline, delay, jitter, type TransactOptions } from "../database/index.ts";
import { type Condition, ConstraintError, type Operation, selectOp, waitOp } from "../ovsdb/index.ts";
import type { Change, OmittedColumn } from "../reconcile/index.ts";
import type { DraftPlan, ExclusiveRow, PlannedAttachment } from "./draft-plan.ts";
import type { Northbound } from "./request.ts";

/** How a plan is applied. `wait`, `timeout`, `signal` and `dryRun` are those of any transaction. */
export interface ApplyOptions extends TransactOptions {
  /**
   * Largest transaction in bytes of JSON. A plan over several networks that is larger is applied network by network, in
   * as few transactions as fit; one network always is one transaction.
   * @default 4000000
   */
  readonly maxBytes?: number;
  /** Called after each transaction of a plan that needed several, with the networks it was about. */
  readonly onProgress?: (networks: readonly string[]) => void;
}

/** What applying did. */
export interface Applied {
  /** False when nothing had to change. */
  readonly changed: boolean;
  readonly changes: readonly Change[];
  /** Transactions that changed something. */
  readonly transactions: number;
  /** How often a plan was made: more than the number of transactions when others were faster. */
  readonly attempts: number;
  readonly omitted: readonly OmittedColumn[];
  readonly notes: readonly string[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
  readonly attachments: readonly PlannedAttachment[];
}

/** Bytes of JSON that {@link ApplyOptions.maxBytes} allows by default. */
export const DEFAULT_MAX_BYTES = 4_000_000;
const DEFAULT_TIMEOUT = 60_000;

/** Makes a plan on fresh data, for all networks or for some. */
export type Planner = (only?: ReadonlySet<string>) => DraftPlan;

/** Applies a plan. It is made anew from fresh data each time somebody else was faster, until the time is over. */
export async function applyPlan(
  nb: Northbound,
  planner: Planner,
  networks: readonly string[],
  options: ApplyOptions,
): Promise<Applied> {
  const deadline = new Deadline(options.timeout ?? DEFAULT_TIMEOUT);
  const groups = groupNetworks(planner, networks, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const sent: Sent[] = [];
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1;
    const replan = (): DraftPlan => planner(group === undefined ? undefined : new Set(group));
    sent.push(await send(nb, replan, isLast ? options : { ...options, wait: "none" }, deadline));
    if (group !== undefined) options.onProgress?.(group);
  }
  const drafts = sent.map(({ draft }) => draft);
  return {
    changed: drafts.some(({ changes }) => changes.length > 0),
    changes: drafts.flatMap(({ changes }) => changes),
    transactions: drafts.filter(({ operations }) => operations.length > 0).length,
    attempts: sent.reduce((sum, { attempts }) => sum + attempts, 0),
    omitted: drafts.flatMap(({ omitted }) => omitted),
    notes: [...new Set(drafts.flatMap(({ notes }) => notes))],
    kept: [...new Set(drafts.flatMap(({ kept }) => kept))],
    absent: drafts.flatMap(({ absent }) => absent),
    attachments: drafts.flatMap(({ attachments }) => attachments),
  };
}

/** One group with everything (`undefined`) when that fits, else groups of networks that do. */
function groupNetworks(
  planner: Planner,
  networks: readonly string[],
  maxBytes: number,
): readonly (readonly string[] | undefined)[] {
  if (networks.length < 2 || planner().bytes <= maxBytes) return [undefined];
  const groups: string[][] = [];
  let room = 0;
  for (const network of networks) {
    const { bytes } = planner(new Set([network]));
    const last = groups.at(-1);
    if (last === undefined || bytes > room) {
      groups.push([network]);
      room = maxBytes - bytes;
    } else {
      last.push(network);
      room -= bytes;
    }
  }
  return groups;
}

interface Sent {
  readonly draft: DraftPlan;
  readonly attempts: number;
}

async function send(
  nb: Northbound,
  replan: () => DraftPlan,
  options: ApplyOptions,
  deadline: Deadline,
): Promise<Sent> {
  let attempts = 0;
  let refused: string | undefined;
  for (;;) {
    let draft: DraftPlan | undefined;
    if (deadline.passed) throw deadline.error("a plan of the changes");
    try {
      const { value } = await nb.transact(
        async (tx) => {
          attempts += 1;
          const guarded = await guardedPlan(nb, replan, deadline, options.signal);
          draft = guarded.draft;
          await heed(options.signal, deadline);
          if (draft.operations.length > 0) tx.raw(...guarded.guards, ...draft.operations);
          return draft;
        },
        { ...options, timeout: deadline.left },
      );
      return { draft: value, attempts };
    } catch (error) {
      // A unique index may be violated because somebody wrote the same meanwhile. The same plan twice is no such case.
      const plan = draft === undefined ? undefined : signature(draft);
      if (!(error instanceof ConstraintError) || plan === refused || deadline.passed) throw error;
      refused = plan;
    }
    await delay(Math.min(jitter(attempts), deadline.left), options.signal);
  }
}

/**
 * Lets signals and timers that came while a large plan was made have their say before it is sent. What changed in the
 * database in that moment makes the guarded transaction fail, and the plan is made again.
 */
async function heed(signal: AbortSignal | undefined, deadline: Deadline): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
  if (deadline.passed) throw deadline.error("a plan of the changes");
}

/**
 * A plan, and guards that fail its transaction if somebody adds a port to a switch on which it gives out addresses that
 * no uuid claims (second families, requested ones), or a node to a router while it gives out a subnet.
 *
 * The guard is on the row's `_version`, which changes with every change of the row. It is read before the plan is made;
 * so the plan knows at least what that version knew.
 */
async function guardedPlan(
  nb: Northbound,
  replan: () => DraftPlan,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): Promise<{ readonly draft: DraftPlan; readonly guards: readonly Operation[] }> {
  let guards: ReadonlyMap<string, Operation> = new Map();
  for (;;) {
    const draft = replan();
    const missing = draft.operations.length > 0 && draft.exclusive.some(({ uuid }) => !guards.has(uuid));
    if (!missing) return { draft, guards: [...guards.values()] };
    guards = await versionGuards(nb, draft.exclusive, deadline, signal);
  }
}

async function versionGuards(
  nb: Northbound,
  rows: readonly ExclusiveRow[],
  deadline: Deadline,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Operation>> {
  const conditionOf = ({ uuid }: ExclusiveRow): readonly [Condition] => [["_uuid", "==", ["uuid", uuid]]];
  const { results } = await nb.transact(
    (tx) => {
      for (const row of rows) tx.raw(selectOp(row.table, conditionOf(row), ["_version"]));
    },
    { timeout: deadline.left, ...(signal !== undefined && { signal }) },
  );
  return new Map(
    rows.map((row, index) => {
      const result = results[index];
      const expected = result?.op === "select" ? result.rows : [];
      const options = { columns: ["_version"], until: "==", rows: expected } as const;
      return [row.uuid, waitOp(row.table, conditionOf(row), options)];
    }),
  );
}

/** What a plan does, without the random uuids in it. */
function signature({ changes }: DraftPlan): string {
  return JSON.stringify(
    changes.map(({ action, table, name, columns }) => [action, table, name, columns]),
    (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value),
  );
}
