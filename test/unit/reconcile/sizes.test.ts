import assert from "node:assert/strict";
import { stringifyJson } from "../../../lib/jsonrpc/index.ts";
import { id, plan, portRow, switchRow, wantedPort, wantedSwitch } from "../../support/reconcile-fixtures.ts";

describe("planRows: sizes", () => {
  it("every operation counts for the network of the row that it is about, whatever it does", () => {
    const inRed = { external_ids: { network: "red" } };
    const { operations, sizes, bytes } = plan(
      {
        Logical_Switch: [
          switchRow({ other_config: { subnet: "10.9.0.0/24" }, ports: [id(2)] }),
          switchRow({ _uuid: id(3), name: "s3", ...inRed }),
        ],
        Logical_Switch_Port: [portRow({ addresses: ["unknown"] })],
      },
      [
        wantedSwitch(),
        wantedPort(),
        wantedSwitch({ key: "T", name: "s4", uuid: id(4), keys: inRed, network: "red" }),
        wantedPort({
          key: "Q",
          name: "p5",
          uuid: id(5),
          keys: inRed,
          parent: { key: "T", column: "ports" },
          network: "red",
        }),
      ],
      [{ table: "Logical_Switch", uuid: id(3), name: "s3", kind: "switch", network: "red" }],
    );
    // Names and uuids of the rows tell whose each operation is, but for what it may refer to.
    const isRed = (text: string): boolean => /-00000000000[345]"|"s4"|"p5"/.test(text);
    const texts = operations.map((operation) => stringifyJson(operation));
    const expected = new Map<string | undefined, number>();
    for (const text of texts) {
      const network = isRed(text) ? "red" : "blue";
      expected.set(network, (expected.get(network) ?? 0) + text.length + 1);
    }
    assert.deepEqual([...new Set(operations.map(({ op }) => op))].toSorted(), [
      "delete",
      "insert",
      "mutate",
      "update",
      "wait",
    ]);
    assert.deepEqual(new Map([...sizes].toSorted()), new Map([...expected].toSorted()));
    // Two brackets, and a comma less than there are operations.
    assert.equal(
      bytes,
      [...sizes.values()].reduce((sum, size) => sum + size, 1),
    );
  });
});
