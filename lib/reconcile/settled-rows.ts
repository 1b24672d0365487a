import type { ReadView } from "../database/index.ts";
import { UsageError } from "../jsonrpc/index.ts";
import type { DatabaseSchema } from "../ovsdb/index.ts";
import { kindOf, type PlanContext } from "./context.ts";
import type { DesiredRow, OmittedColumn, RowKinds } from "./desired.ts";
import type { Placement } from "./placement.ts";
import { RowMap } from "./row-map.ts";

/** What a plan of one block of rows alone came to. */
export interface BlockPlan {
  /** Whether all is as it should be, and nothing has to be said about it. */
  readonly isSettled: boolean;
  readonly placements: readonly Placement[];
  readonly omitted: readonly OmittedColumn[];
}

/** A block that was found as it should be, and all that this depends on. */
interface SettledBlock {
  readonly schema: DatabaseSchema;
  readonly kinds: RowKinds;
  readonly onFound: PlanContext["onFound"];
  readonly revisions: ReadonlyMap<string, number>;
  readonly placements: readonly Placement[];
  readonly omitted: readonly OmittedColumn[];
}

/**
 * Rows that are in the database as they should be, so that a plan only has to know them to refer to them: nobody looks at
 * them again before something changes in one of their tables.
 */
export class SettledRows {
  readonly #blocks: readonly SettledBlock[];
  readonly #omitted: readonly OmittedColumn[];
  readonly byKey: ReadonlyMap<string, Placement>;
  readonly #byUuid = new RowMap<Placement>();

  constructor(blocks: readonly SettledBlock[]) {
    this.#blocks = blocks;
    this.#omitted = blocks.flatMap(({ omitted }) => omitted);
    const byKey = new Map<string, Placement>();
    for (const { placements } of blocks) {
      for (const placement of placements) {
        byKey.set(placement.row.key, placement);
        this.#byUuid.set(placement.kind.table, placement.uuid, placement);
      }
    }
    this.byKey = byKey;
  }

  byUuid(table: string, uuid: string): Placement | undefined {
    return this.#byUuid.get(table, uuid);
  }

  /** Columns that the server lacks and these rows do without. */
  get omitted(): readonly OmittedColumn[] {
    return this.#omitted;
  }

  /** Whether these are the rows of exactly these blocks. */
  isOf(blocks: readonly SettledBlock[]): boolean {
    return (
      blocks.length === this.#blocks.length && blocks.every((block, index) => block === this.#blocks[index])
    );
  }
}

/** What is known of the blocks that were planned on one view. */
class Memory {
  readonly blocks = new WeakMap<readonly DesiredRow[], SettledBlock>();
  /** Those of the latest plan: the next one is likely to have the same. */
  latest = new SettledRows([]);
}

const memories = new WeakMap<ReadView, Memory>();
/** None at all. */
export const noSettledRows: SettledRows = new SettledRows([]);

/**
 * Tells blocks of rows that are settled from those that have to be planned, which are returned as `open`, row by row.
 *
 * @param planAlone Plans a block without any other rows; throws what planning throws.
 */
export function settleRows(
  context: PlanContext,
  standing: readonly (readonly DesiredRow[])[],
  planAlone: (block: readonly DesiredRow[]) => BlockPlan,
): { readonly settled: SettledRows; readonly open: readonly DesiredRow[] } {
  // What is to be merged is looked for everywhere.
  if (standing.length === 0 || context.merge || context.view.revision === undefined)
    return { settled: noSettledRows, open: standing.flat() };
  const memory = memories.get(context.view) ?? new Memory();
  memories.set(context.view, memory);
  const blocks: SettledBlock[] = [];
  const open: DesiredRow[] = [];
  for (const block of standing) {
    if (!Object.isFrozen(block)) throw new UsageError("standing rows are to be made by constantRows");
    const known = memory.blocks.get(block);
    const settled = known !== undefined && holds(context, known) ? known : settle(context, block, planAlone);
    if (settled === undefined) open.push(...block);
    else {
      memory.blocks.set(block, settled);
      blocks.push(settled);
    }
  }
  if (!memory.latest.isOf(blocks)) memory.latest = new SettledRows(blocks);
  return { settled: memory.latest, open };
}

function holds({ view, schema, kinds, onFound }: PlanContext, block: SettledBlock): boolean {
  if (block.schema !== schema || block.kinds !== kinds || block.onFound !== onFound) return false;
  for (const [table, revision] of block.revisions) if (view.revision?.(table) !== revision) return false;
  return true;
}

function settle(
  context: PlanContext,
  block: readonly DesiredRow[],
  planAlone: (block: readonly DesiredRow[]) => BlockPlan,
): SettledBlock | undefined {
  const { view, schema, kinds, onFound } = context;
  if (isAnyMissing(context, block)) return undefined;
  const { isSettled, placements, omitted } = planAlone(block);
  if (!isSettled) return undefined;
  const tables = new Set(block.map((row) => kindOf(context, row).table));
  // These rows refer to no others, or they could not have been planned alone: no other table counts.
  const revisions = new Map([...tables].map((table) => [table, view.revision?.(table) ?? 0]));
  return { schema, kinds, onFound, revisions, placements, omitted };
}

/** Whether one of the rows that are known by their names is not there, as in a database that is new: no plan is needed to see that. */
function isAnyMissing(context: PlanContext, block: readonly DesiredRow[]): boolean {
  const { view } = context;
  return block.some((row) => {
    if (row.identity !== undefined) return false;
    const { table } = kindOf(context, row);
    return view.supports(table, "name") && view.find(table, { name: row.name }).length === 0;
  });
}
