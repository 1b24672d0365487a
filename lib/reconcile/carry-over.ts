import type { AnyRow } from "../database/index.ts";
import {
  type Atom,
  columnKind,
  defaultValue,
  findColumn,
  findTable,
  type Ref,
  type Value,
  valuesEqual,
} from "../ovsdb/index.ts";
import { lookUp, wantedValues } from "./change-row.ts";
import { readColumn } from "./context.ts";
import { ForeignParentError } from "./errors.ts";
import type { Target } from "./kind-targets.ts";
import type { Placement } from "./placement.ts";
import { type Stage, valueText, wireValue } from "./stage.ts";

/** What a new row takes over from the one it replaces. */
export interface CarriedOver {
  /** As JSON text. */
  readonly columns: ReadonlyMap<Target, string>;
  /** Pairs of map columns of which only some keys are owned. */
  readonly pairs: ReadonlyMap<string, readonly (readonly [string, Atom | Ref])[]>;
  /** Elements of reference sets. */
  readonly sets: ReadonlyMap<Target, readonly string[]>;
  /** The same for people: columns, keys, and rows that refer to the new row from now on. */
  readonly told: readonly string[];
}

/** Columns that ovn-northd writes into the northbound database about a row; they would be wrong for another row. */
const WRITTEN_BY_NORTHD: Readonly<Record<string, readonly string[]>> = {
  Logical_Switch_Port: ["up", "dynamic_addresses"],
  Logical_Router_Port: ["status"],
};

/**
 * Lets a row give way to a new one: it leaves the set that holds it, what others wrote in it goes into the new row, and
 * who refers to it refers to the new row.
 *
 * The transaction fails if any of what is carried over changes meanwhile.
 */
export function carryOver(stage: Stage, placement: Placement, replaced: AnyRow): CarriedOver {
  const told: string[] = [];
  leaveHolders(stage, placement, replaced);
  const contents = carryContents(stage, placement, replaced, told);
  return { ...contents, told: [...told, ...passReferences(stage, placement, replaced, true)] };
}

function carryContents(
  stage: Stage,
  placement: Placement,
  replaced: AnyRow,
  told: string[],
): Omit<CarriedOver, "told"> {
  const { row, kind } = placement;
  const columns = new Map<Target, string>();
  const pairs = new Map<string, (readonly [string, Atom | Ref])[]>();
  const sets = new Map<Target, string[]>();
  for (const [target, value] of foreignContents(stage, placement, replaced)) {
    const { column, schema } = target;
    if (Object.hasOwn(kind.keys, column)) {
      const owned = lookUp(kind.keys, column) ?? [];
      const foreign = pairsOf(value).filter(([key]) => !owned.includes(key));
      pairs.set(column, foreign);
      told.push(...foreign.map(([key]) => `${column}:${key}`));
    } else if (schema.key.refTable !== undefined && columnKind(schema) === "set") {
      const kept = carriedElements(stage, row.notElements, target, value);
      sets.set(target, kept);
      if (kept.length > 0) told.push(column);
    } else {
      columns.set(target, valueText(stage, target, value));
      told.push(column);
    }
  }
  return { columns, pairs, sets };
}

/**
 * What others wrote in a row that gives way: columns that the desired row does not state, where they are not at their defaults.
 * Lets the transaction fail if the row goes or any such column changes meanwhile.
 */
export function foreignContents(
  stage: Stage,
  { row, kind }: Placement,
  going: AnyRow,
): (readonly [Target, Value])[] {
  const { table } = kind;
  const ours = new Set([
    "name",
    ...kind.columns,
    ...wantedValues(row).keys(),
    ...(lookUp(WRITTEN_BY_NORTHD, table) ?? []),
  ]);
  stage.draft.expectRow(table, going._uuid);
  return knownColumns(stage, table).flatMap((target) => {
    const { column, schema } = target;
    if (ours.has(column) || schema.ephemeral) return [];
    const value = readColumn(going, table, column);
    stage.draft.expectValue(table, going._uuid, column, wireValue(stage, target, value));
    return valuesEqual(schema, value, defaultValue(schema)) ? [] : [[target, value] as const];
  });
}

function carriedElements(
  stage: Stage,
  notElements: Readonly<Record<string, readonly string[]>> | undefined,
  { column, schema }: Target,
  value: Value,
): string[] {
  const unwanted = lookUp(notElements, column) ?? [];
  return (Array.isArray(value) ? value : []).filter(
    (element): element is string =>
      typeof element === "string" &&
      !unwanted.includes(element) &&
      !stage.placements.isReplaced(schema.key.refTable ?? "", element),
  );
}

function pairsOf(value: Value): (readonly [string, Atom | Ref])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/**
 * Lets whoever refers to a row that goes refer to the one that stays, and tells who. A weak reference would vanish with the row; a
 * strong one to a row that lives on its own would keep the server from deleting it.
 *
 * @param isSure Whether nothing else holds the row, so that weak references to it need not be taken away.
 */
export function passReferences(
  stage: Stage,
  { kind, uuid }: Placement,
  going: AnyRow,
  isSure: boolean,
): string[] {
  const { context, draft, names, placements } = stage;
  const told: string[] = [];
  for (const type of kind.root ? (["weak", "strong"] as const) : (["weak"] as const)) {
    for (const { table, column, schema } of referringColumns(stage, kind.table, type)) {
      for (const referrer of context.view.referrers(going._uuid, table, column)) {
        if (placements.isReplaced(table, referrer._uuid)) continue;
        const { notElements } = placements.byUuid(table, referrer._uuid)?.row ?? {};
        // It is to leave the set, and so no successor joins it.
        if (lookUp(notElements, column)?.includes(going._uuid) === true) continue;
        draft.expectElement(table, referrer._uuid, column, going._uuid);
        if (schema.max === 1) draft.update(table, referrer._uuid, column, draft.reference(uuid));
        else {
          if (type === "strong" || !isSure) draft.removeElement(table, referrer._uuid, column, going._uuid);
          draft.addElement(table, referrer._uuid, column, uuid);
        }
        told.push(`${table} ${names.of(table, referrer._uuid)} ${column}`);
      }
    }
  }
  return told;
}

function leaveHolders(stage: Stage, { row, kind, parent }: Placement, replaced: AnyRow): void {
  const { context, draft, names, placements } = stage;
  if (kind.root) {
    draft.delete(kind.table, replaced._uuid);
    return;
  }
  for (const { table, column } of referringColumns(stage, kind.table, "strong")) {
    for (const holder of context.view.referrers(replaced._uuid, table, column)) {
      if (placements.isReplaced(table, holder._uuid)) continue;
      const isParent = parent?.kind.table === table && parent.uuid === holder._uuid;
      if (!isParent && !context.isOurs(holder, row)) {
        const name = names.of(table, holder._uuid);
        throw new ForeignParentError(kind.table, row.name, { table, column, name, uuid: holder._uuid });
      }
      draft.removeElement(table, holder._uuid, column, replaced._uuid);
    }
  }
}

/** Columns of all tables that refer to rows of a table. */
export function referringColumns(
  stage: Stage,
  refTable: string,
  refType: "strong" | "weak",
): readonly Target[] {
  return Object.keys(stage.context.schema.tables)
    .flatMap((table) => knownColumns(stage, table))
    .filter(
      ({ schema }) =>
        schema.value === undefined && schema.key.refTable === refTable && schema.key.refType === refType,
    );
}

/** What the server has of a table, as far as the view can tell what is in it. */
export function knownColumns(stage: Stage, table: string): readonly Target[] {
  const { schema, model } = stage.context;
  return Object.keys(findTable(schema, table)?.columns ?? {}).flatMap((column) =>
    findColumn(model, table, column) === undefined ? [] : (stage.kinds.target(table, column) ?? []),
  );
}
