import assert from "node:assert/strict";
import fc from "fast-check";
import type { AddressBook } from "../../../lib/topology/addresses/address-book.ts";
import { AddressPool } from "../../../lib/topology/addresses/address-pool.ts";
import { type Interval, parseAddress, parseCidr } from "../../../lib/topology/description/address.ts";
import {
  type AttachmentInput,
  type BuiltNetwork,
  buildNetwork,
  checkCollisions,
  NameCollisionError,
  namePrefix,
  nothingObserved,
  type Observed,
  parseNetwork,
  rowKinds,
  type TopologyName,
} from "../../../lib/topology/index.ts";
import { primaryNode } from "../../support/primary.ts";
import { build, observe, pod, port, today } from "./support.ts";

const podNames = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 12 });
const attachments = podNames.chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc
        .record({
          node: fc.constantFrom("n1", "n2"),
          nad: fc.constantFrom("default/net", "default/other-net"),
        })
        .map((more) => pod(name, more)),
    ),
  ),
);
const networks: fc.Arbitrary<{ topology: TopologyName; subnets: string; excludeSubnets: string }> =
  fc.constantFrom(
    { topology: "layer3" as const, subnets: "10.33.0.0/20/27", excludeSubnets: "" },
    { topology: "layer3" as const, subnets: "fd00:1::/48,10.33.0.0/20/26", excludeSubnets: "" },
    {
      topology: "layer2" as const,
      subnets: "10.22.0.0/26",
      excludeSubnets: "10.22.0.0/30,10.22.0.9/32,10.22.0.8/31",
    },
    { topology: "layer2" as const, subnets: "fd00::/121,10.22.0.0/26", excludeSubnets: "fd00::4/126" },
    { topology: "localnet" as const, subnets: "192.0.2.0/25", excludeSubnets: "192.0.2.0/28" },
  );
const foreign = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 8 });

function foreignPorts(numbers: readonly number[]): Observed["ports"] {
  return numbers.map((number) =>
    port(
      `foreign${number}`,
      `02:00:00:00:00:01 10.22.0.${number} 192.0.2.${number} 10.33.0.${number} fd00::${number.toString(16)}`,
    ),
  );
}

function addresses(built: ReturnType<typeof build>): string[] {
  return built.attachments.flatMap((each) => each.ips.map((ip) => ip.replace(/\/.*/, "")));
}

describe("for any pods on any network", () => {
  it("no address is given twice, none that another port has, none that is excluded or reserved", () => {
    fc.assert(
      fc.property(networks, attachments, foreign, ({ topology, ...input }, pods, numbers) => {
        const ports = foreignPorts(numbers);
        const built = build(topology, input, pods, { observed: { ports } });
        const given = addresses(built);
        assert.equal(new Set(given).size, given.length);
        const taken = new Set(ports.flatMap((each) => (each.addresses[0] ?? "").split(" ")));
        const spec = parseNetwork(topology, { name: "net", ...input });
        for (const text of given) {
          const address = parseAddress(text);
          assert.ok(address && !taken.has(text), text);
          assert.ok(
            !spec.excludes.some(
              (range) =>
                range.family === address.family &&
                range.first <= address.value &&
                address.value <= range.last,
            ),
            text,
          );
        }
        for (const { ips } of built.attachments) {
          for (const ip of ips) {
            const subnet = parseCidr(ip);
            const address = parseAddress(ip.replace(/\/.*/, ""));
            assert.ok(subnet && address);
            const offset = address.value - subnet.first;
            assert.ok(
              offset >= (topology === "layer3" ? 3n : 1n) &&
                (address.family === 6 || address.value < subnet.last),
              ip,
            );
          }
        }
      }),
    );
  });

  it("the order of the inputs does not matter", () => {
    fc.assert(
      fc.property(
        networks,
        attachments,
        foreign,
        fc.integer(),
        ({ topology, ...input }, pods, numbers, seed) => {
          const ports = foreignPorts(numbers);
          const mixed = <T>(list: readonly T[]): T[] =>
            list
              .map((each, index) => ({ each, at: Math.imul(index + 1, seed | 1) }))
              .sort((a, b) => a.at - b.at)
              .map(({ each }) => each);
          const nodes = [{ name: "n3" }, { name: "n1", chassisId: "C1" }, { name: "n2" }];
          assert.deepEqual(
            build(topology, input, mixed(pods), { observed: { ports: mixed(ports) }, nodes: mixed(nodes) }),
            build(topology, input, pods, { observed: { ports }, nodes }),
          );
        },
      ),
    );
  });

  it("building again on what was written makes the same rows and replaces nothing", () => {
    fc.assert(
      fc.property(networks, attachments, foreign, ({ topology, ...input }, pods, numbers) => {
        const before = { ...nothingObserved, ports: foreignPorts(numbers) };
        const first = build(topology, input, pods, { observed: before });
        const second = build(topology, input, pods, { observed: observe(first, before) });
        const withoutUuids = first.rows.map(({ uuid, ...row }) =>
          row.kind === "pod port" ? row : { ...row, ...(uuid && { uuid }) },
        );
        assert.deepEqual(second.rows, withoutUuids);
        assert.ok(second.attachments.every((each) => !each.exclusive));
      }),
    );
  });

  it("pods that come later change nothing for those that are there", () => {
    fc.assert(
      fc.property(networks, attachments, fc.nat(12), ({ topology, ...input }, pods, count) => {
        const early: AttachmentInput[] = pods.slice(0, count);
        const first = build(topology, input, early);
        const second = build(topology, input, pods, { observed: observe(first) });
        for (const { portName, addresses: had } of first.attachments) {
          assert.equal(second.attachments.find((each) => each.portName === portName)?.addresses, had);
        }
        const given = addresses(second);
        assert.equal(new Set(given).size, given.length);
      }),
    );
  });

  it("one changed column of one port is repaired, not adopted", () => {
    fc.assert(
      fc.property(
        networks,
        attachments,
        fc.nat(),
        fc.constantFrom("addresses" as const, "portSecurity" as const),
        fc.nat(60),
        ({ topology, ...input }, pods, which, column, number) => {
          const first = build(topology, input, pods);
          const observed = observe(first);
          const victim = which % observed.ports.length;
          const wrong = `0a:58:0a:16:00:99 10.22.0.${number} 10.33.0.${number}`;
          const ports = observed.ports.map((each, index) =>
            index === victim && each.name.includes("default_")
              ? { ...each, [column]: [wrong.split(" ", 2).join(" ")] }
              : each,
          );
          const second = build(topology, input, pods, { observed: { ...observed, ports } });
          assert.deepEqual(
            second.attachments.map((each) => each.addresses),
            first.attachments.map((each) => each.addresses),
          );
          assert.ok(second.rows.every((row) => row.replaces === undefined));
        },
      ),
    );
  });
});

describe("for any names", () => {
  const name = fc.stringMatching(/^[ab][-._/a]{0,3}$/);

  it("two networks get different names, or the collision is reported", () => {
    const topology = fc.constantFrom("layer3" as const, "layer2" as const, "localnet" as const);
    fc.assert(
      fc.property(name, name, topology, (first, second, kind) => {
        fc.pre(first !== second);
        const builds = [first, second].map((each) =>
          buildNetwork(
            parseNetwork(kind, { name: each, subnets: "10.0.0.0/8" }),
            nothingObserved,
            [{ name: "n1" }],
            [],
            today,
          ),
        );
        const keys = builds.map(
          (built) => new Set(built.rows.flatMap((row) => (row.network === undefined ? [] : [row.key]))),
        );
        const shared = [...(keys[0] ?? [])].some((key) => keys[1]?.has(key));
        assert.equal(shared, namePrefix(first) === namePrefix(second));
        if (shared) assert.throws(() => checkCollisions(builds), NameCollisionError);
        else checkCollisions(builds);
      }),
    );
  });
});

describe("for any names of any two networks, on any nodes", () => {
  const part = fc.stringMatching(/^[ab](?:[-._]?[ab]){0,2}$/);
  const kinds = fc.constantFrom(
    ["layer3", "secondary"] as const,
    ["layer2", "secondary"] as const,
    ["localnet", "secondary"] as const,
    ["layer3", "primary"] as const,
    ["layer2", "primary"] as const,
  );
  const nodeNames = fc.uniqueArray(fc.oneof(part, fc.constantFrom("join", "n1")), {
    minLength: 1,
    maxLength: 3,
  });

  it("no row of one is taken for one of the other, or that is reported", () => {
    const network = fc.tuple(part, kinds);
    fc.assert(
      fc.property(network, network, nodeNames, fc.boolean(), ([first, a], [second, b], names, zones) => {
        fc.pre(first !== second);
        const nodes = names.map((name, index) =>
          primaryNode(name, index + 2, {
            transitAddresses: [`100.88.0.${index + 2}/16`],
            subnets: { [first]: [`10.1.${index}.0/24`], [second]: [`10.2.${index}.0/24`] },
          }),
        );
        const [home = ""] = names;
        const options = zones ? ({ ...today, mode: "interconnect", zone: home } as const) : today;
        const make = (): readonly BuiltNetwork[] =>
          [[first, ...a, 1] as const, [second, ...b, 2] as const].map(([name, topology, role, id]) =>
            buildNetwork(
              parseNetwork(topology, {
                name,
                role,
                networkId: id,
                subnets: `10.${id}.0.0/16`,
                ...(topology === "layer2" &&
                  role === "primary" &&
                  zones && { tunnelKeys: [16_711_683 + id, 16_715_779 + id] }),
              }),
              nothingObserved,
              topology === "layer2" && role === "primary" && !zones ? nodes.slice(0, 1) : nodes,
              [],
              options,
            ),
          );
        // A node may be called as what a primary network has beside its nodes' switches.
        if (
          (zones ? home === "join" : names.includes("join")) &&
          [a, b].some((kind) => kind.join() === "layer3,primary")
        ) {
          assert.throws(make, NameCollisionError);
          return;
        }
        const builds = make();
        const [one = new Set(), other = new Set()] = builds.map(
          ({ rows }) =>
            new Set(
              rows.flatMap(({ kind, name, identity, network: of }) =>
                of === undefined || identity !== undefined
                  ? []
                  : [`${rowKinds[kind as keyof typeof rowKinds].table} ${name}`],
              ),
            ),
        );
        if ([...one].some((name) => other.has(name)))
          assert.throws(() => checkCollisions(builds), NameCollisionError);
        else checkCollisions(builds);
        if (a[0] === b[0] && namePrefix(first) === namePrefix(second))
          assert.throws(() => checkCollisions(builds), NameCollisionError);
      }),
      { numRuns: 500 },
    );
  });
});

describe("an address pool", () => {
  it("finds what a plain search finds, whatever is excluded and held", () => {
    const range = fc.tuple(fc.nat(63), fc.nat(63)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.uniqueArray(fc.nat(63)), (excluded, held) => {
        const subnet = parseCidr("10.0.0.0/26");
        assert.ok(subnet);
        const at = (offset: number): bigint => subnet.first + BigInt(offset);
        const pool = new AddressPool(subnet, {
          excluded: excluded.map(([first, last]) => ({ family: 4, first: at(first), last: at(last) })),
        });
        const taken = new Set(held);
        const book = heldBy((text) => taken.has(Number(text.split(".")[3])));
        for (let count = 0; count < 64; count += 1) {
          const plain = Array.from({ length: 62 }, (_, index) => index + 1).find(
            (offset) =>
              !taken.has(offset) && !excluded.some(([first, last]) => first <= offset && offset <= last),
          );
          const found = pool.lowestFree(book, () => false);
          assert.equal(found, plain === undefined ? undefined : `10.0.0.${plain}`);
          if (plain === undefined) break;
          taken.add(plain);
        }
      }),
    );
  });

  it("passes over an excluded range without walking through it", () => {
    const subnet = parseCidr("10.0.0.0/8");
    assert.ok(subnet);
    const { first } = subnet;
    let looks = 0;
    const excluded: Interval = {
      family: 4,
      get first(): bigint {
        looks += 1;
        return first;
      },
      last: first + 9_999n,
    };
    const pool = new AddressPool(subnet, { excluded: [excluded] });
    assert.equal(
      pool.lowestFree(
        heldBy(() => false),
        () => false,
      ),
      "10.0.39.16",
    );
    assert.ok(looks > 0 && looks < 20, `looked at the range ${looks} times`);
  });

  it("comes back to an address that was claimed for a while", () => {
    const subnet = parseCidr("10.0.0.0/26");
    assert.ok(subnet);
    const pool = new AddressPool(subnet);
    const free = heldBy(() => false);
    assert.equal(
      pool.lowestFree(free, (text) => text === "10.0.0.1"),
      "10.0.0.2",
    );
    assert.equal(
      pool.lowestFree(free, () => false),
      "10.0.0.1",
    );
  });
});

/** A book that knows nothing of runs of addresses. */
function heldBy(isHeld: (address: string) => boolean): Pick<AddressBook, "isHeld" | "after"> {
  return { isHeld, after: ({ value }) => value + 1n };
}
