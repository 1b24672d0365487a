import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

// Within one update the server may tell that a row gets a name before it tells that the other row loses it.
describeWithOvn("a unique name that goes from one row to another in one transaction", () => {
  const ovn = useSandbox({ northbound: true });

  it("is found at the row that has it, by who wrote and by who looks on", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using nb = await connectNorthbound(remote);
    await using onlooker = await connectNorthbound(remote);
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
    const handles = [nb, onlooker];
    const uuids = (handle: typeof nb): (string | undefined)[] =>
      names.map((name) => handle.tables.Logical_Switch_Port.get({ name })?._uuid);
    const both = async (expected: readonly (string | undefined)[]): Promise<void> => {
      for (const handle of handles) {
        await waitFor(() => String(uuids(handle)) === String(expected), { what: "the names" });
        assert.equal(handle.tables.Logical_Switch_Port.size, expected.filter(Boolean).length);
        for (const [index, name] of names.entries())
          assert.deepEqual(
            handle.tables.Logical_Switch_Port.find({ name }).map(({ _uuid }) => _uuid),
            expected[index] === undefined ? [] : [expected[index]],
          );
      }
    };
    await nb.transact((tx) => {
      const ports = names.map((name) => tx.insert("Logical_Switch_Port", { name }));
      tx.insert("Logical_Switch", { name: "sw", ports });
    });
    const before = uuids(nb);
    assert.equal(new Set(before).size, names.length);
    await both(before);
    // Each takes the next one's name, so that all have one that another has.
    await nb.transact((tx) => {
      for (const [index, name] of names.entries()) {
        const port = nb.tables.Logical_Switch_Port.get({ name });
        assert.ok(port);
        tx.update(port, { name: names[(index + 1) % names.length] ?? "" });
      }
    });
    const rotated = names.map((_, index) => before[(index + names.length - 1) % names.length]);
    await both(rotated);
    // A row goes, another one gets its name; a new one gets a third's.
    const heir = await nb.transact((tx) => {
      const [sw] = nb.tables.Logical_Switch.find({ name: "sw" });
      const [first, second, third] = names.map((name) => nb.tables.Logical_Switch_Port.get({ name }));
      assert.ok(sw && first && second && third);
      tx.remove(sw, "ports", [first, third]);
      tx.update(second, { name: "p0" });
      const port = tx.insert("Logical_Switch_Port", { name: "p2" });
      tx.add(sw, "ports", port);
      return port;
    });
    await both([rotated[1], undefined, heir.uuid(heir.value), ...rotated.slice(3)]);
  });
});
