import assert from "node:assert/strict";
import { findToken } from "../../../lib/database/token.ts";
import {
  type Condition,
  deleteOp,
  everyRow,
  insertOp,
  mutateOp,
  type Operation,
  parseSchema,
  updateOp,
  WrittenOperations,
  waitOp,
} from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { uuidA, uuidB, uuidC } from "./support.ts";

const uuidD = "00000000-0000-4000-8000-000000000004";
const is = (uuid: string): [Condition] => [["_uuid", "==", ["uuid", uuid]]];
const exists = (table: string, uuid: string): Operation =>
  waitOp(table, is(uuid), { columns: ["_uuid"], until: "==", rows: [{ _uuid: ["uuid", uuid] }] });
const existsInShort = (table: string, uuid: string): Operation =>
  waitOp(table, is(uuid), { columns: [], until: "!=", rows: [] });
const port = insertOp("Logical_Switch_Port", { name: "p" }, { uuid: uuidB });
const chassis = insertOp("Gateway_Chassis", { name: "g" }, { uuid: uuidC });
const ref = (uuid: string) => ["uuid", uuid] as const;
const adds = (table: string, uuid: string, column: string, element: string): Operation =>
  mutateOp(table, is(uuid), [[column, "insert", ["set", [ref(element)]]]]);
const takes = (table: string, uuid: string, column: string, element: string): Operation =>
  mutateOp(table, is(uuid), [[column, "delete", ref(element)]]);

/** The uuid of the token, of operations whose inserts all have uuids drawn for them. */
function tokenOf(...operations: readonly Operation[]): string | undefined {
  return findToken(WrittenOperations.of(operations), northbound, (uuid) => uuid !== uuidD)?.uuid;
}

describe("findToken", () => {
  const sw = insertOp("Logical_Switch", { name: "s" }, { uuid: uuidA });
  const hold = adds("Logical_Switch", uuidD, "ports", uuidB);
  const there = exists("Logical_Switch", uuidD);
  const cases: readonly (readonly [title: string, found: string | undefined, ...operations: Operation[]])[] =
    [
      ["a row of a root table", uuidA, sw],
      ["a row of a root table before one of another", uuidA, port, sw],
      [
        "a row of a root table after more rows of others than are looked at",
        uuidA,
        ...Array.from({ length: 50 }, (_, index) =>
          insertOp(
            "Logical_Switch_Port",
            { name: `p${index}` },
            { uuid: `00000000-0000-4000-9000-${String(index).padStart(12, "0")}` },
          ),
        ),
        sw,
      ],
      [
        "no row whose uuid somebody else may know",
        undefined,
        insertOp("Logical_Switch", {}, { uuid: uuidD }),
      ],
      ["no row without a uuid of ours", undefined, insertOp("Logical_Switch", {}, { uuidName: "a" })],
      ["no row that is deleted again", undefined, sw, deleteOp("Logical_Switch", is(uuidA))],
      ["no row that may be deleted again", undefined, sw, deleteOp("Logical_Switch", [["name", "==", "s"]])],
      ["a row beside one that is deleted", uuidA, sw, deleteOp("Logical_Switch", is(uuidB))],
      ["a row beside all of another table, deleted", uuidA, sw, deleteOp("Port_Group", everyRow)],
      [
        "no row where all but another one are deleted",
        undefined,
        sw,
        deleteOp("Logical_Switch", [["_uuid", "!=", ref(uuidB)]]),
      ],
      ["a port that an existing switch holds", uuidB, there, port, hold],
      [
        "a port that an existing switch holds, asked for in short",
        uuidB,
        existsInShort("Logical_Switch", uuidD),
        port,
        hold,
      ],
      [
        "no port of a switch of which something else is asked",
        undefined,
        waitOp("Logical_Switch", is(uuidD), { columns: ["name"], until: "!=", rows: [{ name: "s" }] }),
        port,
        hold,
      ],
      [
        "a port that an existing switch holds from now on instead of others",
        uuidB,
        there,
        port,
        updateOp("Logical_Switch", is(uuidD), { ports: ref(uuidB) }),
      ],
      ["no port that nothing holds", undefined, port],
      ["no port of a switch that may be gone", undefined, port, hold],
      [
        "no port of a switch that is deleted",
        undefined,
        there,
        port,
        hold,
        deleteOp("Logical_Switch", is(uuidD)),
      ],
      [
        "no port that is taken out again",
        undefined,
        there,
        port,
        hold,
        takes("Logical_Switch", uuidD, "ports", uuidB),
      ],
      [
        "a port beside one that is taken out",
        uuidB,
        there,
        port,
        hold,
        takes("Logical_Switch", uuidD, "ports", uuidC),
      ],
      [
        "a port beside one that is taken out as a set of one",
        uuidB,
        there,
        port,
        hold,
        mutateOp("Logical_Switch", is(uuidD), [["ports", "delete", ["set", [ref(uuidC)]]]]),
      ],
      [
        "a port that takes the place of another one, both in one mutation",
        uuidB,
        there,
        port,
        mutateOp("Logical_Switch", is(uuidD), [
          ["ports", "insert", ["set", [ref(uuidB)]]],
          ["ports", "delete", ["set", [ref(uuidC)]]],
        ]),
      ],
      [
        "no port that the same mutation takes out again",
        undefined,
        there,
        port,
        mutateOp("Logical_Switch", is(uuidD), [
          ["ports", "insert", ["set", [ref(uuidB)]]],
          ["ports", "delete", ["set", [ref(uuidC), ref(uuidB)]]],
        ]),
      ],
      [
        "no port of whatever switch has a name",
        undefined,
        there,
        port,
        updateOp("Logical_Switch", [["name", "==", "s"]], { ports: ref(uuidB) }),
      ],
      [
        "no port of a switch that is there only after it was to get the port",
        undefined,
        port,
        hold,
        insertOp("Logical_Switch", {}, { uuid: uuidD }),
        there,
      ],
      [
        "no port whose switch gets other ports",
        undefined,
        there,
        port,
        hold,
        updateOp("Logical_Switch", is(uuidD), { ports: ["set", []] }),
      ],
      [
        "no port with only a weak reference to it",
        undefined,
        exists("Port_Group", uuidD),
        port,
        adds("Port_Group", uuidD, "ports", uuidB),
      ],
      [
        "a port that an inserted switch holds",
        uuidB,
        port,
        insertOp("Logical_Switch", { ports: ref(uuidB) }, { uuid: uuidD }),
      ],
      [
        "a port that an inserted switch gets once more",
        uuidB,
        port,
        insertOp("Logical_Switch", { ports: ref(uuidB) }, { uuid: uuidD }),
        hold,
      ],
      [
        "a row that a held port holds",
        uuidC,
        exists("Logical_Router_Port", uuidD),
        chassis,
        adds("Logical_Router_Port", uuidD, "gateway_chassis", uuidC),
      ],
      [
        "no row of a port that may lose its router",
        undefined,
        exists("Logical_Router_Port", uuidD),
        chassis,
        adds("Logical_Router_Port", uuidD, "gateway_chassis", uuidC),
        takes("Logical_Router", uuidA, "ports", uuidD),
      ],
      [
        "no row of a port whose router gets other ports",
        undefined,
        exists("Logical_Router_Port", uuidD),
        chassis,
        adds("Logical_Router_Port", uuidD, "gateway_chassis", uuidC),
        updateOp("Logical_Router", is(uuidA), { ports: ["set", []] }),
      ],
      [
        "a row that a held port holds instead of others",
        uuidC,
        exists("Logical_Router_Port", uuidD),
        chassis,
        updateOp("Logical_Router_Port", is(uuidD), { gateway_chassis: ref(uuidC) }),
      ],
    ];
  for (const [title, found, ...operations] of cases) {
    it(`takes ${title}`, () => assert.equal(tokenOf(...operations), found));
  }

  it("takes a row two levels down, and none where rows hold only each other", () => {
    const lrp = (uuid: string) => insertOp("Logical_Router_Port", { gateway_chassis: ref(uuidC) }, { uuid });
    const router = insertOp("Logical_Router", { ports: ref(uuidB) }, { uuid: uuidD });
    const only = (uuid: string): boolean => uuid === uuidC;
    assert.equal(
      findToken(WrittenOperations.of([chassis, lrp(uuidB), router]), northbound, only)?.uuid,
      uuidC,
    );
    assert.equal(findToken(WrittenOperations.of([chassis, lrp(uuidB)]), northbound, only), undefined);
  });

  it("takes none of the rows that hold each other in a ring", () => {
    const next = { type: { key: { type: "uuid", refTable: "Link" }, min: 0, max: 1 } };
    const schema = parseSchema({
      name: "Rings",
      tables: { Link: { columns: { next } }, Root: { isRoot: true, columns: { first: next } } },
    });
    const link = (uuid: string, following: string) => insertOp("Link", { next: ref(following) }, { uuid });
    const found = (...operations: readonly Operation[]) =>
      findToken(WrittenOperations.of(operations), schema, (uuid) => uuid !== uuidD)?.uuid;
    const ring = [link(uuidA, uuidB), link(uuidB, uuidA)];
    assert.equal(found(...ring), undefined);
    assert.equal(found(...ring, insertOp("Root", { first: ref(uuidB) }, { uuid: uuidD })), uuidA);
  });

  it("takes a port of the switch without which nothing is done", () => {
    const { text, kinds } = WrittenOperations.of([port, hold]);
    const found = (anchor?: number) =>
      findToken(new WrittenOperations(text, kinds, anchor), northbound, () => true)?.uuid;
    assert.deepEqual([found(1), found()], [uuidB, undefined]);
  });
});
