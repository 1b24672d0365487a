import type { ReadView } from "../../database/index.ts";
import { mutateOp, randomUuid, WrittenOperations } from "../../ovsdb/index.ts";
import { clusterRouterName } from "../naming/names.ts";
import { stringMap } from "../observe/observe.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import type { Growth } from "./growth.ts";

/**
 * Key of `external_ids` of a switch or router on which something was given out that neither a port that comes or goes nor a claim
 * tells of, as when a node that is there gets another subnet. Its value is another one each time.
 *
 * With it the row gets another `_version`, so that whoever guards that plans again; and who claims a subnet waits for the `external_ids`
 * that the plan has seen. A contract between all versions that may run side by side.
 */
export const GRANT_MARK = "ovn-northbound/grant";

/** What goes before the operations of a plan, for those that are made at the same time. */
export function grantGuards(
  view: ReadView,
  growth: Growth,
  toMark: readonly ExclusiveRow[],
): WrittenOperations | undefined {
  const guards = growth.claimed.size === 0 ? undefined : unmarkedGuards(view, growth);
  if (toMark.length === 0) return guards;
  const marks = marksOn(toMark);
  return guards === undefined ? marks : guards.followedBy(marks);
}

/** Marks rows, see {@link GRANT_MARK}. */
function marksOn(rows: readonly ExclusiveRow[]): WrittenOperations {
  const value = randomUuid();
  return WrittenOperations.of(
    rows.map(({ table, uuid }) =>
      mutateOp(
        table,
        [["_uuid", "==", ["uuid", uuid]]],
        [
          ["external_ids", "delete", ["set", [GRANT_MARK]]],
          ["external_ids", "insert", ["map", [[GRANT_MARK, value]]]],
        ],
      ),
    ),
  );
}

/**
 * Guards that fail the transaction if somebody marks the routers of networks that claim subnets. Of a router that the same
 * transaction inserts nobody can give out any. Written as text at once: every plan that adds a node has one.
 */
function unmarkedGuards(view: ReadView, { claimed }: Growth): WrittenOperations {
  const texts = [...claimed].flatMap((network) =>
    view.find("Logical_Router", { name: clusterRouterName(network) }).map((router) => {
      const pairs = JSON.stringify(Object.entries(stringMap(router, "external_ids")));
      const where = `"where":[["_uuid","==",["uuid","${router._uuid}"]]]`;
      const seen = `"columns":["external_ids"],"until":"==","rows":[{"external_ids":["map",${pairs}]}]`;
      return `{"op":"wait","table":"Logical_Router",${where},${seen},"timeout":0}`;
    }),
  );
  return new WrittenOperations(
    texts.join(","),
    texts.map(() => "wait"),
  );
}
