import assert from "node:assert/strict";
import fc from "fast-check";
import { connectNorthbound, type NorthboundTables, type Row, type Transaction } from "../../lib/index.ts";
import { checkProperty } from "../support/check-property.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

type Tx = Transaction<NorthboundTables>;
type Port = Row<NorthboundTables, "Logical_Switch_Port">;
/** One call of a transaction's function, about a port. */
type Call = (tx: Tx, port: Port) => void;

const addresses = fc.uniqueArray(fc.constantFrom("a", "b", "c"));
const options = fc.dictionary(fc.constantFrom("k", "l", "m"), fc.constantFrom("1", "2"), {
  noNullPrototype: true,
});
const tag = fc.option(fc.constantFrom(5, 6));
const columns = fc.record({ addresses, options, tag }, { requiredKeys: [] });
/** What a port may hold in the beginning. */
const content = fc.record({ addresses, options, tag });

const call: fc.Arbitrary<Call> = fc.oneof(
  columns.map(
    (given): Call =>
      (tx, port) =>
        tx.update(port, given),
  ),
  addresses.map(
    (given): Call =>
      (tx, port) =>
        tx.add(port, "addresses", given),
  ),
  addresses.map(
    (given): Call =>
      (tx, port) =>
        tx.remove(port, "addresses", given),
  ),
  options.map(
    (given): Call =>
      (tx, port) =>
        tx.setKeys(port, "options", given),
  ),
  fc.subarray(["k", "l", "m"]).map(
    (given): Call =>
      (tx, port) =>
        tx.removeKeys(port, "options", given),
  ),
  fc.constantFrom(5, 6).map(
    (given): Call =>
      (tx, port) =>
        tx.remove(port, "tag", given),
  ),
);

// ONLY_CHANGES_RUNS=5000 tries more; see checkProperty.
describeWithOvn("a transaction that leaves out what is so already", () => {
  const ovn = useSandbox({ northbound: true });

  it("does the same as one that sends all", async function () {
    this.timeout(600_000);
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    let silent = 0;
    const property = fc.asyncProperty(
      content,
      fc.array(call, { minLength: 1, maxLength: 5 }),
      async (first, calls) => {
        const after: unknown[] = [];
        for (const onlyChanges of [false, true]) {
          const made = await nb.transact((tx) => {
            const port = tx.insert("Logical_Switch_Port", { name: "p", ...first });
            tx.insert("Logical_Switch", { name: "s", ports: [port] });
            return port;
          });
          const port = nb.tables.Logical_Switch_Port.byUuid(made.uuid(made.value));
          assert.ok(port);
          const { changed } = await nb.transact(
            (tx) => {
              for (const each of calls) each(tx, port);
            },
            { onlyChanges },
          );
          if (onlyChanges && !changed) silent += 1;
          const row = nb.tables.Logical_Switch_Port.byUuid(port._uuid);
          after.push({ ...row, _uuid: "", addresses: row?.addresses.toSorted() });
          await nb.transact((tx) => {
            for (const sw of nb.tables.Logical_Switch) tx.delete(sw);
          });
        }
        assert.deepEqual(after[1], after[0]);
      },
    );
    const { repeats } = await checkProperty("ONLY_CHANGES", property, 200);
    // Where something is always left to send, nothing is shown.
    if (!repeats) assert.ok(silent > 10, `${silent}`);
  });
});
