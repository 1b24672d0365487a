import { type Applied, type Plan, UnconfirmedPlanError } from "../topology/index.ts";

/** What was committed, or would be, and what is to be said of its confirmation once the changes are told. */
export interface Committed {
  readonly applied: Omit<Applied, "changed" | "attempts">;
  /** Absent: it was not waited for, or it came. */
  readonly unconfirmed?: UnconfirmedPlanError;
}

/**
 * Waits for a plan that is applied. The rows are there also when ovn-northd or the chassis did not confirm them, and the
 * next run finds nothing to do: so their list is a result, and the failure comes after it.
 */
export async function committed(applying: Promise<Applied>): Promise<Committed> {
  try {
    return { applied: await applying };
  } catch (error) {
    if (error instanceof UnconfirmedPlanError) return { applied: error.applied, unconfirmed: error };
    throw error;
  }
}

/** What a plan would change. */
export function planned({ changes, omitted, notes, kept, absent, attachments, nodes }: Plan): Committed {
  return { applied: { changes, omitted, notes, kept, absent, attachments, nodes, transactions: 0 } };
}
