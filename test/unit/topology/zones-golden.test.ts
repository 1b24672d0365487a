import assert from "node:assert/strict";
import {
  type AttachmentInput,
  buildNetwork,
  type NetworkInput,
  type NodeInput,
  nothingObserved,
  type PodRecord,
  parseNetwork,
  type TopologyOptions,
} from "../../../lib/topology/index.ts";
import type { Golden, GoldenTables } from "../../support/golden-rows.ts";
import { readGolden } from "../../support/project.ts";
import { render, sortRows } from "./support.ts";

type Row = Record<string, unknown>;

interface Differences {
  readonly zone: string;
  /** What zones need of the node of the other file. */
  readonly node: Partial<NodeInput>;
  readonly remote: NodeInput;
  readonly networks: Record<
    string,
    {
      readonly input: Partial<NetworkInput>;
      readonly attachments: readonly AttachmentInput[];
      /** Of pods of the other file, by name. */
      readonly recorded?: Readonly<Record<string, PodRecord>>;
      /** Columns by table and name. */
      readonly change: Record<string, Record<string, Row>>;
      /** Columns that no row of a table has. */
      readonly drop: Record<string, readonly string[]>;
      readonly add: GoldenTables;
    }
  >;
}

describe("rows of primary networks in mode interconnect", () => {
  const golden = readGolden<Golden>("primary-shared.json");
  const zones = readGolden<Differences>("zones-primary.json");
  const nodes = [...golden.nodes.map((node) => ({ ...node, ...zones.node })), zones.remote];
  const options: TopologyOptions = { ...golden.options, mode: "interconnect", zone: zones.zone };
  for (const { topology, input, attachments, rows } of golden.networks) {
    it(`${topology} ${input.name}`, () => {
      const about = zones.networks[input.name];
      if (about === undefined) throw new Error(`zones-primary.json has nothing of ${input.name}`);
      const { recorded = {} } = about;
      const pods = [
        ...attachments.map((pod) => {
          const record = recorded[pod.name];
          return { ...pod, ...(record && { recorded: record }) };
        }),
        ...about.attachments,
      ];
      const spec = parseNetwork(topology, { ...input, ...about.input });
      const built = buildNetwork(spec, nothingObserved, nodes, pods, options);
      assert.deepEqual(sortRows(render(built.rows)), sortRows(changed(rows, about)));
      assert.deepEqual(built.notes, []);
    });
  }
});

function changed(rows: GoldenTables, { change, drop, add }: Differences["networks"][string]): GoldenTables {
  for (const [table, byName] of Object.entries(change))
    for (const name of Object.keys(byName))
      assert.ok(
        rows[table]?.some((row) => row["name"] === name),
        `${table} ${name} is there to be changed`,
      );
  const tables = Object.keys({ ...rows, ...add });
  return Object.fromEntries(
    tables.map((table) => [
      table,
      [
        ...(rows[table] ?? []).map((row) => {
          const without = Object.entries({ ...row, ...change[table]?.[String(row["name"])] });
          return Object.fromEntries(without.filter(([column]) => drop[table]?.includes(column) !== true));
        }),
        ...(add[table] ?? []),
      ],
    ]),
  );
}
