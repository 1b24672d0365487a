import assert from "node:assert/strict";
import type { Transaction } from "../../../lib/database/index.ts";
import type { Uuid } from "../../../lib/ovsdb/index.ts";
import type { NorthboundTables } from "../../../lib/schemas/index.ts";
import { northboundWith, success, uuidA } from "./support.ts";

const initial = { Logical_Switch: { [uuidA]: { initial: { name: "sw" } } } };
const chosen = "00000000-0000-4000-8000-0000000000AB" as Uuid<"Logical_Switch_Port">;
const lower = chosen.toLowerCase() as typeof chosen;
const sw = { _uuid: uuidA as Uuid<"Logical_Switch"> };

type Describe = (tx: Transaction<NorthboundTables>) => void;

async function sentBy(describe: Describe): Promise<number> {
  const { nb, sent } = await northboundWith(initial, (operations, _, reply) => reply(success(operations)));
  try {
    await nb.transact((tx) => {
      tx.insert("Logical_Switch_Port", { name: "q" }, { uuid: chosen });
      describe(tx);
    });
    return sent.length;
  } finally {
    await nb.close();
  }
}

describe("a row of no root table that is inserted with a chosen uuid", () => {
  const holds: Readonly<Record<string, Describe>> = {
    "an update": (tx) => tx.update(sw, { ports: [lower] }),
    "what is added": (tx) => tx.add(sw, "ports", lower),
    "another insert": (tx) => tx.insert("Logical_Switch", { name: "x", ports: [lower] }),
    "capitals, as it was chosen": (tx) => tx.add(sw, "ports", chosen),
    "what comes after something was taken back": (tx) => {
      tx.add(sw, "ports", lower);
      tx.remove(sw, "ports", lower);
      tx.add(sw, "ports", lower);
    },
  };
  for (const [how, describe] of Object.entries(holds)) {
    it(`may be held by that uuid: ${how}`, async () => {
      assert.equal(await sentBy(describe), 1);
    });
  }

  it("may be deleted again when nothing refers to it", async () => {
    const removed = await sentBy((tx) => {
      tx.delete(tx.insert("Logical_Switch_Port", { name: "r" }));
      tx.add(sw, "ports", lower);
    });
    assert.equal(removed, 1);
  });

  const drops: Readonly<Record<string, Describe>> = {
    nobody: () => undefined,
    "a weak reference": (tx) => tx.insert("Port_Group", { name: "g", ports: [lower] }),
    "a text that looks like one": (tx) => tx.setKeys(sw, "external_ids", { port: `["uuid","${lower}"]` }),
    "what is taken back": (tx) => {
      tx.add(sw, "ports", lower);
      tx.remove(sw, "ports", lower);
    },
  };
  for (const [how, describe] of Object.entries(drops)) {
    it(`is refused when it is held by ${how}`, async () => {
      await assert.rejects(sentBy(describe), { code: "ERR_USAGE", message: /no row holds the row inserted/ });
    });
  }
});
