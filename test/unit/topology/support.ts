import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { randomUuid } from "../../../lib/ovsdb/index.ts";
import type { DesiredRow, DesiredValue } from "../../../lib/reconcile/index.ts";
import {
  AddressError,
  type AttachmentInput,
  type BuiltNetwork,
  buildNetwork,
  type NetworkInput,
  type NodeInput,
  nothingObserved,
  type Observed,
  type ObservedPort,
  parseNetwork,
  readNodeSubnets,
  rowKinds,
  type TopologyName,
  type TopologyOptions,
} from "../../../lib/topology/index.ts";
import type { GoldenTables } from "../../support/golden-rows.ts";
import { projectRoot } from "../../support/project.ts";

export const today: TopologyOptions = {
  profile: "ovn-kubernetes",
  mode: "central",
  gatewayMode: "shared",
  clusterMtu: 1400,
};
export const of2023: TopologyOptions = { ...today, profile: "ovn-kubernetes-2023" };

/** Two nodes that every example may use. */
export const twoNodes: readonly NodeInput[] = [
  { name: "n1", chassisId: "C1" },
  { name: "n2", chassisId: "C2" },
];

/** A pod in namespace default on node n1 and NAD default/net. */
export function pod(name: string, more: Partial<AttachmentInput> = {}): AttachmentInput {
  return { namespace: "default", name, node: "n1", nad: "default/net", uid: `uid-${name}`, ...more };
}

/** Builds a network called net. */
export function build(
  topology: TopologyName,
  input: Partial<NetworkInput>,
  attachments: readonly AttachmentInput[] = [],
  more: { observed?: Partial<Observed>; nodes?: readonly NodeInput[]; options?: TopologyOptions } = {},
): BuiltNetwork {
  return buildNetwork(
    parseNetwork(topology, { name: "net", ...input }),
    { ...nothingObserved, ...more.observed },
    more.nodes ?? twoNodes,
    attachments,
    more.options ?? today,
  );
}

/** Pod name -> its `addresses`. */
export function addressesOf(built: BuiltNetwork): Record<string, string> {
  return Object.fromEntries(built.attachments.map((each) => [each.input.name, each.addresses]));
}

export function rowOf(built: BuiltNetwork, name: string): DesiredRow {
  const row = built.rows.find((each) => each.name === name);
  if (!row) throw new Error(`no row ${name} in ${built.rows.map((each) => each.name).join(", ")}`);
  return row;
}

/** A port as the database would hold it. */
export function port(name: string, addresses: string, more: Partial<ObservedPort> = {}): ObservedPort {
  return {
    uuid: randomUuid(),
    name,
    switchName: "net_ovn_layer2_switch",
    addresses: addresses === "" ? [] : [addresses],
    portSecurity: addresses === "" ? [] : [addresses],
    externalIds: {},
    ...more,
  };
}

/** What the database would show after these rows were written over what it held. */
export function observe(built: BuiltNetwork, before: Observed = nothingObserved): Observed {
  const ports = new Map(before.ports.map((each) => [each.name, each]));
  for (const row of built.rows) {
    const parent = row.parent?.key.replace(/^Logical_Switch\//, "");
    if (rowKinds[row.kind as keyof typeof rowKinds].table === "Logical_Switch_Port" && parent !== undefined) {
      const kept = row.replaces === undefined ? ports.get(row.name) : undefined;
      ports.set(row.name, {
        uuid: kept?.uuid ?? row.uuid ?? randomUuid(),
        name: row.name,
        switchName: parent,
        addresses: strings(row.columns?.["addresses"]),
        portSecurity: strings(row.columns?.["port_security"]),
        externalIds: row.keys?.["external_ids"] ?? {},
        options: row.keys?.["options"] ?? {},
      });
    }
  }
  const uuids = new Set([...ports.values()].map((each) => each.uuid));
  return {
    ...before,
    nodes: built.nodes.map(({ name }) => {
      const routed = rowOf(built, `rtos-net_${name}`);
      const subnets = readNodeSubnets(rowOf(built, `net_${name}`).keys?.["other_config"] ?? {}, {
        networks: strings(routed.columns?.["networks"]),
        mac: String(routed.columns?.["mac"]),
      });
      return { name, subnets };
    }),
    ports: [...ports.values()],
    claims: (uuid) => uuids.has(uuid),
  };
}

function strings(value: DesiredValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Rows by table, references as names, sets sorted, empty columns left out: the form of the golden files. */
export function render(rows: readonly DesiredRow[]): Record<string, Record<string, unknown>[]> {
  const names = new Map(rows.map((row) => [row.key, row.name]));
  const byKey = new Map<string, Record<string, unknown>>();
  const tables: Record<string, Record<string, unknown>[]> = {};
  const show = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(show).sort();
    return typeof value === "object" && value !== null && "ref" in value
      ? names.get(String(value.ref))
      : value;
  };
  for (const row of rows) {
    const columns = Object.entries({
      ...row.identity?.match,
      ...row.columns,
      ...row.keys,
      ...row.elements,
      ...row.members,
    })
      .map(([column, value]) => [column, show(value)] as const)
      .filter(
        ([, value]) => value !== null && (typeof value !== "object" || Object.keys(value ?? {}).length > 0),
      );
    const { parent, column } = row.identity ?? {};
    const holder = parent === undefined ? "" : `${names.get(parent)} ${column}`;
    const rendered = {
      // The name of a row that has none is for people only.
      ...(row.identity === undefined || row.kind.endsWith("meter band")
        ? { name: row.name }
        : holder !== "" && { in: holder }),
      ...Object.fromEntries(columns),
    };
    byKey.set(row.key, rendered);
    const { table } = rowKinds[row.kind as keyof typeof rowKinds];
    tables[table] = [...(tables[table] ?? []), rendered];
  }
  for (const row of rows) {
    const parent = row.parent && byKey.get(row.parent.key);
    if (row.parent && !parent)
      throw new Error(`${row.key} hangs under ${row.parent.key}, which is not there`);
    if (row.parent && parent) {
      const children = (parent[row.parent.column] as string[] | undefined) ?? [];
      parent[row.parent.column] = [...children, row.name].sort();
    }
  }
  return tables;
}

/** Brings a golden file's rows into the order of {@link render}. */
export function sortRows(tables: GoldenTables): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      rows
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([column, value]) => [
              column,
              Array.isArray(value) ? value.toSorted() : value,
            ]),
          ),
        )
        .toSorted((a, b) => sortText(a).localeCompare(sortText(b))),
    ]),
  );
}

function sortText(row: Record<string, unknown>): string {
  // The names of ACLs are for logs, and shared.
  return typeof row["name"] === "string" && row["in"] === undefined
    ? row["name"]
    : JSON.stringify(Object.entries(row).toSorted());
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(`${projectRoot}/${path}`, "utf8")) as T;
}

/** Expects an AddressError about this field and value whose message holds these words. */
export function refusesAddress(
  run: () => unknown,
  where: { path?: string; value?: string },
  ...words: (string | RegExp)[]
): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof AddressError, String(error));
    if (where.path !== undefined) assert.equal(error.path, where.path);
    if (where.value !== undefined) assert.equal(error.value, where.value);
    for (const word of words)
      assert.match(
        error.message,
        typeof word === "string" ? new RegExp(word.replaceAll(/[.[\]/]/g, "\\$&")) : word,
      );
    return true;
  });
}
