import assert from "node:assert/strict";
import { ConstraintError, connectNorthbound } from "../../lib/index.ts";
import { type FaultProxy, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import {
  type AttachedPort,
  type AttachOptions,
  layer2,
  layer3,
  type Network,
  type NodeInput,
  type Northbound,
  type PodAttachment,
} from "../../lib/topology/index.ts";
import { errors, given } from "../support/crowds.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { loseFirstCrowd } from "../support/lose.ts";
import { node, portOf, useTopologyBench } from "../support/topology.ts";

const flat = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/22" });
const routed = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });

/** The names of the ports that a message inserts. */
function portsIn({ params }: ProxyMessage): readonly string[] {
  const inserts = params as readonly { op?: string; table?: string; row?: { name: string; type?: string } }[];
  return inserts.flatMap(({ op, table, row }) =>
    op === "insert" && table === "Logical_Switch_Port" && row?.type === undefined ? (row?.name ?? []) : [],
  );
}

// Their addresses are claimed by their ports' uuids, so nobody has to wait for others.
describeWithOvn("attachments of one family that are begun in one turn", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let proxy: FaultProxy;
  let nb: Northbound;
  /** The ports in each transaction that was sent, and how many there were. */
  let sent: (readonly string[])[];
  let sizes: number[];

  beforeEach(async () => {
    proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    watch();
  });
  afterEach(async () => {
    await nb.close();
    await proxy.close();
  });

  function watch(): void {
    [sent, sizes] = [[], []];
    proxy.setOpenFaults({
      toServer: {
        rewrite: (message) => {
          const ports = message["method"] === "transact" ? portsIn(message) : [];
          if (ports.length > 0) {
            sent.push(ports);
            sizes.push(ports.length);
          }
          return message;
        },
      },
    });
  }

  const attach = (
    network: Network,
    name: string,
    more: Partial<PodAttachment> = {},
    options: AttachOptions = {},
  ): Promise<AttachedPort> =>
    network.attach(nb, { namespace: "default", name, node: node("n1"), ...more }, options);

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}`);

  /** That the database holds these ports and no others, each with an address that no other has. */
  async function check(ports: readonly AttachedPort[]): Promise<void> {
    const all = Object.entries(await bench.addresses());
    const shown = Object.fromEntries(all.filter(([, addresses]) => addresses !== "router"));
    assert.deepEqual(
      shown,
      Object.fromEntries(ports.map(({ portName, addresses }) => [portName, addresses])),
    );
    assert.equal(new Set(Object.values(shown).map((each) => each.split(" ")[1])).size, ports.length);
  }

  it("go together, and get their addresses in the order in which they were begun", async () => {
    await flat.plan(nb).apply();
    const ports = await Promise.all(names(250).map((name) => attach(flat, name)));
    assert.deepEqual(sizes, [100, 100, 50]);
    assert.deepEqual(
      ports.map(({ ips }) => ips[0]),
      names(250).map((_, index) => `10.1.${(index + 1) >> 8}.${(index + 1) & 255}/22`),
    );
    assert.equal(nb.status().counters.conflicts, 0);
    await check(ports);
  });

  it("go together on several switches, those on one switch next to each other, and in their order there", async () => {
    await routed.plan(nb, { nodes: ["n1", "n2"].map(node) }).apply();
    const nodeOf = (index: number): string => (index % 2 === 0 ? "n1" : "n2");
    const few = await Promise.all(
      names(9).map((name, index) => attach(routed, name, { node: node(nodeOf(index)) })),
    );
    assert.deepEqual(sizes, [9]);
    assert.deepEqual(
      few.map(({ input, ips }) => [input.name, input.node, ips[0]]),
      names(9).map((name, index) => [name, nodeOf(index), `10.3.${index % 2}.${3 + (index >> 1)}/24`]),
    );
    sent.length = 0;
    const more = await Promise.all(
      names(200).map((name, index) => attach(routed, `${name}-more`, { node: node(nodeOf(index)) })),
    );
    assert.deepEqual(
      sent.map((ports) => ports.map((port) => Number(/_p(\d+)/.exec(port)?.[1]))),
      [0, 1].map((first) => names(100).map((_, index) => first + 2 * index)),
    );
    await check([...few, ...more]);
  });

  it("are told what is to be said of their own nodes and MACs", async () => {
    await flat.plan(nb).apply();
    const mac = "0a:58:0a:01:00:63";
    const ports = await Promise.all([
      attach(flat, "a"),
      attach(flat, "b", { node: "x" }),
      attach(flat, "c", { mac }),
      attach(flat, "d", { mac }),
      attach(flat, "e"),
    ]);
    const [a, b, c, d, e] = ports.map(({ notes }) => notes.join("; "));
    assert.deepEqual([a, b, c, e], ["", "node x has no chassis id; its name is used instead", "", ""]);
    assert.match(String(d), /of several ports with one MAC/);
    await check(ports);
  });

  it("do not go together where they say different things of one node", async () => {
    await flat.plan(nb).apply();
    const nodes: readonly NodeInput[] = [
      { name: "n1", chassisId: "one" },
      { name: "n1", chassisId: "two" },
      { name: "n1", chassisId: "two" },
      { name: "n2", chassisId: "other" },
    ];
    const ports = await Promise.all(nodes.map((each, index) => attach(flat, `p${index}`, { node: each })));
    assert.deepEqual(sizes, [1, 3]);
    const chassis = await Promise.all(
      ports.map(({ portName }) => bench.get("Logical_Switch_Port", portName, "options:requested-chassis")),
    );
    assert.deepEqual(chassis, ["one", "two", "two", "other"]);
  });

  it("fail alone when one asks for an address that is taken, and the others still go together", async () => {
    await flat.plan(nb).apply();
    await attach(flat, "first", { ips: ["10.1.0.9"] });
    sizes = [];
    const results = await Promise.allSettled(
      names(64).map((name) => attach(flat, name, name === "p20" ? { ips: ["10.1.0.9"] } : {})),
    );
    assert.match(String(errors(results)), /^AddressError: .*p20.* 10\.1\.0\.9 is taken by port/);
    // Of each half that one of them spoils the other half goes at once.
    assert.deepEqual(
      sizes.toSorted((a, b) => a - b),
      [1, 2, 4, 8, 16, 32],
    );
    const [first] = await Promise.all([attach(flat, "first")]);
    await check([...given(results), first]);
  });

  it("fail alone when the server refuses one: somebody has its name, and is not seen", async () => {
    await flat.plan(nb).apply();
    const hidden = portOf("p5");
    await bench.nbctl(`ls-add other\nlsp-add other ${hidden}\nlsp-set-addresses ${hidden} unknown`);
    await nb.close();
    nb = await connectNorthbound(proxy.remote, {
      tables: {
        ...Object.fromEntries(Object.keys(nb.schema.tables).map((table) => [table, true])),
        Logical_Switch_Port: { where: [["name", "!=", hidden]] },
      },
    });
    const results = await Promise.allSettled(names(12).map((name) => attach(flat, name)));
    const [error, ...others] = errors(results);
    assert.ok(error instanceof ConstraintError && others.length === 0, String(errors(results)));
    assert.ok(results[5]?.status === "rejected");
    await bench.nbctl("ls-del other");
    await check(given(results));
  });

  it("have one port each when the reply is lost", async () => {
    await flat.plan(nb).apply();
    const isLost = loseFirstCrowd(proxy, "reply", (message) => portsIn(message).length);
    const ports = await Promise.all(names(12).map((name) => attach(flat, name)));
    assert.ok(isLost());
    await check(ports);
  });

  it("keep nothing from others when they are done", async () => {
    await flat.plan(nb).apply();
    const ask = (): Promise<AttachedPort[]> => Promise.all(names(20).map((name) => attach(flat, name)));
    const first = await ask();
    await Promise.all(names(20).map((name) => flat.detach(nb, { namespace: "default", name })));
    assert.deepEqual(await ask(), first);
  });

  it("are found to be there already by one plan, and without a request", async () => {
    await flat.plan(nb).apply();
    const ports = await Promise.all(names(20).map((name) => attach(flat, name)));
    const { messagesSent } = nb.status().counters;
    assert.deepEqual(await Promise.all(names(20).map((name) => attach(flat, name))), ports);
    assert.equal(nb.status().counters.messagesSent, messagesSent);
  });
});
