import assert from "node:assert/strict";
import type { Database } from "../../lib/database/index.ts";
import { connectNorthbound, type NorthboundTables } from "../../lib/schemas/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

type Nb = Database<NorthboundTables>;

describeWithOvn("promise P1: read your writes", () => {
  const ovn = useSandbox({ northbound: true });

  async function withClients<R>(count: number, use: (clients: readonly Nb[]) => Promise<R>): Promise<R> {
    const { remote } = ovn.sandbox.northbound;
    const clients = await Promise.all(Array.from({ length: count }, () => connectNorthbound(remote)));
    try {
      return await use(clients);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  }

  it("holds for every client while 20 of them write at once", async () => {
    await withClients(20, async (clients) => {
      await Promise.all(
        clients.map(async (nb, client) => {
          for (let round = 0; round < 10; round += 1) {
            const name = `p1-${client}-${round}`;
            const made = await nb.transact((tx) => tx.insert("Logical_Switch", { name }));
            const sw = nb.tables.Logical_Switch.byUuid(made.uuid(made.value));
            assert.equal(sw?.name, name);
            if (sw === undefined) return;
            await nb.transact((tx) => tx.setKeys(sw, "external_ids", { round: String(round) }));
            assert.equal(nb.tables.Logical_Switch.find({ name })[0]?.external_ids["round"], String(round));
            if (round % 2 === 1) continue;
            await nb.transact((tx) => tx.delete(sw));
            assert.deepEqual(nb.tables.Logical_Switch.find({ name }), []);
          }
        }),
      );
      // What others wrote last may come a moment later.
      const [first] = clients;
      await first?.until((view) => view.tables.Logical_Switch.size === 100, { timeout: 30_000 });
    });
  });

  it("goes on to hold in an iteration that was begun before", async () => {
    await withClients(1, async ([nb]) => {
      assert.ok(nb !== undefined);
      const { Address_Set: sets } = nb.tables;
      await nb.transact((tx) => {
        for (const row of sets) tx.delete(row);
        for (const name of ["a", "b", "c"]) tx.insert("Address_Set", { name });
      });
      const seen: string[] = [];
      for (const row of sets) {
        seen.push(row.addresses.join());
        if (seen.length > 1) continue;
        await nb.transact((tx) => {
          const [other, gone] = [...sets].filter(({ name }) => name !== row.name);
          assert.ok(other !== undefined && gone !== undefined);
          tx.update(other, { addresses: ["10.0.0.1"] });
          tx.delete(gone);
          tx.insert("Address_Set", { name: "late", addresses: ["10.0.0.2"] });
        });
      }
      assert.deepEqual(seen, ["", "10.0.0.1", "10.0.0.2"]);
      const rows = nb.view.rows("Address_Set")[Symbol.iterator]();
      const journal = nb.view.journal?.("Address_Set");
      const end = journal?.end ?? 0;
      await nb.transact((tx) => {
        for (const row of sets) tx.delete(row);
      });
      assert.equal(journal?.since(end)?.length, 3);
      assert.equal(rows.next().done, true);
    });
  });

  it("holds for 1000 transactions that are under way at once on one connection", async () => {
    await withClients(1, async ([nb]) => {
      assert.ok(nb !== undefined);
      const { signal } = new AbortController();
      await Promise.all(
        Array.from({ length: 1_000 }, async (_, index) => {
          const addresses = [`10.0.${index >> 8}.${index & 255}`];
          const made = await nb.transact(
            (tx) => tx.insert("Address_Set", { name: `set${index}`, addresses }),
            { signal },
          );
          assert.deepEqual(nb.tables.Address_Set.byUuid(made.uuid(made.value))?.addresses, addresses);
        }),
      );
      assert.equal(nb.tables.Address_Set.size, 1_000);
    });
  });

  it("lets 20 clients count in one row by verify, each step exactly once", async () => {
    await withClients(20, async (clients) => {
      const [first] = clients;
      await first?.transact((tx) =>
        tx.insert("Logical_Switch", { name: "counter", external_ids: { n: "0", other: "stays" } }),
      );
      const find = (nb: Nb) => nb.tables.Logical_Switch.find({ name: "counter" })[0];
      // Another client's view may be a moment behind that of the one who inserted the row.
      await Promise.all(clients.map((nb) => nb.until(() => find(nb))));
      const results = await Promise.all(
        clients.flatMap((nb) =>
          Array.from({ length: 5 }, () =>
            nb.transact((tx) => {
              const row = find(nb);
              assert.ok(row !== undefined);
              tx.verify(row, "external_ids");
              tx.setKeys(row, "external_ids", { n: String(Number(row.external_ids["n"]) + 1) });
            }),
          ),
        ),
      );
      // From the server: the last step may have been another client's.
      const last = await first?.transact((tx) => tx.select("Logical_Switch", { name: "counter" }));
      const [row] = last?.rows(last.value) ?? [];
      assert.deepEqual(row?.external_ids, { n: "100", other: "stays" });
      assert.ok(
        results.some(({ attempts }) => attempts > 1),
        "there was something to repeat",
      );
    });
  });
});
