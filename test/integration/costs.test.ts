import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { layer3, type Northbound } from "../../lib/topology/index.ts";
import { countingDial } from "../support/count-requests.ts";
import { countingView, countParsed } from "../support/count-work.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

type Handle = Awaited<ReturnType<typeof connectNorthbound>>;

const switches = 10;
const ports = 1000;
/** Changes, or questions, of which each has a cost: what is done once, such as building an index, is small beside them. */
const times = 100;

const portName = (index: number): string => `port-${index}`;

// Counts, not times: they are the same on every machine, so they can be bounds. How long it takes is for the bench.
describeWithOvn("what a replica of 1,000 ports costs", () => {
  const ovn = useSandbox({ northbound: true });

  before(async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    await nb.transact((tx) => {
      for (let each = 0; each < switches; each += 1) {
        const parent = tx.insert("Logical_Switch", { name: `switch-${each}` });
        for (let index = each; index < ports; index += switches)
          tx.add(
            parent,
            "ports",
            tx.insert("Logical_Switch_Port", {
              name: portName(index),
              addresses: [`0a:00:00:00:${Math.floor(index / 256)}:${index % 256} 10.0.0.1`],
              external_ids: { pod: "true", namespace: `namespace-${index % 100}` },
            }),
          );
      }
    });
  });

  /** Connects, and tells what that parsed. */
  async function connect(): Promise<{
    readonly nb: Handle;
    readonly texts: number;
    readonly characters: number;
  }> {
    const connected: Handle[] = [];
    const parsed = await countParsed(async () => {
      connected.push(await connectNorthbound(ovn.sandbox.northbound.remote));
    });
    const [nb] = connected;
    assert.ok(nb !== undefined);
    return { nb, ...parsed };
  }

  it("parses no row of the snapshot before somebody reads it", async () => {
    const { nb, texts, characters } = await connect();
    await using _ = nb;
    const { bytesReceived, rowsReceived } = nb.status().counters;
    assert.ok(rowsReceived >= ports + switches);
    assert.ok(texts < 50, `${texts} texts for ${rowsReceived} rows`);
    assert.ok(characters < bytesReceived / 2, `${characters} characters of ${bytesReceived} bytes`);
  });

  it("parses a row for a query that finds it, and no other row", async () => {
    const { nb } = await connect();
    await using _ = nb;
    const table = nb.tables.Logical_Switch_Port;
    const byName = await countParsed(() => {
      for (let index = 0; index < times; index += 1) assert.ok(table.get({ name: portName(index) }));
    });
    assert.ok(byName.texts >= 1 && byName.texts <= times + 1, `${byName.texts} texts for ${times} rows`);
    const again = await countParsed(() => {
      for (let index = 0; index < times; index += 1) assert.ok(table.get({ name: portName(index) }));
    });
    assert.equal(again.texts, 0);
    const byKey = await countParsed(() => {
      assert.equal(table.find({ external_ids: { namespace: "namespace-5" } }).length, ports / 100);
    });
    // To index a key of a map takes that map of every row, once, and nothing else of it.
    assert.ok(byKey.texts <= ports, `${byKey.texts} texts`);
    const next = await countParsed(() => {
      assert.equal(table.find({ external_ids: { namespace: "namespace-6" } }).length, ports / 100);
    });
    assert.ok(next.texts <= ports / 100, `${next.texts} texts for ${ports / 100} rows`);
  });

  it("answers whether a set has an element, and who refers to a row, without parsing ports", async () => {
    const { nb } = await connect();
    await using _ = nb;
    const { length } = nb.tables.Logical_Switch.find({});
    assert.equal(length, switches);
    const [first] = nb.tables.Logical_Switch.find({ name: "switch-0" });
    assert.ok(first !== undefined);
    const uuid = first.ports[0];
    assert.ok(uuid !== undefined);
    const parsed = await countParsed(() => {
      assert.ok(nb.has(first, "ports", uuid));
    });
    assert.equal(parsed.texts, 0);
  });

  it("parses nothing of an update before somebody reads the row", async () => {
    await using writer = await connectNorthbound(ovn.sandbox.northbound.remote, {
      tables: { Logical_Switch_Port: ["name", "tag"] },
    });
    const { nb } = await connect();
    await using _ = nb;
    const changes = nb.changes(["Logical_Switch_Port"])[Symbol.asyncIterator]();
    const before = nb.status().counters;
    const writerBefore = writer.status().counters;
    let seen = 0;
    const parsed = await countParsed(async () => {
      for (let index = 0; index < times; index += 1) {
        const row = writer.tables.Logical_Switch_Port.get({ name: portName(index) });
        assert.ok(row !== undefined);
        await writer.transact((tx) => tx.update(row, { tag: 5 }));
      }
      while (seen < times) seen += (await changes.next()).value?.rows.length ?? times;
    });
    const after = nb.status().counters;
    const writerAfter = writer.status().counters;
    const received =
      after.bytesReceived - before.bytesReceived + writerAfter.bytesReceived - writerBefore.bytesReceived;
    // The reply, and the row that the writer found.
    assert.ok(
      parsed.texts >= times && parsed.texts <= 2 * times + 2,
      `${parsed.texts} texts for ${times} updates`,
    );
    assert.ok(parsed.characters <= received / 2, `${parsed.characters} characters of ${received} bytes`);
    await changes.return?.();
  });
});

describeWithOvn("what an intent costs", () => {
  const ovn = useSandbox({ northbound: true });

  /** What the last of so many attachments sent: its operations and its bytes. */
  async function lastAttachment(
    name: string,
    pods: number,
  ): Promise<{ readonly operations: number; readonly bytes: number }> {
    const { dial, requests } = countingDial();
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote, { dial });
    const network = layer3({ name, nad: `shop/${name}`, subnets: "10.128.0.0/14/22" });
    await network.plan(nb, { nodes: [{ name: "node-1", subnets: { [name]: ["10.128.4.0/22"] } }] }).apply();
    await Promise.all(
      Array.from({ length: pods }, (_, index) =>
        network.attach(nb, { namespace: "shop", name: `pod-${1000 + index}`, node: "node-1" }),
      ),
    );
    requests.transacts.length = 0;
    await network.attach(nb, { namespace: "shop", name: "pod-last", node: "node-1" });
    const [text = "", ...more] = requests.transacts;
    assert.deepEqual(more, []);
    const { params } = JSON.parse(text) as { readonly params: readonly unknown[] };
    return { operations: params.length - 1, bytes: text.length };
  }

  /** What a plan of one more node asks the replica, by table, in a network of so many nodes. */
  async function oneMoreNode(name: string, nodes: number): Promise<Readonly<Record<string, number>>> {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const network = layer3({ name, nad: `shop/${name}`, subnets: "10.128.0.0/14/24" });
    const node = (index: number): { readonly name: string; readonly chassisId: string } => ({
      name: `node-${1000 + index}`,
      chassisId: `chassis-${1000 + index}`,
    });
    await network.plan(nb, { nodes: Array.from({ length: nodes }, (_, index) => node(index)) }).apply();
    // The next one finds what that has changed, and the one after it only what one node changes.
    for (const index of [nodes, nodes + 1]) await network.plan(nb, { nodes: [node(index)] }).apply();
    const { view, asked } = countingView(nb.view);
    const counted = new Proxy<Northbound>(nb, {
      get: (target, key) => (key === "view" ? view : Reflect.get(target, key, target)),
    });
    // What is remembered is remembered by view.
    for (const index of [nodes + 2, nodes + 3, nodes + 4]) {
      asked.clear();
      const plan = network.plan(counted, { nodes: [node(index)] });
      assert.equal(plan.changes.filter(({ action }) => action === "insert").length, 4);
      const counts = Object.fromEntries(asked);
      if (index === nodes + 4) return counts;
      await network.plan(nb, { nodes: [node(index)] }).apply();
    }
    assert.fail("no plan was counted");
  }

  it("is the same for one more node in a network of 40 nodes and of 400: a few questions, none about what all share", async () => {
    const few = await oneMoreNode("net-forty", 40);
    const many = await oneMoreNode("net-hundreds", 400);
    assert.deepEqual(many, few);
    for (const table of ["Meter", "Meter_Band", "Copp", "Load_Balancer_Group"])
      assert.equal(few[table], undefined);
    const all = Object.values(few).reduce((sum, count) => sum + count, 0);
    assert.ok(all > 0 && all <= 24, JSON.stringify(few));
  });

  it("is the same for a pod on a node of 10 and of 1,000", async () => {
    const few = await lastAttachment("net-few", 10);
    const many = await lastAttachment("net-all", 1000);
    assert.deepEqual([few.operations, many.operations], [3, 3]);
    // The numbers of an address may have more digits.
    assert.ok(many.bytes <= few.bytes + 20, `${few.bytes} and ${many.bytes} bytes`);
  });
});
