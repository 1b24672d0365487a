import type { ReadView } from "../../database/index.ts";
import type { DatabaseSchema } from "../../ovsdb/index.ts";
import type { DesiredRow, OmittedColumn } from "../../reconcile/index.ts";
import type { StandingRows } from "../rows/built-network.ts";
import type { NetworkRowKind } from "../rows/network-row-kind.ts";
import { type FittedRows, fitDhcp } from "./fit-dhcp.ts";

/** Something that networks can do without. */
interface Dispensable {
  /** What a server must have for it: tables, and columns of them. The first is the column that is reported. */
  readonly needs: readonly (readonly [table: string, column: string])[];
  /** Rows that go with it. */
  readonly kinds: readonly NetworkRowKind[];
  /** Sets of other rows that refer to those. */
  readonly column: string;
  readonly consequence: string;
}

const dispensables: readonly Dispensable[] = [
  {
    // OVN before 21.12 (schema 5.34). Nothing of ours is in the groups; they wait for services.
    needs: [
      ["Logical_Switch", "load_balancer_group"],
      ["Load_Balancer_Group", "name"],
    ],
    kinds: ["load balancer group"],
    column: "load_balancer_group",
    consequence: "networks are without load balancer groups",
  },
  {
    // OVN before 20.09 has no Copp, and before 22.09 none with a name to know it by.
    needs: [
      ["Logical_Router", "copp"],
      ["Copp", "name"],
    ],
    kinds: ["copp", "meter", "meter band"],
    column: "copp",
    consequence: "routers are without control plane protection",
  },
  {
    // OVN before 24.09 (schema 7.7). In local gateway mode all traffic leaves that way, and nothing can do without it.
    needs: [["NAT", "match"]],
    kinds: ["management snat"],
    column: "nat",
    consequence:
      "pods of primary networks get no answers from the node that they run on, by its own addresses",
  },
];

/**
 * What stands in for a server's version where a feature has no column: it came with this one.
 *
 * ovn-controller joins a gateway router to a distributed one since 25.03 (ovn commit c5058ec79, controller/physical.c).
 */
const SIGN_OF_25_03 = ["Logical_Router_Policy", "jump_chain"] as const;

/** Likewise for ovn-northd, which binds ports of type remote since 23.09 (ovn commit 170d3e5f1, northd/northd.c). */
const SIGN_OF_23_09 = ["Logical_Router_Port", "status"] as const;

/** The same, with the rows that every plan of a network has. */
export interface Fitted extends FittedRows {
  readonly standing: StandingRows;
}

/**
 * Leaves out what an older server has no place for and a network works without. Everything else that is missing
 * is for `planRows` to refuse.
 */
export function fitSchema(
  view: Pick<ReadView, "supports">,
  schema: DatabaseSchema,
  standing: StandingRows,
  rows: readonly DesiredRow[],
): Fitted {
  const gaps = gapsOf(view, schema);
  const kept = standing.every((list) => gaps.spare(list))
    ? standing
    : standing.filter((list) => gaps.spare(list));
  // Nearly all plans: no row is of a kind that depends on what the server has.
  if (kept === standing && !rows.some(({ kind }) => gaps.concern.has(kind)))
    return { standing, rows, omitted: nothing, notes: nothing };
  const others = kept === standing ? rows : [...standing.filter((list) => !gaps.spare(list)).flat(), ...rows];
  const present = new Set<string>();
  for (const { kind } of others) present.add(kind);
  const dhcp = present.has("dhcp options")
    ? fitDhcp(view, schema, others)
    : { ...nothingLeftOut, rows: others };
  let fitting = dhcp.rows;
  const omitted: OmittedColumn[] = [...dhcp.omitted];
  const notes: string[] = [...dhcp.notes];
  for (const { needs, kinds, column, consequence, lacking } of gaps.all) {
    if (!kinds.some((kind) => present.has(kind))) continue;
    const kindNames: readonly string[] = kinds;
    const reason = `the server's schema ${schema.name} ${schema.version} has no ${lacking.join(".")}`;
    const [[table, first] = ["", ""]] = needs;
    omitted.push({ table, column: first, reason });
    notes.push(`${reason}: ${consequence}`);
    fitting = fitting
      .filter(({ kind }) => !kindNames.includes(kind))
      .map(({ columns = {}, elements = {}, ...row }) => ({
        ...row,
        columns: without(columns, column),
        elements: without(elements, column),
      }));
  }
  if (present.has("transit router") && !view.supports(...SIGN_OF_25_03)) {
    notes.push(
      `the server's schema ${schema.name} ${schema.version} is of an OVN before 25.03, which joins no gateway router to a transit router: pods of primary layer2 networks do not get out through their node's gateway router`,
    );
  }
  const isRemote = ({ kind, columns = {} }: DesiredRow): boolean =>
    (kind === "pod port" || kind === "transit switch port") && columns["type"] === "remote";
  const mayBeRemote = present.has("pod port") || present.has("transit switch port");
  if (mayBeRemote && !view.supports(...SIGN_OF_23_09) && fitting.some(isRemote)) {
    notes.push(
      `the server's schema ${schema.name} ${schema.version} is of an OVN before 23.09, which does not bind remote ports to the chassis of their zone: who joins the zones must do that in the southbound database`,
    );
  }
  return { standing: kept, rows: fitting, omitted, notes };
}

const nothing: readonly never[] = [];

/** Rows of these kinds are looked at more closely, whatever the server has. */
const delicateKinds: readonly NetworkRowKind[] = [
  "dhcp options",
  "transit router",
  "pod port",
  "transit switch port",
];

const nothingLeftOut = { omitted: [], notes: [] };

/** What a server lacks of what is dispensable. */
class Gaps {
  readonly all: readonly (Dispensable & { readonly lacking: readonly [table: string, column: string] })[];
  /** Kinds of rows that may have to be left out, or told about. */
  readonly concern: ReadonlySet<string>;
  readonly #spared = new WeakMap<readonly DesiredRow[], boolean>();

  constructor(view: Pick<ReadView, "supports">) {
    this.all = dispensables.flatMap((each) => {
      const lacking = each.needs.find(([table, name]) => !view.supports(table, name));
      return lacking === undefined ? [] : [{ ...each, lacking }];
    });
    this.concern = new Set([...delicateKinds, ...this.all.flatMap(({ kinds }) => kinds)]);
  }

  /** Whether standing rows stay as they are: looked at once, as they are the same each time. */
  spare(list: readonly DesiredRow[]): boolean {
    const known = this.#spared.get(list);
    if (known !== undefined) return known;
    const kinds = new Set<string>(this.all.flatMap((each) => each.kinds));
    const columns = this.all.map(({ column }) => column);
    const spared = !list.some(
      (row) => kinds.has(row.kind) || columns.some((column) => hasColumn(row, column)),
    );
    this.#spared.set(list, spared);
    return spared;
  }
}

/** A connected server's schema is one object as long as the connection lasts. */
const gapsOfSchemas = new WeakMap<DatabaseSchema, Gaps>();

function gapsOf(view: Pick<ReadView, "supports">, schema: DatabaseSchema): Gaps {
  const known = gapsOfSchemas.get(schema) ?? new Gaps(view);
  gapsOfSchemas.set(schema, known);
  return known;
}

function hasColumn({ columns = {}, elements = {} }: DesiredRow, column: string): boolean {
  return Object.hasOwn(columns, column) || Object.hasOwn(elements, column);
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
