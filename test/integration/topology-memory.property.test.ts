import assert from "node:assert/strict";
import fc from "fast-check";
import { ConstraintError, OvsdbError } from "../../lib/index.ts";
import { deleteOp, everyRow, type Operation } from "../../lib/ovsdb/index.ts";
import { connectNorthbound, northbound } from "../../lib/schemas/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import {
  Network,
  type Northbound,
  type Plan,
  planDeletion,
  planTopology,
  type TopologyRequest,
} from "../../lib/topology/index.ts";
import { checkProperty } from "../support/check-property.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { primaryLayer3Brief } from "../support/primary.ts";
import { type Brief, catchUp, emptying, layer2Brief, layer3Brief, requestFor } from "../support/topology.ts";
import { type Disturbance, disturbances, operationsOf } from "../support/topology-disturbances.ts";
import { zoneBriefs } from "../support/zones.ts";

/** What is planned, as numbers and words that shrink and print. */
interface Wish {
  readonly networks: "layer3" | "other MTU" | "layer2" | "both" | "two" | "primary" | "zones";
  /** Number of the first node, and how many there are; of layer3 networks only. */
  readonly first: number;
  readonly count: number;
  readonly pod: boolean;
  readonly options: Omit<TopologyRequest, "networks">;
}

type Step =
  /** What another client does. */
  | { readonly type: "disturb"; readonly disturbance: Disturbance }
  /** `use`: the plan is never applied, or compared with that of a new connection, or applied as well. */
  | { readonly type: "plan"; readonly wish: number; readonly use: "forget" | "compare" | "apply" }
  /** One pod of those that a wish could have, perhaps with an address that it asks for. */
  | {
      readonly type: "attach";
      readonly wish: number;
      readonly pod: string;
      readonly node: string;
      readonly ips: readonly string[] | undefined;
      readonly apply: boolean;
    }
  | { readonly type: "detach"; readonly wish: number; readonly pod: string }
  | { readonly type: "remove"; readonly network: string; readonly force: boolean; readonly apply: boolean }
  /** Another client empties the database: all that comes then is made anew. */
  | { readonly type: "empty" }
  /** The connection is cut, and made again. */
  | { readonly type: "cut" };

// More than 32 nodes: a router's set of ports is then followed, not read again.
const counts = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(36));

const options: fc.Arbitrary<Wish["options"]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Wish["options"]>(
      { profile: "ovn-kubernetes-2023" },
      { profile: "ovn-kubernetes-2023", migrate: true },
      { migrate: true },
      { gatewayMode: "local" },
      { prune: true },
      { pruneNetworks: true },
      { merge: true },
    ),
  },
);

const wishes: fc.Arbitrary<Wish> = fc.record({
  networks: fc.oneof(
    { weight: 8, arbitrary: fc.constant("layer3" as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom<Wish["networks"]>(
        "other MTU",
        "layer2",
        "both",
        "both",
        "two",
        "primary",
        "zones",
      ),
    },
  ),
  first: fc.nat(3),
  count: counts,
  pod: fc.boolean(),
  options,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant("disturb" as const), disturbance: disturbances }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("plan" as const),
      // Mostly what was planned before: of that something is remembered.
      wish: fc.constantFrom(0, 0, 0, 1, 2),
      use: fc.constantFrom("forget" as const, "compare" as const, "compare" as const, "apply" as const),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("attach" as const),
      wish: fc.constantFrom(0, 0, 0, 1),
      pod: fc.constantFrom("a", "b", "c", "d"),
      // The last is one of many, but for wishes that have few.
      node: fc.constantFrom("n0", "n1", "n2", "n9"),
      ips: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(["10.3.0.4"], ["10.3.0.7"], ["10.2.0.2"]) },
      ),
      apply: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("detach" as const),
      wish: fc.constantFrom(0, 0, 0, 1),
      pod: fc.constantFrom("a", "b", "c", "d"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("remove" as const),
      network: fc.constantFrom("net", "two"),
      force: fc.boolean(),
      apply: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "empty" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "cut" as const }) },
);

/** What is wished for, the first of it being there at first; and what happens then. */
const histories = fc.record({
  wishes: fc.tuple(wishes, wishes, wishes),
  steps: fc.array(step, { minLength: 1, maxLength: 16, size: "max" }),
});

// MEMORY_RUNS=1000 tries more; see checkProperty.
describeWithOvn("plans of a handle that remembers what it saw", () => {
  const ovn = useSandbox({ northbound });

  it("are those of a new connection, whatever others have done", async function () {
    this.timeout(600_000);
    await using other = await connectNorthbound(ovn.sandbox.northbound.remote);
    const tally: Record<string, number> = {};
    const property = fc.asyncProperty(histories, async ({ wishes, steps }) => {
      await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
      await using nb = await connectNorthbound(proxy.remote, { minBackoff: 1, maxBackoff: 20 });
      const run = new History(ovn.sandbox.northbound.remote, proxy, nb, other, wishes, tally);
      await run.take({ type: "empty" });
      await run.take({ type: "plan", wish: 0, use: "apply" });
      for (const each of steps) await run.take(each);
    });
    const { runs, repeats } = await checkProperty("MEMORY", property, 60);
    // Where nothing is found settled, or nothing is disturbed, nothing would be shown. A few may well be without.
    const { changes = 0, settled = 0, disturbed = 0, applied = 0, attachable = 0 } = tally;
    const least = Math.min(changes, settled, disturbed, applied, attachable);
    if (!repeats && runs >= 20) assert.ok(least > runs / 4, JSON.stringify(tally));
  });
});

/** One handle, and what happens to it and its database. */
class History {
  readonly #remote: string;
  readonly #proxy: FaultProxy;
  readonly #nb: Northbound;
  readonly #other: Northbound;
  readonly #requests: readonly TopologyRequest[];
  readonly #tally: Record<string, number>;

  constructor(
    remote: string,
    proxy: FaultProxy,
    nb: Northbound,
    other: Northbound,
    wishes: readonly Wish[],
    tally: Record<string, number>,
  ) {
    this.#remote = remote;
    this.#proxy = proxy;
    this.#nb = nb;
    this.#other = other;
    this.#requests = wishes.map(requestOf);
    this.#tally = tally;
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case "disturb":
        await catchUp(this.#other);
        return this.#write(operationsOf(this.#other, step.disturbance));
      case "empty":
        return this.#write(emptied.map((table) => deleteOp(table, everyRow)));
      case "cut":
        return this.#proxy.cut();
      case "plan": {
        const { wish, use } = step;
        const request = this.#requests[wish] ?? { networks: [] };
        const planner = (nb: Northbound): Plan => planTopology(nb, request);
        return this.#plan(planner, use);
      }
      case "attach":
        return this.#attach(step);
      case "detach": {
        const [network] = this.#networks(step.wish);
        const pod = { namespace: "default", name: step.pod };
        return network && void (await settled(network.detach(this.#other, pod)));
      }
      case "remove": {
        const { network, force, apply } = step;
        const planner = (nb: Northbound): Plan => planDeletion(nb, { networks: [network], pods: [], force });
        return this.#plan(planner, apply ? "apply" : "compare");
      }
    }
  }

  /** Some are refused: a name that is unique is given twice, or a row that is needed is to go. */
  async #write(operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    const isDone = await succeeds(
      this.#other.transact((tx) => {
        for (const operation of operations) tx.raw(operation);
      }),
    );
    this.#count(isDone ? "disturbed" : "refused");
  }

  async #plan(planner: (nb: Northbound) => Plan, use: "forget" | "compare" | "apply"): Promise<void> {
    // Fails at first when the connection was cut: what was asked then may never be answered.
    await waitFor(() => catchUp(this.#nb).then(() => true), { what: "the handle sees what others wrote" });
    const own = attempt(() => planner(this.#nb));
    if (use === "forget") return;
    await using fresh = await connectNorthbound(this.#remote);
    const expected = attempt(() => planner(fresh));
    assert.deepEqual(tell(own, fresh), tell(expected, fresh));
    if (own instanceof OvsdbError) this.#count(own.name);
    else this.#count(own.operations.length === 0 ? "settled" : "changes");
    if (use === "compare" || own instanceof OvsdbError) return;
    this.#count((await succeeds(own.apply())) ? "applied" : "apply refused");
  }

  /** What is said to who attaches a pod, and by who looks for the first time. */
  async #attach({ wish, pod, node, ips, apply }: Step & { readonly type: "attach" }): Promise<void> {
    await waitFor(() => catchUp(this.#nb).then(() => true), { what: "the handle sees what others wrote" });
    await using fresh = await connectNorthbound(this.#remote);
    const { networks: _, ...options } = this.#requests[wish] ?? { networks: [] };
    for (const network of this.#networks(wish)) {
      const asked = { namespace: "default", name: pod, node, ...(ips && { ips }) };
      const attach = (nb: Northbound, dryRun: boolean): Promise<unknown> =>
        settled(network.attach(nb, asked, { ...options, dryRun }));
      const own = await attach(this.#nb, true);
      assert.deepEqual(own, await attach(fresh, true));
      this.#count(own instanceof Error ? `not attached: ${own.name}` : "attachable");
      if (apply) await attach(this.#nb, false);
    }
  }

  #networks(wish: number): readonly Network[] {
    return (this.#requests[wish]?.networks ?? []).map(({ spec }) => new Network(spec));
  }

  #count(what: string): void {
    this.#tally[what] = (this.#tally[what] ?? 0) + 1;
  }
}

/** Tables without whose rows there are none of networks, see {@link emptying}. */
const emptied = emptying.split("\n").map((line) => line.slice("--all destroy ".length));

function requestOf({ networks, first, count, pod, options }: Wish): TopologyRequest {
  const nodes = Array.from({ length: count }, (_, index) => `n${first + index}`);
  const pods = pod ? [{ name: "a", node: nodes[0] ?? "" }] : [];
  const layer3: Brief = { ...layer3Brief(pods), nodes };
  const two = layer2Brief(pod ? ["a"] : [], { name: "two", subnets: "10.2.0.0/24" });
  const briefs: Record<Wish["networks"], readonly Brief[]> = {
    layer3: [layer3],
    "other MTU": [{ ...layer3, input: { ...layer3.input, mtu: 1300 } }],
    layer2: [layer2Brief()],
    both: [layer3, two],
    two: [two],
    primary: [primaryLayer3Brief([], { name: "prim", subnets: "10.7.0.0/16/24" }), layer3],
    zones: [zoneBriefs.layer3()],
  };
  const mode = networks === "zones" ? ({ mode: "interconnect", zone: "n1" } as const) : {};
  return requestFor(briefs[networks], { ...options, ...mode });
}

/** A plan, or why there is none. */
function attempt(plan: () => Plan): Plan | OvsdbError {
  try {
    return plan();
  } catch (error) {
    if (error instanceof OvsdbError) return error;
    throw error;
  }
}

/** What comes of it, or why nothing does. */
async function settled(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OvsdbError) return error;
    throw error;
  }
}

/** Whether the server does it, or refuses it for what the rows would be then. */
async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof ConstraintError) return false;
    throw error;
  }
}

/** All that a plan says, whatever the order of rows in a replica, and whatever uuids new rows get. */
function tell(plan: Plan | OvsdbError, nb: Northbound): readonly string[] {
  if (plan instanceof OvsdbError) return [`${plan.name}: ${plan.message}`];
  const { changes, notes, kept, absent, omitted, operations, attachments, exclusive } = plan;
  const known = new Set(
    Object.keys(northbound.tables).flatMap((table) => [...nb.view.rows(table)].map(({ _uuid }) => _uuid)),
  );
  return Object.entries({ changes, notes, kept, absent, omitted, operations, attachments, exclusive })
    .flatMap(([part, list]) => list.map((one: unknown) => `${part}: ${JSON.stringify(one)}`))
    .map((line) => line.replaceAll(uuids, (uuid) => (known.has(uuid) ? uuid : "new")))
    .map((line) => line.replace(/\{.*/, (json) => ordered(JSON.parse(json))))
    .toSorted();
}

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ordered).toSorted().join()}]`;
  if (typeof value !== "object" || value === null) return String(JSON.stringify(value));
  const members = Object.entries(value).map(([key, member]) => `${key}:${ordered(member)}`);
  return `{${members.toSorted().join()}}`;
}
