import { UsageError } from "../jsonrpc/index.ts";
import { insertOp, mutateOp, type Operation, randomUuid, selectOp, updateOp } from "../ovsdb/index.ts";
import type { Link } from "./link.ts";

/** Which counter of NB_Global shows that a change has arrived: written by ovn-northd (ovn-nb(5), NB_Global). */
const COUNTERS = { sb: "sb_cfg", hv: "hv_cfg" } as const;

/** Largest value of an OVSDB integer; the counter starts anew after it, as in ovn-nbctl. */
const LARGEST = 2n ** 63n - 1n;

/** The operations that raise NB_Global.nb_cfg, and what to wait for once they are committed. */
export interface ConfigurationStep {
  readonly operations: readonly Operation[];
  /** Whether the row was missing and is inserted: somebody else may do the same at the same moment. */
  readonly inserts: boolean;
  /** Whether everything up to this step has arrived. */
  readonly arrived: () => boolean;
}

/** Raises nb_cfg by one, as `ovn-nbctl --wait` does. A database that no ovn-northd has met yet has no NB_Global row. */
export function raiseConfiguration(link: Link, wait: "sb" | "hv"): ConfigurationStep {
  if (link.model.tables["NB_Global"] === undefined) {
    throw new UsageError(
      `${link.model.name} has no NB_Global table to wait on; \`wait\` is for OVN_Northbound`,
    );
  }
  const counter = COUNTERS[wait];
  const [row] = link.replica.table("NB_Global").rows();
  if (row === undefined) {
    return {
      operations: [insertOp("NB_Global", { nb_cfg: 1 }, { uuid: randomUuid() })],
      inserts: true,
      arrived: () => value(link, counter) >= 1n,
    };
  }
  const before = asBigInt(row["nb_cfg"]);
  const target = before >= LARGEST ? 1n : before + 1n;
  const where = [["_uuid", "==", ["uuid", row._uuid]]] as const;
  const step =
    target === 1n && before !== 0n
      ? updateOp("NB_Global", [...where], { nb_cfg: 1 })
      : mutateOp("NB_Global", [...where], [["nb_cfg", "+=", 1]]);
  return {
    operations: [step, selectOp("NB_Global", [...where], ["nb_cfg"])],
    inserts: false,
    // The replica already holds the new nb_cfg when this is first asked (promise P1), so others' steps do no harm.
    arrived: () => {
      const now = value(link, counter);
      return now >= target && (before < LARGEST || now < before);
    },
  };
}

function value(link: Link, column: string): bigint {
  const [row] = link.replica.table("NB_Global").rows();
  return asBigInt(row?.[column]);
}

function asBigInt(given: unknown): bigint {
  return typeof given === "bigint" || typeof given === "number" ? BigInt(given) : 0n;
}
