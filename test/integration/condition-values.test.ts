import assert from "node:assert/strict";
import {
  connectNorthbound,
  type MonitorTables,
  RpcError,
  type TableConditions,
  ValidationError,
} from "../../lib/index.ts";
import type { Json } from "../../lib/jsonrpc/index.ts";
import { type Condition, monitorRequests } from "../../lib/ovsdb/index.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

const SOME = ["uuid", "00000000-0000-0000-0000-000000000001"] as const;

/** By column of a table: functions, and values of which some fit and some do not. */
const cases: readonly (readonly [place: string, tests: string, values: readonly Json[]])[] = [
  ["Logical_Switch_Port.name", "== != includes excludes < >=", ["a", 5, true, null, ["set", ["a"]]]],
  [
    "Logical_Switch_Port.name",
    "== includes excludes",
    [
      ["set", []],
      ["set", ["a", "b"]],
      ["map", []],
    ],
  ],
  ["Logical_Switch_Port.tag", "== != includes excludes < >=", [5, "5", 5.5, 5000, 2n ** 60n, ["set", []]]],
  [
    "Logical_Switch_Port.tag",
    "== excludes includes <",
    [
      ["set", [5]],
      ["set", [1, 2]],
      ["set", 5],
    ],
  ],
  ["Logical_Switch_Port.up", "== includes excludes <", [true, "true", 1, ["set", [true]], ["set", []]]],
  ["Logical_Switch_Port.addresses", "== includes >", ["a", 5, ["set", ["a", "b"]], ["set", ["a", 5]]]],
  [
    "Logical_Switch_Port.addresses",
    "includes",
    [["set", "a"], ["set", []], ["set"], ["map", []], ["set", [], []]],
  ],
  [
    "Logical_Switch_Port.external_ids",
    "== includes excludes <",
    [["map", [["a", "b"]]], ["map", []], "a", 5],
  ],
  [
    "Logical_Switch_Port.external_ids",
    "includes",
    [["map", [["a", 5]]], ["map", [["a"]]], ["map", [5]], ["map"]],
  ],
  [
    "Logical_Switch_Port.external_ids",
    "includes",
    [
      ["set", ["a"]],
      ["map", [["a", "b", "c"]]],
    ],
  ],
  ["Logical_Switch_Port._uuid", "== != includes <", [SOME, 5, ["uuid", "x"], ["set", [SOME]], ["set", [5]]]],
  ["Logical_Switch_Port.dhcpv4_options", "== includes", [SOME, ["set", []], ["set", [SOME]], true]],
  [
    "Logical_Switch.ports",
    "== includes",
    [["set", [SOME, ["uuid", "x"]]], ["set", ["a"]], SOME, ["uuid", 5]],
  ],
  ["ACL.action", "== !=", ["allow", "nonsense"]],
  ["ACL.priority", "== < <= > >=", [10, "10", 40_000, -1, ["set", [1]], ["set", []]]],
  ["NB_Global.nb_cfg", "== >", [5, 2n ** 60n, "5", 1.5]],
  [
    "QoS.bandwidth",
    "== includes excludes",
    [
      ["map", [["rate", 5]]],
      ["map", [["speed", 5]]],
      ["map", [["rate", 0]]],
    ],
  ],
  [
    "QoS.bandwidth",
    "includes",
    [
      ["map", [["rate", "5"]]],
      ["map", []],
    ],
  ],
];

describeWithOvn("values of conditions", () => {
  const ovn = useSandbox({ northbound: true });

  it("are refused where the server would refuse them, with table, column and value, and nowhere else", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using nb = await connectNorthbound(remote);
    using server = await DialledPeer.dial(remote);
    const asked: string[] = [];
    const [fitting, refused] = [new Set<string>(), new Set<string>()];
    for (const [place, tests, values] of cases) {
      const [table = "", column = ""] = place.split(".");
      for (const test of tests.split(" ") as Condition[1][]) {
        for (const value of values) {
          const where: readonly Condition[] = [[column, test, value]];
          const what = `${place} ${test} ${JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each))}`;
          asked.push(what);
          const request = { [table]: [{ columns: ["_uuid"], where: where as unknown as Json }] };
          await server.call("monitor_cond", ["OVN_Northbound", what, request]).then(
            () => fitting.add(what),
            (error: unknown) => assert.ok(error instanceof RpcError, String(error)),
          );
          try {
            monitorRequests(nb.schema, { [table]: { columns: [], where } });
          } catch (error) {
            assert.ok(error instanceof ValidationError, `${what}: ${error}`);
            assert.deepEqual([error.table, error.column], [table, column], what);
            assert.ok(error.message.startsWith(`${place}: `), error.message);
            refused.add(what);
          }
        }
      }
    }
    assert.ok(fitting.size > 40 && refused.size > 60, `${fitting.size} and ${refused.size}`);
    assert.deepEqual(
      asked.filter((what) => !refused.has(what)),
      asked.filter((what) => fitting.has(what)),
    );
  });

  it("are refused when connecting, and by setConditions before anything is sent", async () => {
    const { remote } = ovn.sandbox.northbound;
    // The type checker would refuse it.
    const wrong: MonitorTables = { Logical_Switch_Port: { where: [["tag", "==", "5"]] } };
    const conditions: TableConditions = { Logical_Switch_Port: [["tag", "==", "5"]] };
    const error = {
      code: "ERR_VALIDATION",
      table: "Logical_Switch_Port",
      column: "tag",
      value: "5",
      message: 'Logical_Switch_Port.tag: "5" is not an integer',
    };
    await assert.rejects(connectNorthbound(remote, { tables: wrong }), error);
    await using nb = await connectNorthbound(remote);
    const { messagesSent } = nb.status().counters;
    await assert.rejects(nb.setConditions(conditions), error);
    assert.equal(nb.status().counters.messagesSent, messagesSent);
    await nb.setConditions({ Logical_Switch_Port: [["tag", "==", 5]] });
  });
});
