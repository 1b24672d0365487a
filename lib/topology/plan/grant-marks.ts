import type { ReadView } from "../../database/index.ts";
import { mutateOp, type Operation, randomUuid, waitOp } from "../../ovsdb/index.ts";
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

/** Marks rows, see {@link GRANT_MARK}. */
export function marksOn(rows: readonly ExclusiveRow[]): readonly Operation[] {
  if (rows.length === 0) return [];
  const value = randomUuid();
  return rows.map(({ table, uuid }) =>
    mutateOp(
      table,
      [["_uuid", "==", ["uuid", uuid]]],
      [
        ["external_ids", "delete", ["set", [GRANT_MARK]]],
        ["external_ids", "insert", ["map", [[GRANT_MARK, value]]]],
      ],
    ),
  );
}

/**
 * Guards that fail the transaction if somebody marks the routers of networks that claim subnets. Of a router that the same
 * transaction inserts nobody can give out any.
 */
export function unmarkedGuards(view: ReadView, { claimed }: Growth): readonly Operation[] {
  if (claimed.size === 0) return [];
  return [...claimed].flatMap((network) =>
    view.find("Logical_Router", { name: clusterRouterName(network) }).map((router) => {
      const pairs = Object.entries(stringMap(router, "external_ids"));
      const expected = { columns: ["external_ids"], rows: [{ external_ids: ["map", pairs] }] } as const;
      return waitOp("Logical_Router", [["_uuid", "==", ["uuid", router._uuid]]], {
        ...expected,
        until: "==",
      });
    }),
  );
}
