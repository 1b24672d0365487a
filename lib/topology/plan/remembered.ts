import type { Northbound } from "../request/request.ts";
import type { Planner } from "./apply.ts";
import type { DraftPlan } from "./draft-of-rows.ts";

/**
 * A planner that looks again only when there is something else to see.
 *
 * A plan is made to be shown, again to learn how large it is, and again to be sent: on a database that did not change in
 * between that is the same work with the same result.
 */
export function remembered(nb: Pick<Northbound, "revision" | "takesChosenUuids">, planner: Planner): Planner {
  const drafts = new Map<string, DraftPlan>();
  let seen: number | undefined;
  let couldChoose: boolean | undefined;
  const known = (key: string): DraftPlan | undefined => {
    const { revision, takesChosenUuids } = nb;
    if (revision !== seen || takesChosenUuids !== couldChoose) drafts.clear();
    seen = revision;
    couldChoose = takesChosenUuids;
    return drafts.get(key);
  };
  const plan = (only?: ReadonlySet<string>): DraftPlan => {
    const key = keyOf(only);
    const draft = known(key) ?? planner(only);
    drafts.set(key, draft);
    return draft;
  };
  return Object.assign(plan, {
    made: (only?: ReadonlySet<string>) => known(keyOf(only)),
  });
}

function keyOf(only: ReadonlySet<string> | undefined): string {
  return only === undefined ? "all" : JSON.stringify([...only]);
}
