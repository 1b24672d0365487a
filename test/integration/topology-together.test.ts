import assert from "node:assert/strict";
import {
  ConflictError,
  ConstraintError,
  connectNorthbound,
  OutcomeUnknownError,
  UnconfirmedError,
} from "../../lib/index.ts";
import { UsageError } from "../../lib/jsonrpc/index.ts";
import { type FaultProxy, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import {
  type AttachedPort,
  type AttachOptions,
  layer2,
  type NodeInput,
  type Northbound,
  type PodAttachment,
} from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { errors, given } from "../support/crowds.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseFirstCrowd } from "../support/lose.ts";
import { catchUp, portOf, useTopologyBench } from "../support/topology.ts";

const net = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24,fd00:1::/64" });

/** How many ports a message inserts. */
function portsIn({ params }: ProxyMessage): number {
  const text = JSON.stringify(params);
  return text.split('"op":"insert","table":"Logical_Switch_Port"').length - 1;
}

// The first goes alone, and meanwhile the others come together.
describeWithOvn("attachments of one connection that go in one transaction", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let proxy: FaultProxy;
  let nb: Northbound;
  /** The ports in each transaction that was sent. */
  let sizes: number[];

  beforeEach(async () => {
    sizes = [];
    proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    await net.plan(nb).apply();
    watch();
  });
  afterEach(async () => {
    await nb.close();
    await proxy.close();
  });

  /** Notes sizes, and calls `sent` with each. */
  function watch(sent: (size: number) => void = () => undefined): void {
    proxy.setOpenFaults({
      toServer: {
        rewrite: (message) => {
          const size = message["method"] === "transact" ? portsIn(message) : 0;
          if (size > 0) {
            sizes.push(size);
            sent(size);
          }
          return message;
        },
      },
    });
  }

  /** Holds back what goes there from the first transaction of several ports on; returns what tells whether that was sent. */
  function holdFirst(direction: "toClient" | "toServer"): () => boolean {
    let isHeld = false;
    watch((size) => {
      if (size < 2) return;
      isHeld = true;
      proxy.setOpenFaults({ [direction]: { hold: true } });
    });
    return () => isHeld;
  }

  /** Turns of the event loop; in each at least one plan is made. */
  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  function attach(name: string, more: Partial<PodAttachment> = {}, options: AttachOptions = {}) {
    return net.attach(nb, { namespace: "default", name, node: "n1", ...more }, options);
  }

  const names = (count: number, prefix = "p"): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);

  /** That the database holds these ports and no others, each with an address of each family that no other has. */
  async function check(ports: readonly AttachedPort[]): Promise<void> {
    const shown = await bench.addresses();
    assert.deepEqual(
      shown,
      Object.fromEntries(ports.map(({ portName, addresses }) => [portName, addresses])),
    );
    const all = Object.values(shown).flatMap((each) => each.split(" ").slice(1));
    assert.deepEqual([all.length, new Set(all).size], [2 * ports.length, 2 * ports.length]);
  }

  it("are told each its own port, and what is to be said of its node", async () => {
    const ports = await Promise.all(names(12).map((name, index) => attach(name, { node: `n${index % 3}` })));
    assert.deepEqual(sizes, [1, 11]);
    assert.deepEqual(
      ports.map(({ input }) => [input.name, input.node]),
      names(12).map((name, index) => [name, `n${index % 3}`]),
    );
    assert.deepEqual(
      ports.map(({ notes }) => notes),
      names(12).map((_, index) => [`node n${index % 3} has no chassis id; its name is used instead`]),
    );
    await check(ports);
  });

  it("hear of each other where one has the MAC that another asks for", async () => {
    const mac = "0a:58:0a:01:00:63";
    const ports = await Promise.all([attach("a"), attach("b", { mac }), attach("c", { mac }), attach("d")]);
    assert.deepEqual(
      ports.map(({ notes }) => notes.some((note) => note.includes("of several ports with one MAC"))),
      [false, false, true, false],
    );
    await check(ports);
  });

  it("do not go together where they say different things of one node", async () => {
    const nodes: readonly NodeInput[] = [
      { name: "n1" },
      { name: "n1", chassisId: "one" },
      { name: "n1", chassisId: "two" },
      { name: "n1", chassisId: "one" },
    ];
    const ports = await Promise.all(nodes.map((node, index) => attach(`p${index}`, { node })));
    assert.deepEqual(sizes, [1, 2, 1]);
    const chassis = await Promise.all(
      ports.map(({ portName }) => bench.get("Logical_Switch_Port", portName, "options:requested-chassis")),
    );
    assert.deepEqual(chassis, ["n1", "one", "two", "one"]);
  });

  it("fail alone when one asks for an address that is taken", async () => {
    const ask = (name: string) => attach(name, name === "p5" ? { ips: ["10.1.0.1"] } : {});
    const results = await Promise.allSettled(names(12).map(ask));
    assert.match(String(errors(results)), /^AddressError: .*p5.* 10\.1\.0\.1 is taken by port/);
    assert.equal(given(results).length, 11);
    await check(given(results));
  });

  it("fail alone when the server refuses one: somebody has its name, and is not seen", async () => {
    const hidden = portOf("p5");
    await bench.nbctl(`ls-add other\nlsp-add other ${hidden}\nlsp-set-addresses ${hidden} unknown`);
    await nb.close();
    nb = await connectNorthbound(proxy.remote, {
      tables: {
        ...Object.fromEntries(Object.keys(nb.schema.tables).map((table) => [table, true])),
        Logical_Switch_Port: { where: [["name", "!=", hidden]] },
      },
    });
    watch();
    const results = await Promise.allSettled(names(12).map((name) => attach(name)));
    const [error, ...others] = errors(results);
    assert.ok(error instanceof ConstraintError && others.length === 0, String(errors(results)));
    assert.ok(results[5]?.status === "rejected");
    await bench.nbctl("ls-del other");
    await check(given(results));
  });

  it("are fewer each time that somebody else was faster, and none is lost", async () => {
    let overtaken = 0;
    const { sandbox } = bench;
    // What is held back waits for somebody else's change.
    const overtake = (size: number): void => {
      if (size < 2 || overtaken >= 3) return;
      overtaken += 1;
      proxy.setOpenFaults({ toServer: { hold: true } });
      void sandbox
        .run("ovn-nbctl", ["set", "Logical_Switch", "net_ovn_layer2_switch", `external_ids:n=${overtaken}`])
        .then(() => watch(overtake));
    };
    watch(overtake);
    const ports = await Promise.all(names(16).map((name) => attach(name)));
    assert.deepEqual(sizes, [1, 15, 8, 4, 2, 13]);
    assert.equal(nb.status().counters.conflicts, 3);
    await check(ports);
  });

  for (const what of ["reply", "request"] as const) {
    it(`have one port each when the ${what} is lost`, async () => {
      const isLost = loseFirstCrowd(proxy, what, portsIn);
      const ports = await Promise.all(names(12).map((name) => attach(name)));
      assert.ok(isLost());
      await check(ports);
    });
  }

  it("are in doubt together when the signal of all aborts while the transaction is under way", async () => {
    const controller = new AbortController();
    watch((size) => {
      if (size < 2) return;
      proxy.setOpenFaults({ toClient: { hold: true } });
      controller.abort(new UsageError("enough"));
    });
    const { signal } = controller;
    const results = await Promise.allSettled(names(4).map((name) => attach(name, {}, { signal })));
    assert.equal(given(results).length, 1);
    assert.deepEqual(
      errors(results).map((error) => error instanceof OutcomeUnknownError),
      [true, true, true],
    );
  });

  it("stay in doubt until their ports are there, as what is on its way may come after a plan without them", async () => {
    using clock = new Clock();
    const held = holdFirst("toServer");
    const first = attach("z");
    const leader = assert.rejects(attach("a", {}, { timeout: 20_000 }), OutcomeUnknownError);
    const guest = assert.rejects(attach("b", {}, { timeout: 40_000 }), OutcomeUnknownError);
    await waitFor(held);
    // It has the next turn, so the guest plans anew and then waits for it.
    const other = assert.rejects(attach("c", {}, { wait: "sb", timeout: 80_000 }), UnconfirmedError);
    await turns(20);
    clock.pass(20_000);
    await Promise.all([first, leader, bench.nbctl("ls-add other")]);
    await turns(20);
    clock.pass(20_000);
    await guest;
    assert.ok(!(portOf("b") in (await bench.addresses())));
    proxy.setOpenFaults({});
    await waitFor(async () => portOf("c") in (await bench.addresses()));
    await catchUp(nb);
    clock.pass(40_000);
    await other;
    assert.ok(portOf("b") in (await bench.addresses()));
  });

  it("leave those alone that have another signal: aborted they are not done", async () => {
    const controller = new AbortController();
    const held = holdFirst("toClient");
    const others = Promise.all(["a", "b", "c"].map((name) => attach(name)));
    const aborted = attach("d", {}, { signal: controller.signal });
    await waitFor(held);
    controller.abort(new UsageError("enough"));
    await assert.rejects(aborted, /enough/);
    proxy.setOpenFaults({});
    await check(await others);
  });

  it("take nobody along who has less time, and would learn too late what became of it", async () => {
    using clock = new Clock();
    const held = holdFirst("toClient");
    const others = Promise.all(["a", "b", "c"].map((name) => attach(name)));
    const late = assert.rejects(
      attach("d", {}, { timeout: 20_000 }),
      (error) => error instanceof ConflictError && /^the turn on switch .* 20000 ms/.test(error.message),
    );
    await waitFor(held);
    await turns(20);
    clock.pass(20_000);
    await late;
    proxy.setOpenFaults({});
    const ports = await others;
    await catchUp(nb);
    await check(ports);
  });

  it("end with their time, all without a plan but a few, where that of many is over at once", async () => {
    proxy.setOpenFaults({ toClient: { hold: true } });
    const results = await Promise.allSettled(names(300).map((name) => attach(name, {}, { timeout: 500 })));
    const planned = errors(results).filter((error) => /a plan of the changes/.test(String(error)));
    assert.equal(given(results).length, 0);
    assert.ok(planned.length < 150, `${planned.length} made a plan first`);
  });

  it("are not those that only try, or that wait for ovn-northd", async () => {
    const tried = attach("a", {}, { dryRun: true });
    const results = await Promise.all([tried, attach("b"), attach("c", {}, { dryRun: true }), attach("d")]);
    assert.deepEqual(sizes, [1, 1, 1, 1]);
    await check([results[1], results[3]]);
  });
});
