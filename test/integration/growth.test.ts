import assert from "node:assert/strict";
import { join } from "node:path";
import { type DatabaseSchema, northbound } from "../../lib/index.ts";
import type { Growth } from "../soak/growth.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

const tables = ["NB_Global", "Logical_Switch", "Logical_Switch_Port", "Connection", "SSL"];

/** A part of the northbound schema: what a connection costs beyond reading the schema is what grows, if something does. */
const small: DatabaseSchema = {
  ...northbound,
  tables: Object.fromEntries(
    Object.entries(northbound.tables)
      .filter(([name]) => tables.includes(name))
      .map(([name, table]) => {
        const columns = Object.entries(table.columns).filter(([, { key, value }]) =>
          [key, value].every((base) => base?.refTable === undefined || tables.includes(base.refTable)),
        );
        return [name, { ...table, columns: Object.fromEntries(columns) }];
      }),
  ),
};

describeWithOvn("thousands of connections", () => {
  const ovn = useSandbox({ northbound: small });

  it("leave nothing behind: no heap, no handle, no listener, and the process ends by itself", async () => {
    const script = join(import.meta.dirname, "../soak/growth.js");
    const { remote } = ovn.sandbox.northbound;
    const output = await ovn.sandbox.run(process.execPath, ["--expose-gc", script, remote, "10000", "1000"], {
      timeout: 240_000,
    });
    const growth = JSON.parse(output) as Growth;
    console.log(`      ${output.trim()}`);
    assert.deepEqual(growth.resources, {});
    assert.equal(growth.listeners, 0);
    assert.deepEqual(growth.warnings, []);
    // A handle that was kept would be 10 kB and more, a listener 100 bytes.
    assert.ok(
      growth.heap.cycles < 80 * growth.cycles,
      `${growth.heap.cycles} bytes by ${growth.cycles} cycles`,
    );
    assert.ok(
      growth.heap.redials < 500 * growth.redials,
      `${growth.heap.redials} bytes by ${growth.redials} redials`,
    );
  }).timeout(250_000);
});
