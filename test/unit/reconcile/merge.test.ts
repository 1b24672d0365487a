import assert from "node:assert/strict";
import type { AnyRow, ReadView } from "../../../lib/database/index.ts";
import { AmbiguousRowError, type DesiredRow, type RowKinds } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { memoryView } from "../../support/memory-view.ts";
import {
  id,
  only,
  plan,
  planOver,
  portRow,
  stillThere,
  switchRow,
  wantedPort,
  wantedSwitch,
} from "../../support/reconcile-fixtures.ts";

const merge = { merge: true };
const twin = (number: number, more: Partial<AnyRow> = {}): AnyRow =>
  switchRow({ _uuid: id(number), ...more });

describe("planRows: merging", () => {
  it("keeps the row with the chosen uuid, else that with the most on it, else the first", () => {
    const wanted = wantedSwitch();
    const keptOf = (...switches: readonly AnyRow[]): unknown => {
      const { changes } = plan({ Logical_Switch: switches }, [wanted], [], merge);
      const gone = changes.filter(({ action }) => action === "delete").map(({ uuid }) => uuid);
      return switches.map(({ _uuid }) => _uuid).filter((uuid) => !gone.includes(uuid));
    };
    assert.deepEqual(keptOf(twin(31, { ports: [id(5), id(6)] }), switchRow(), twin(30)), [id(1)]);
    assert.deepEqual(keptOf(twin(30, { ports: [id(5)] }), twin(31, { ports: [id(6)], acls: [id(7)] })), [
      id(31),
    ]);
    assert.deepEqual(keptOf(twin(32), twin(30), twin(31)), [id(30)]);
  });

  it("without being asked says what it found, and does nothing about it", () => {
    const others = { Logical_Switch: [switchRow(), twin(31), twin(30)] };
    const { namesakes, operations } = plan(others, [wantedSwitch()]);
    assert.deepEqual(operations, []);
    assert.deepEqual(namesakes, [
      { table: "Logical_Switch", name: "s1", kept: id(1), others: [id(30), id(31)] },
    ]);
    assert.deepEqual(plan(others, [wantedSwitch()], [], merge).namesakes, []);
    assert.throws(
      () => plan({ Logical_Switch: [twin(31), twin(30)] }, [wantedSwitch()]),
      (error) => error instanceof AmbiguousRowError && /the option merge/.test(error.message),
    );
  });

  it("moves what hangs on the other, and the keys that the one that stays lacks, in guarded operations", () => {
    const rows = {
      Logical_Switch: [
        switchRow({ ports: [id(2)], other_config: { subnet: "10.0.0.0/24", both: "ours" } }),
        twin(20, { ports: [id(3)], other_config: { subnet: "wrong", both: "theirs", more: "1" } }),
      ],
      Logical_Switch_Port: [portRow(), portRow({ _uuid: id(3), name: "foreign" })],
    };
    const { operations, changes } = plan(rows, [wantedSwitch(), wantedPort()], [], merge);
    const [guard, ...others] = operations;
    assert.equal(guard?.op === "wait" && JSON.stringify(guard.where), JSON.stringify(only(id(20))));
    // Nothing of the row that goes may have changed.
    assert.ok(
      guard?.op === "wait" && guard.columns?.includes("ports") && guard.columns.includes("other_config"),
    );
    assert.deepEqual(others, [
      stillThere("Logical_Switch", id(1)),
      {
        op: "mutate",
        table: "Logical_Switch",
        where: only(id(1)),
        mutations: [
          ["ports", "insert", ["set", [["uuid", id(3)]]]],
          ["other_config", "insert", ["map", [["more", "1"]]]],
        ],
      },
      { op: "delete", table: "Logical_Switch", where: only(id(20)) },
    ]);
    assert.deepEqual(
      changes.map(({ action, network, uuid, columns, reason }) => [action, network, uuid, columns, reason]),
      [
        ["delete", "blue", id(20), {}, `merged into ${id(1)}`],
        [
          "update",
          "blue",
          id(1),
          { ports: { added: ["foreign"] }, "other_config:more": { new: "1" } },
          undefined,
        ],
      ],
    );
  });

  it("does not take over what is not to be in the row", () => {
    const rows = {
      Logical_Switch: [switchRow(), twin(20, { load_balancer_group: [id(7), id(8)] })],
      Load_Balancer_Group: [
        { _uuid: id(7), name: "unwanted" },
        { _uuid: id(8), name: "theirs" },
      ],
    };
    const wanted = wantedSwitch({ notElements: { load_balancer_group: [id(7)] } });
    const { changes } = plan(rows, [wanted], [], merge);
    assert.deepEqual(changes.at(-1)?.columns, { load_balancer_group: { added: ["theirs"] } });
  });

  it("makes nothing of shared rows: others may mean any of them", () => {
    const meters = [id(4), id(5)].map((uuid) => ({ _uuid: uuid, name: "m", unit: "pktps", fair: true }));
    const meter = { key: "M", kind: "meter", name: "m", columns: { unit: "pktps" } };
    assert.throws(
      () => plan({ Meter: meters }, [meter], [], merge),
      (error) =>
        error instanceof AmbiguousRowError && error.message.endsWith("delete or rename the extra ones"),
    );
    assert.deepEqual(plan({ Meter: meters }, [{ ...meter, uuid: id(4) }], [], merge).changes, []);
  });

  it("repairs a key and takes one over in one mutation", () => {
    const rows = {
      Logical_Switch: [
        switchRow({ external_ids: { network: "blue" }, other_config: { subnet: "wrong" } }),
        twin(20, { other_config: { more: "1" } }),
      ],
    };
    const { operations } = plan(rows, [wantedSwitch()], [], merge);
    const mutations = operations.flatMap((each) => (each.op === "mutate" ? each.mutations : []));
    assert.deepEqual(mutations, [
      ["other_config", "delete", ["set", ["subnet"]]],
      [
        "other_config",
        "insert",
        [
          "map",
          [
            ["more", "1"],
            ["subnet", "10.0.0.0/24"],
          ],
        ],
      ],
    ]);
  });

  const route: RowKinds = {
    router: { table: "Logical_Router", columns: [], keys: {}, elements: [], root: true },
    route: {
      table: "Logical_Router_Static_Route",
      columns: ["ip_prefix", "nexthop"],
      keys: { external_ids: ["owner"] },
      elements: [],
      root: false,
    },
  };
  const desired: readonly DesiredRow[] = [
    { key: "R", kind: "router", name: "r1", uuid: id(50) },
    {
      key: "A",
      kind: "route",
      name: "a route",
      uuid: id(51),
      identity: { parent: "R", column: "static_routes", match: { ip_prefix: "10.0.0.0/8" } },
      columns: { nexthop: "10.0.0.1" },
      keys: { external_ids: { owner: "us" } },
    },
  ];
  const ours = { ip_prefix: "10.0.0.0/8", nexthop: "10.0.0.1", external_ids: { owner: "us" } };

  it("of unnamed rows takes those with the same marks away, wherever they hang, and no others", () => {
    const rows = {
      Logical_Router: [
        { _uuid: id(50), name: "r1", static_routes: [id(51), id(52), id(53)] },
        { _uuid: id(60), name: "r1", static_routes: [id(61), id(62), id(63)] },
      ],
      Logical_Router_Static_Route: [
        { _uuid: id(51), ...ours },
        { _uuid: id(52), ...ours, nexthop: "10.0.0.2" },
        { _uuid: id(53), ...ours, nexthop: "10.0.0.3", external_ids: {} },
        { _uuid: id(61), ...ours },
        // Equal to one that stays, word by word.
        { _uuid: id(62), ...ours, nexthop: "10.0.0.3", external_ids: {} },
        { _uuid: id(63), ip_prefix: "192.0.2.0/24", nexthop: "10.0.0.9" },
      ],
    };
    const { changes, operations } = plan(rows, desired, [], merge, route);
    assert.deepEqual(
      changes.map(({ action, uuid }) => `${action} ${uuid}`),
      [`delete ${id(60)}`, `delete ${id(52)}`, `delete ${id(61)}`, `update ${id(50)}`],
    );
    const mutations = operations.flatMap((each) => (each.op === "mutate" ? each.mutations : []));
    assert.deepEqual(mutations, [
      ["static_routes", "delete", ["set", [["uuid", id(52)]]]],
      ["static_routes", "insert", ["set", [["uuid", id(63)]]]],
    ]);
    assert.deepEqual(plan(rows, desired, [], {}, route).operations, [], "and nothing without being asked");
  });

  it("takes no unnamed row of a shared kind away: others may mean any of them", () => {
    const rows = {
      Logical_Router: [{ _uuid: id(50), name: "r1", static_routes: [id(51), id(52)] }],
      Logical_Router_Static_Route: [
        { _uuid: id(51), ...ours },
        { _uuid: id(52), ...ours, nexthop: "10.0.0.2" },
      ],
    };
    const changesOf = (shared: boolean): readonly unknown[] => {
      const kinds = { ...route, route: { ...route["route"], shared } } as RowKinds;
      return plan(rows, desired, [], merge, kinds).changes.map(({ action, uuid }) => `${action} ${uuid}`);
    };
    assert.deepEqual(changesOf(false), [`delete ${id(52)}`]);
    assert.deepEqual(changesOf(true), []);
  });

  it("takes no unnamed row away that has no marks: it may be anybody's", () => {
    const bare = { ip_prefix: "10.0.0.0/8", nexthop: "10.0.0.1" };
    const rows = {
      Logical_Router: [{ _uuid: id(50), name: "r1", static_routes: [id(51), id(52)] }],
      Logical_Router_Static_Route: [
        { _uuid: id(51), ...bare },
        { _uuid: id(52), ...bare, nexthop: "10.0.0.2" },
      ],
    };
    const unmarked = desired.map(({ keys: _, ...row }) => row);
    assert.deepEqual(plan(rows, unmarked, [], merge, route).operations, []);
  });

  it("of several that look like a row takes the one with its marks, and leaves the others alone", () => {
    const foreign = { ip_prefix: "10.0.0.0/8", nexthop: "10.0.0.9" };
    const rows = {
      Logical_Router: [{ _uuid: id(50), name: "r1", static_routes: [id(52), id(53)] }],
      Logical_Router_Static_Route: [
        { _uuid: id(52), ...foreign },
        { _uuid: id(53), ...ours },
      ],
    };
    for (const options of [{}, merge]) assert.deepEqual(plan(rows, desired, [], options, route).changes, []);
  });

  it("who refers to the row that goes refers to the one that stays", () => {
    const group: DesiredRow = { key: "G", kind: "group", name: "g", uuid: id(70) };
    const schemaHasNoIndexHere = {
      Load_Balancer_Group: [
        { _uuid: id(70), name: "g" },
        { _uuid: id(71), name: "g" },
      ],
      Logical_Switch: [twin(80, { name: "theirs", load_balancer_group: [id(71)] })],
    };
    const { operations } = plan(schemaHasNoIndexHere, [group], [], merge);
    const mutations = operations.flatMap((each) =>
      each.op === "mutate" ? [[each.where, each.mutations]] : [],
    );
    assert.deepEqual(mutations, [
      [
        only(id(80)),
        [
          ["load_balancer_group", "delete", ["set", [["uuid", id(71)]]]],
          ["load_balancer_group", "insert", ["set", [["uuid", id(70)]]]],
        ],
      ],
    ]);
  });

  it("a row that is removed is not moved first, and a port in two switches leaves the one that is not its own", () => {
    const rows = {
      Logical_Switch: [
        switchRow({ ports: [id(2)] }),
        twin(20, { ports: [id(3)] }),
        twin(21, { name: "s2", ports: [id(2)] }),
      ],
      Logical_Switch_Port: [portRow(), portRow({ _uuid: id(3), name: "stale" })],
    };
    const stale = {
      table: "Logical_Switch_Port",
      uuid: id(3),
      name: "stale",
      kind: "port",
      parent: { table: "Logical_Switch", uuid: id(20), column: "ports" },
    };
    const isOurs = (): boolean => true;
    const { changes, operations } = plan(rows, [wantedSwitch(), wantedPort()], [stale], { ...merge, isOurs });
    assert.deepEqual(
      changes.map(({ action, name, reason }) => [action, name, reason]),
      [
        ["delete", "s1", `merged into ${id(1)}`],
        ["update", "p1", "moved from s2"],
        ["delete", "stale", undefined],
      ],
    );
    const inserted = operations.flatMap((each) => (each.op === "mutate" ? each.mutations : []));
    assert.ok(inserted.every(([, mutator]) => mutator === "delete"));
  });

  it("leaves what the one that stays has already, word by word, and looks at each row a few times only", () => {
    const many = 60;
    const acl = (number: number, match: string): AnyRow => ({
      _uuid: id(number),
      match,
      action: "allow",
      label: 0,
      external_ids: number % 2 === 0 ? { a: "1", b: "2" } : { b: "2", a: "1" },
    });
    const numbers = Array.from({ length: many }, (_, index) => index);
    const view = memoryView(northbound, {
      Logical_Switch: [
        switchRow({ acls: numbers.map((each) => id(1_000 + each)) }),
        twin(20, { acls: numbers.map((each) => id(2_001 + each)) }),
      ],
      // All but one of the twin's are there.
      ACL: numbers.flatMap((each) => [
        acl(1_000 + each, `ip.ttl == ${each}`),
        acl(2_001 + each, each === 7 ? "other" : `ip.ttl == ${each}`),
      ]),
    });
    let looks = 0;
    const counting: ReadView = {
      ...view,
      byUuid: (table, uuid) => {
        looks += 1;
        return view.byUuid(table, uuid);
      },
    };
    const { changes } = planOver(counting, [wantedSwitch()], [], merge);
    const told = changes.find(({ action }) => action === "update");
    assert.deepEqual(told?.columns, { acls: { added: [id(2_008)] } });
    assert.ok(looks < 10 * many, `${looks} rows were looked up for ${many}`);
  });
});
