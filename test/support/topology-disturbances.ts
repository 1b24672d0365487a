import fc from "fast-check";
import type { AnyRow } from "../../lib/database/index.ts";
import type { Json } from "../../lib/jsonrpc/index.ts";
import { deleteOp, insertOp, mutateOp, type Operation, updateOp, type Where } from "../../lib/ovsdb/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { stringMap, text, texts } from "../../lib/topology/observe/observe.ts";

/** Tables whose rows stand for themselves; rows of the others go with their parents. */
const roots = ["Meter", "Copp", "Load_Balancer_Group", "Logical_Switch", "Logical_Router"] as const;
const marked = ["Logical_Switch", "Logical_Router", "Logical_Switch_Port"] as const;
const named = [...roots, "Logical_Router_Port", "Logical_Switch_Port", "Gateway_Chassis"] as const;
/** Keys and values of `external_ids` by which networks, and the profile of their writer, are told; undefined: to be removed. */
const marks = [
  ["k8s.ovn.org/network", undefined],
  ["k8s.ovn.org/network", "net"],
  ["k8s.ovn.org/network", "two"],
  ["k8s.ovn.org/network", "nobody"],
  ["k8s.ovn.org/topology", undefined],
  ["k8s.ovn.org/topology", "layer2"],
  ["k8s.ovn.org/role", undefined],
  ["k8s.ovn.org/role", "secondary"],
  ["k8s-ovn-topo-version", undefined],
  ["k8s-ovn-topo-version", "5"],
] as const;

/** What stands in a port's columns then. */
const portColumns: readonly Readonly<Record<string, Json>>[] = [
  ...["10.3.0.3", "10.3.0.4 10.3.0.5", "10.3.1.3", "10.2.0.1", "10.2.0.2"].map((address) => ({
    addresses: `0a:58:00:00:00:01 ${address}`,
  })),
  { port_security: "0a:58:00:00:00:02 10.3.0.6 10.2.0.3" },
  { addresses: "dynamic", dynamic_addresses: "0a:58:00:00:00:03 10.3.0.3" },
  { addresses: ["set", []], port_security: ["set", []] },
  { type: "router" },
  { type: "virtual", options: ["map", [["virtual-ip", "10.3.0.7"]]] },
];

type Root = (typeof roots)[number];

const choice = fc.nat(63);

/** Something that another client does; `pick` and `other` choose among the rows that are there then, by name. */
export type Disturbance =
  | {
      readonly kind: "delete" | "replace" | "duplicate";
      readonly table: Root;
      readonly pick: number;
      /** Whether a new row goes without the marks of the old one. */
      readonly bare: boolean;
    }
  | { readonly kind: "delete several"; readonly table: Root; readonly several: number }
  | {
      readonly kind: "rename";
      readonly table: (typeof named)[number];
      readonly pick: number;
      /** Undefined: a name that nobody has. */
      readonly other: number | undefined;
    }
  | {
      readonly kind: "mark";
      readonly table: (typeof marked)[number];
      readonly pick: number;
      readonly mark: (typeof marks)[number];
      /** Whether all rows of the table get it or lose it, not only the one. */
      readonly all: boolean;
    }
  | { readonly kind: "meter" | "copp" | "router" | "switch"; readonly pick: number; readonly other: number }
  | {
      /** `pick` chooses a port, to change it; for a new one a switch. */
      readonly kind: "port" | "new port";
      readonly pick: number;
      readonly columns: (typeof portColumns)[number];
    }
  | {
      readonly kind: "child";
      readonly parents: "Logical_Switch" | "Logical_Router";
      readonly pick: number;
      readonly other: number;
      /** Whether the one that had it keeps it, too. */
      readonly keeps: boolean;
    };

/** Any {@link Disturbance}. */
export const disturbances: fc.Arbitrary<Disturbance> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("delete" as const, "replace" as const, "duplicate" as const),
      table: fc.constantFrom(...roots, "Logical_Switch", "Logical_Router"),
      pick: choice,
      bare: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant("delete several" as const),
    table: fc.constantFrom(...roots),
    several: fc.integer({ min: 2, max: 40 }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("rename" as const),
      table: fc.constantFrom(...named),
      pick: choice,
      other: fc.option(choice, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("mark" as const),
      table: fc.constantFrom("Logical_Switch", ...marked),
      pick: choice,
      mark: fc.constantFrom(...marks),
      all: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("meter" as const, "copp" as const, "router" as const, "switch" as const),
      pick: choice,
      other: choice,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("port" as const, "new port" as const),
      pick: choice,
      columns: fc.constantFrom(...portColumns),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("child" as const),
      parents: fc.constantFrom("Logical_Switch" as const, "Logical_Router" as const),
      pick: choice,
      other: choice,
      keeps: fc.boolean(),
    }),
  },
);

/** What is to be sent for a disturbance; nothing where the rows for it are not there. */
export function operationsOf(nb: Northbound, disturbance: Disturbance): readonly Operation[] {
  const rows = (table: string): readonly AnyRow[] =>
    [...nb.view.rows(table)].toSorted((a, b) => (text(a, "name") < text(b, "name") ? -1 : 1));
  const pick = (table: string, index: number): AnyRow | undefined => {
    const all = rows(table);
    return all[index % all.length];
  };
  switch (disturbance.kind) {
    case "delete several": {
      const { table, several } = disturbance;
      return rows(table)
        .slice(0, several)
        .map(({ _uuid }) => deleteOp(table, here(_uuid)));
    }
    case "mark": {
      const { table, mark, all } = disturbance;
      const [key, value] = mark;
      const row = pick(table, disturbance.pick);
      const chosen = all ? rows(table) : row === undefined ? [] : [row];
      const remove = ["external_ids", "delete", ["set", [key]]] as const;
      const insert = ["external_ids", "insert", ["map", [[key, value ?? ""]]]] as const;
      const mutations = value === undefined ? [remove] : [remove, insert];
      return chosen.map(({ _uuid }) => mutateOp(table, here(_uuid), mutations));
    }
    case "rename": {
      const { table, other } = disturbance;
      const row = pick(table, disturbance.pick);
      if (row === undefined) return [];
      const taken = other === undefined ? undefined : pick(table, other);
      const name = taken === undefined ? `other-${disturbance.pick}` : text(taken, "name");
      return [updateOp(table, here(row._uuid), { name })];
    }
    case "port": {
      const row = pick("Logical_Switch_Port", disturbance.pick);
      return row === undefined ? [] : [updateOp("Logical_Switch_Port", here(row._uuid), disturbance.columns)];
    }
    case "new port": {
      const row = pick("Logical_Switch", disturbance.pick);
      if (row === undefined) return [];
      const name = `port-${rows("Logical_Switch_Port").length}`;
      return [
        insertOp("Logical_Switch_Port", { name, ...disturbance.columns }, { uuidName: "port" }),
        mutateOp("Logical_Switch", here(row._uuid), [["ports", "insert", ["set", [["named-uuid", "port"]]]]]),
      ];
    }
    case "child": {
      const { parents, keeps } = disturbance;
      const port = pick(`${parents}_Port`, disturbance.pick);
      const from = rows(parents).find(
        (row) => port !== undefined && texts(row, "ports").includes(port._uuid),
      );
      const to = pick(parents, disturbance.other);
      if (port === undefined || from === undefined || to === undefined) return [];
      const set = ["set", [["uuid", port._uuid]]] as const;
      return [
        ...(keeps ? [] : [mutateOp(parents, here(from._uuid), [["ports", "delete", set]])]),
        mutateOp(parents, here(to._uuid), [["ports", "insert", set]]),
      ];
    }
    case "meter":
      return toMeter(pick("Meter", disturbance.pick), disturbance.other);
    case "copp": {
      const row = pick("Copp", disturbance.pick);
      const keys = row === undefined ? [] : Object.keys(stringMap(row, "meters")).toSorted();
      const key = keys[disturbance.other % keys.length];
      if (row === undefined || key === undefined) return [];
      return [mutateOp("Copp", here(row._uuid), [["meters", "delete", ["set", [key]]]])];
    }
    case "router":
      return emptied("Logical_Router", disturbance, ["copp", "ports"], "options");
    case "switch":
      return emptied("Logical_Switch", disturbance, ["load_balancer_group", "ports"], "other_config");
    default: {
      const { kind, table, bare } = disturbance;
      const row = pick(table, disturbance.pick);
      if (row === undefined) return [];
      // Of the same name, perhaps of the same marks, and nothing else.
      const ids = bare ? [] : Object.entries(stringMap(row, "external_ids"));
      const marksOfIt = ids.length === 0 ? {} : { external_ids: ["map", ids] as const };
      const unit = table === "Meter" ? { unit: "pktps" } : {};
      const twin = insertOp(table, { name: text(row, "name"), ...marksOfIt, ...unit });
      const remove = deleteOp(table, here(row._uuid));
      return { delete: [remove], replace: [remove, twin], duplicate: [twin] }[kind];
    }
  }

  function emptied(
    table: string,
    { pick: index, other }: { readonly pick: number; readonly other: number },
    [first, second]: readonly [string, string],
    map: string,
  ): readonly Operation[] {
    const row = pick(table, index);
    if (row === undefined) return [];
    const values = [{ [first]: ["set", []] }, { [second]: ["set", []] }, { [map]: ["map", []] }];
    return [updateOp(table, here(row._uuid), values[other % values.length] ?? {})];
  }
}

function toMeter(meter: AnyRow | undefined, other: number): readonly Operation[] {
  if (meter === undefined) return [];
  const where = here(meter._uuid);
  const bands = texts(meter, "bands").map((uuid) => updateOp("Meter_Band", here(uuid), { rate: other }));
  const band = insertOp("Meter_Band", { action: "drop", rate: 20 + (other % 10) }, { uuidName: "band" });
  const set = ["set", [["named-uuid", "band"]]] as const;
  const ways: readonly (readonly Operation[])[] = [
    [updateOp("Meter", where, { unit: "kbps" })],
    [updateOp("Meter", where, { fair: false })],
    [updateOp("Meter", where, { fair: ["set", []] })],
    bands,
    [band, mutateOp("Meter", where, [["bands", "insert", set]])],
    [band, updateOp("Meter", where, { bands: set })],
  ];
  return ways[other % ways.length] ?? [];
}

function here(uuid: string): Where {
  return [["_uuid", "==", ["uuid", uuid]]];
}
