import assert from "node:assert/strict";
import type { PlainRow, Rows } from "./content.ts";
import type { Action } from "./schedule.ts";

/** What a writer was told of one transaction. `refused`: certainly not done. */
export type Outcome = "pending" | "done" | "unknown" | "refused";

/** One transaction of one writer, and what has to be true of it. */
export interface Entry {
  readonly action: Action;
  /** Marks the row that it inserts, if it inserts one. */
  readonly tag: string;
  outcome: Outcome;
  /** Tag of the row that its last run deletes. */
  deletes: string | undefined;
  /** Its last run had something to do. */
  effective: boolean;
}

/** Actions that always insert the row with their tag. */
export const inserting: readonly Action[] = ["insert", "insert with ports", "count and insert"];

/** What the writers were told, to be compared with what the database holds. */
export class Ledger {
  readonly #entries: Entry[] = [];

  begin(action: Action): Entry {
    const tag = `t${this.#entries.length}`;
    const entry: Entry = { action, tag, outcome: "pending", deletes: undefined, effective: false };
    this.#entries.push(entry);
    return entry;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Whether the row with that tag may be deleted by now: not while its own writer does not know that it is there. */
  mayDelete(tag: string): boolean {
    return this.#entries.some((entry) => entry.tag === tag && entry.outcome !== "pending");
  }

  /** Whether somebody may have deleted the row with that tag. */
  mayBeDeleted(tag: string): boolean {
    return this.#entries.some(({ deletes }) => deletes === tag);
  }

  /** Compares with the rows that the server has once all is over. */
  check(rows: Rows): void {
    const tags = (rows.get("Logical_Switch") ?? []).map((row) => keyOf(row, "external_ids", "tag"));
    for (const entry of this.#entries.filter(({ action }) => inserting.includes(action))) {
      const found = tags.filter((tag) => tag === entry.tag).length;
      const [least, most] = this.#expected(entry);
      assert.ok(
        least <= found && found <= most,
        `${entry.action} ${entry.tag}, ${entry.outcome}: there ${found} times, not ${least} to ${most} times`,
      );
    }
    const [global] = rows.get("NB_Global") ?? [];
    this.#checkCount(["count", "count and insert"], Number(global?.["nb_cfg"]));
    this.#checkCount(["compare and set"], Number(keyOf(global ?? {}, "options", "compared") ?? 0));
  }

  #expected({ tag, outcome }: Entry): readonly [least: number, most: number] {
    const deletions = this.#entries.filter(({ deletes }) => deletes === tag);
    if (outcome === "refused" || deletions.some(({ outcome }) => outcome === "done")) return [0, 0];
    const certain = outcome === "done" && deletions.every(({ outcome }) => outcome === "refused");
    return certain ? [1, 1] : [0, 1];
  }

  /** Every transaction adds one: a lost one or one done twice shows in the sum. */
  #checkCount(actions: readonly Action[], sum: number): void {
    const counting = this.#entries.filter(({ action, effective }) => actions.includes(action) && effective);
    const done = counting.filter(({ outcome }) => outcome === "done").length;
    const unknown = counting.filter(({ outcome }) => outcome === "unknown").length;
    assert.ok(
      done <= sum && sum <= done + unknown,
      `${actions.join(", ")}: the sum is ${sum} after ${done} that were done and ${unknown} unknown ones`,
    );
  }
}

function keyOf(row: PlainRow, column: string, key: string): string | undefined {
  return (row[column] as { readonly [key: string]: string } | undefined)?.[key];
}
