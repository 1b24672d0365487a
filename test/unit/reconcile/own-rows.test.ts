import assert from "node:assert/strict";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { ValidationError } from "../../../lib/ovsdb/index.ts";
import { type DesiredRow, planRows, type RowKind } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { type MemoryRows, memoryView } from "../../support/memory-view.ts";
import { id, only, stillThere } from "../../support/reconcile-fixtures.ts";

const acl: RowKind = {
  table: "ACL",
  columns: ["priority", "match", "action", "direction"],
  keys: {},
  elements: [],
  root: false,
};
const group: RowKind = {
  table: "Port_Group",
  columns: [],
  keys: {},
  elements: ["ports", "acls"],
  root: true,
};
const closed: RowKind = { ...group, columns: ["acls"], elements: ["ports"] };

const rule: DesiredRow = {
  key: "rule",
  kind: "acl",
  name: "rule",
  identity: { match: { priority: 5, match: "ip4", direction: "to-lport" }, parent: "g", column: "acls" },
  columns: { action: "drop" },
};

function plan(rows: MemoryRows, desired: readonly DesiredRow[], kind: RowKind = group) {
  const view = memoryView(northbound, rows);
  return planRows(view, { acl, group: kind }, desired, [], { schema: northbound, random: () => id(900) });
}

describe("rows of a controller's own", () => {
  const web = { _uuid: id(1), name: "web" };
  const present = { _uuid: id(2), name: "g", ports: [], acls: [] };

  it("hold rows of others by their uuids", () => {
    const wanted: DesiredRow = { key: "g", kind: "group", name: "g", elements: { ports: [id(1)] } };
    const made = plan({ Logical_Switch_Port: [web] }, [wanted]);
    assert.deepEqual(made.changes[0]?.columns, { ports: { added: ["web"] } });
    const insert = made.operations.find(({ op }) => op === "insert");
    assert.deepEqual((insert as { row?: object } | undefined)?.row, {
      name: "g",
      ports: ["uuid", id(1)],
    });

    const joined = plan({ Logical_Switch_Port: [web], Port_Group: [present] }, [wanted]);
    assert.deepEqual(joined.changes[0]?.columns, { ports: { added: ["web"] } });
    assert.deepEqual(joined.operations.at(-1), {
      op: "mutate",
      table: "Port_Group",
      where: only(id(2)),
      mutations: [["ports", "insert", ["set", [["uuid", id(1)]]]]],
    });
    const done = { ...present, ports: [id(1)] };
    assert.equal(plan({ Logical_Switch_Port: [web], Port_Group: [done] }, [wanted]).isEmpty, true);
  });

  it("are told with the names that rows of others had when it was planned", () => {
    const view = { ...memoryView(northbound, { Logical_Switch_Port: [web] }) };
    const wanted: DesiredRow = { key: "g", kind: "group", name: "g", elements: { ports: [id(1)] } };
    const made = planRows(view, { group }, [wanted], [], { schema: northbound });
    view.byUuid = () => undefined;
    assert.deepEqual(made.changes[0]?.columns, { ports: { added: ["web"] } });
  });

  it("are planned again when a row of others goes that they hold by a strong reference", () => {
    const lone = { _uuid: id(3), priority: 5, match: "ip4", direction: "to-lport", action: "drop" };
    const wanted: DesiredRow = { key: "g", kind: "group", name: "g", elements: { acls: [id(3)] } };
    for (const rows of [{ ACL: [lone] }, { ACL: [lone], Port_Group: [present] }])
      assert.deepEqual(
        plan(rows, [wanted]).operations.filter((each) => each.op === "wait" && each.table === "ACL"),
        [stillThere("ACL", id(3))],
      );
    // The server refuses what was not there to begin with: to wait for it would end with the time only.
    assert.ok(plan({}, [wanted]).operations.every((each) => each.op !== "wait" || each.table !== "ACL"));
  });

  it("are not put into a set that their parent's kind empties each time", () => {
    const holder: DesiredRow = { key: "g", kind: "group", name: "g" };
    const message =
      "desired row rule: kind group owns acls of its parent g as a whole, and g does not say what is in there: name its rows in columns, or let the kind not own the column";
    for (const rows of [{}, { Port_Group: [present] }])
      assert.throws(() => plan(rows, [holder, rule], closed), new UsageError(message));
    const told = plan({}, [{ ...holder, columns: { acls: [{ ref: "rule" }] } }, rule], closed);
    assert.deepEqual(
      told.changes.map(({ action, table }) => `${action} ${table}`),
      ["insert Port_Group", "insert ACL"],
    );
    // Of a shared kind nothing is ever emptied.
    assert.equal(plan({}, [holder, rule], { ...closed, shared: true }).changes.length, 2);
  });

  it("tell which column of them the server would refuse", () => {
    const holder: DesiredRow = { key: "g", kind: "group", name: "g" };
    assert.throws(
      () => plan({}, [holder, { ...rule, columns: {} }]),
      (error) =>
        error instanceof ValidationError &&
        error.column === "action" &&
        /^ACL.action: .*is left out of the desired row rule, and its default "" is not one of/.test(
          error.message,
        ),
    );
  });

  it("may have columns whose value is undefined: those are left out", () => {
    const open = { ...rule, columns: { action: "drop", severity: undefined } as never };
    const kinds = { acl: { ...acl, onDemand: ["severity"] }, group };
    const view = memoryView(northbound, {});
    const made = planRows(view, kinds, [{ key: "g", kind: "group", name: "g" }, open], [], {
      schema: northbound,
    });
    assert.deepEqual(Object.keys(made.changes[1]?.columns ?? {}), [
      "priority",
      "match",
      "direction",
      "action",
    ]);
  });
});
