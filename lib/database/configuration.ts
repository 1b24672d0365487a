import { UsageError } from "../jsonrpc/index.ts";
import {
  findColumn,
  insertOp,
  mutateOp,
  type Operation,
  type OperationResult,
  selectOp,
  updateOp,
  waitOp,
} from "../ovsdb/index.ts";
import type { Link } from "./link.ts";
import { unsupported } from "./unsupported.ts";

/** Which counter of NB_Global shows that a change has arrived: written by ovn-northd (ovn-nb(5), NB_Global). */
const COUNTERS = { sb: "sb_cfg", hv: "hv_cfg" } as const;

/** Largest value of an OVSDB integer; the counter starts anew after it, as in ovn-nbctl. */
const LARGEST = 2n ** 63n - 1n;

/** The operations that raise NB_Global.nb_cfg, and what to wait for once they are committed. */
export interface ConfigurationStep {
  readonly operations: readonly Operation[];
  /** Whether the row was missing and is inserted: somebody else may do the same at the same moment. */
  readonly inserts: boolean;
  /** Makes the test of whether everything up to this step has arrived, from the results of its operations. */
  arrival(results: readonly OperationResult[]): () => boolean;
  /** The same where the results are lost: everything up to what the replica shows now, which is at least this step. */
  arrivalUpToNow(): () => boolean;
}

/** Raises nb_cfg by one, as `ovn-nbctl --wait` does. A database that no ovn-northd has met yet has no NB_Global row. */
export function raiseConfiguration(link: Link, wait: "sb" | "hv"): ConfigurationStep {
  if (link.model.tables["NB_Global"] === undefined) {
    throw new UsageError(
      `${link.model.name} has no NB_Global table to wait on; \`wait\` is for OVN_Northbound`,
    );
  }
  const counter = COUNTERS[wait];
  for (const column of ["nb_cfg", counter]) {
    if (findColumn(link.schema, "NB_Global", column) !== undefined) continue;
    throw unsupported(link.schema, link.model, "NB_Global", column);
  }
  // Now, not when the transaction is committed and there is nothing to be waited for.
  link.replica.table("NB_Global").position(counter);
  const arrivalUpToNow = (): (() => boolean) => {
    // Not before there is something to read: the connection may be lost once more.
    let target: bigint | undefined;
    return () => {
      target ??= value(link, "nb_cfg");
      return value(link, counter) >= target;
    };
  };
  const [row] = link.replica.table("NB_Global").rows();
  if (row === undefined) {
    return {
      arrivalUpToNow,
      operations: [insertOp("NB_Global", { nb_cfg: 1 })],
      inserts: true,
      arrival: () => () => value(link, counter) >= 1n,
    };
  }
  const before = asBigInt(row["nb_cfg"]);
  const where = [["_uuid", "==", ["uuid", row._uuid]]] as const;
  const step =
    before >= LARGEST
      ? updateOp("NB_Global", [...where], { nb_cfg: 1 })
      : mutateOp("NB_Global", [...where], [["nb_cfg", "+=", 1]]);
  return {
    operations: [
      waitOp("NB_Global", [...where], { columns: [], until: "!=", rows: [] }),
      step,
      selectOp("NB_Global", [...where], ["nb_cfg"]),
    ],
    inserts: false,
    arrivalUpToNow,
    arrival: (results) => {
      // What the step made of it, not what it was here before: others may have stepped first, and the confirmation of
      // their steps is not that of ours.
      const target = counted(results.at(-1)) ?? 0n;
      return () => {
        const now = value(link, counter);
        return now >= target && (before < LARGEST || now < before);
      };
    },
  };
}

/** Whether the row exists now. */
export function hasConfiguration(link: Link): boolean {
  return link.replica.table("NB_Global").size > 0;
}

function counted(result: OperationResult | undefined): bigint | undefined {
  const [row] = result?.op === "select" ? result.rows : [];
  return row && asBigInt(row["nb_cfg"]);
}

function value(link: Link, column: string): bigint {
  const [row] = link.replica.table("NB_Global").rows();
  return asBigInt(row?.[column]);
}

function asBigInt(given: unknown): bigint {
  return typeof given === "bigint" || typeof given === "number" ? BigInt(given) : 0n;
}
