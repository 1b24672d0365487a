import type { Skipped } from "../../manifests/index.ts";
import { type Change, describeChanges, type OmittedColumn } from "../../reconcile/index.ts";
import type { Io } from "../io.ts";
import { formatData, type WriteFormat } from "./format.ts";
import { inOurWords } from "./library-words.ts";
import { tell, tellAbsent } from "./messages.ts";
import type { PodStatus } from "./pod-status.ts";
import { count, printable } from "./text.ts";

/** What a plan says, or what applying it did. */
export interface PlanOutcome {
  readonly changes: readonly Change[];
  readonly omitted: readonly OmittedColumn[];
  readonly notes: readonly string[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
  /** Transactions that changed something; 0 for a plan that was not applied. */
  readonly transactions: number;
}

/** How to report it. */
export interface ReportOptions {
  readonly output: WriteFormat;
  /** What `-o name` prints. */
  readonly names?: readonly string[] | undefined;
  /** Whether the changes were made. */
  readonly made: boolean;
  /** Whether a last line counts the changes, in text. */
  readonly summary: boolean;
  readonly pods?: readonly PodStatus[];
  /** What of the manifests is not used; has been told. */
  readonly skipped: readonly Skipped[];
  /** More notes, without the word; have been told. */
  readonly told: readonly string[];
  /** Whether what was waited for came. Absent: nothing was waited for. */
  readonly confirmed?: boolean;
}

/** Prints changes on standard output, and what else there is to say on standard error. */
export async function reportPlan(io: Io, outcome: PlanOutcome, options: ReportOptions): Promise<void> {
  const notes = notesOf(outcome);
  for (const note of notes) tell(io, `note: ${note}`);
  for (const line of outcome.kept) tell(io, `kept: ${line}`);
  tellAbsent(io, outcome.absent);
  if (options.output === "text") {
    const summary = options.summary ? [summaryOf(outcome, options.made)] : [];
    const shown = options.made ? outcome.changes.map(brief) : outcome.changes;
    io.out([...describeChanges(shown), ...summary].map((line) => `${line}\n`).join(""));
    return;
  }
  if (options.output === "name") {
    io.out((options.names ?? []).map((line) => `${line}\n`).join(""));
    return;
  }
  const data = {
    changed: outcome.changes.length > 0,
    transactions: outcome.transactions,
    ...(options.confirmed !== undefined && { confirmed: options.confirmed }),
    changes: outcome.changes.map((change) => changeData(change, options.made)),
    pods: options.pods ?? [],
    notes: [...options.told, ...notes],
    kept: outcome.kept,
    absent: outcome.absent,
    skipped: options.skipped,
  };
  io.out(await formatData(data, options.output));
}

/** What was made can be looked at with `show`; column by column it is told only where something stood before. */
function brief(change: Change): Change {
  return change.action === "insert" && change.reason === undefined ? { ...change, columns: {} } : change;
}

function notesOf({ notes, omitted }: PlanOutcome): readonly string[] {
  return [
    ...notes.map(inOurWords),
    ...omitted.map(({ table, column, reason }) => `column ${table}.${column} is left out: ${reason}`),
  ];
}

/** A row that is not inserted yet may get another uuid when it is: the random ones are made anew. */
function changeData(
  { action, table, name, uuid, network, parent, columns, reason }: Change,
  made: boolean,
): object {
  return {
    action,
    table,
    name,
    ...(uuid === undefined || (action === "insert" && !made) ? {} : { uuid }),
    ...(network === undefined ? {} : { network }),
    ...(parent === undefined ? {} : { parent }),
    columns,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** `3 networks: 38 rows inserted, 0 updated, 0 deleted in 1 transaction`. */
export function summaryOf({ changes, transactions }: PlanOutcome, made: boolean): string {
  if (changes.length === 0) return "nothing to change";
  const networks = new Set(changes.flatMap(({ network }) => network ?? []));
  const of = (action: Change["action"]): number =>
    changes.filter((change) => change.action === action).length;
  const where = networks.size === 0 ? "" : `${count(networks.size, "network")}: `;
  const rows = `${count(of("insert"), "row")} inserted, ${of("update")} updated, ${of("delete")} deleted`;
  return printable(
    `${where}${rows} ${made ? `in ${count(transactions, "transaction")}` : "(dry run: nothing was written)"}`,
  );
}
