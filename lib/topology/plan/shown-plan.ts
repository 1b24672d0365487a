import { outlineChanges } from "../../reconcile/index.ts";
import type { PlannedAttachment } from "./draft-network.ts";
import type { DraftPlan } from "./draft-of-rows.ts";

/** What a plan tells, and what was done. */
type Told = Pick<DraftPlan, "changes" | "attachments" | "notes" | "kept" | "absent" | "omitted">;

/** What is shown of that when it is logged: the changes, and of the rest so far as there is something. */
export function shownOf({ changes, attachments, notes, kept, absent, omitted }: Told): object {
  const lists = { attachments: attachments.map(shownOfPort), notes, kept, absent, omitted };
  const others = Object.entries(lists).filter(([, list]) => list.length > 0);
  return { changes: outlineChanges(changes), ...Object.fromEntries(others) };
}

function shownOfPort({ portName, addresses }: PlannedAttachment): string {
  return `${portName}: ${addresses}`;
}
