import { everyRow, selectOp } from "../../lib/ovsdb/index.ts";
import { connectNorthbound } from "../../lib/schemas/index.ts";
import type { Sandbox } from "../../lib/testing/index.ts";
import {
  type AttachmentInput,
  type NetworkInput,
  type NetworkRequest,
  type NodeInput,
  type Northbound,
  type Plan,
  type PolicyRequest,
  type Profile,
  parseNetwork,
  planDeletion,
  planTopology,
  type ServiceInput,
  type TopologyName,
  type TopologyRequest,
} from "../../lib/topology/index.ts";
import { dumpNorthbound } from "./dump.ts";
import type { SandboxHandle } from "./use-sandbox.ts";

/** A network, its nodes and its pods, written briefly. */
export interface Brief {
  readonly topology: TopologyName;
  readonly input: NetworkInput;
  readonly nodes?: readonly (string | NodeInput)[];
  readonly pods?: readonly (string | Partial<AttachmentInput>)[];
  readonly policies?: PolicyRequest;
  readonly services?: readonly ServiceInput[];
}

/** The node of pods that name none. */
export const firstNode = "n1";

/** `pod("a")` is pod default/a on node n1 with NAD default/net. */
export function pod(given: string | Partial<AttachmentInput>, nad = "default/net"): AttachmentInput {
  const more = typeof given === "string" ? { name: given } : given;
  return { namespace: "default", name: "a", node: firstNode, nad, ...more };
}

/** A node with a chassis id. */
export function node(given: string | NodeInput): NodeInput {
  return typeof given === "string" ? { name: given, chassisId: `chassis-of-${given}` } : given;
}

/** A request as `planTopology` takes it; NAD keys default to `default/<network>`. */
export function requestFor(
  briefs: Brief | readonly Brief[],
  options: Omit<TopologyRequest, "networks"> = {},
): TopologyRequest {
  const list: readonly Brief[] = "topology" in briefs ? [briefs] : briefs;
  return {
    ...options,
    networks: list.map(
      ({ topology, input, nodes = [firstNode], pods = [], policies, services }): NetworkRequest => {
        const nad = `default/${input.name}`;
        return {
          spec: parseNetwork(topology, { nad, ...input }),
          nodes: nodes.map(node),
          attachments: pods.map((each) => pod(each, nad)),
          ...(policies && { policies }),
          ...(services && { services }),
        };
      },
    ),
  };
}

/** A layer2 network "net" with the given pods. */
export function layer2Brief(pods: Brief["pods"] = [], input: Partial<NetworkInput> = {}): Brief {
  return {
    topology: "layer2",
    input: { name: "net", subnets: "10.1.0.0/24", ...input },
    nodes: ["n1", "n2"],
    pods,
  };
}

/** A layer3 network "net" with nodes n1 and n2 and the given pods. */
export function layer3Brief(pods: Brief["pods"] = [], input: Partial<NetworkInput> = {}): Brief {
  return {
    topology: "layer3",
    input: { name: "net", subnets: "10.3.0.0/16/24", ...input },
    nodes: ["n1", "n2"],
    pods,
  };
}

/** A localnet network "net" with the given pods. */
export function localnetBrief(pods: Brief["pods"] = [], input: Partial<NetworkInput> = {}): Brief {
  return {
    topology: "localnet",
    input: { name: "net", subnets: "10.4.0.0/24", vlanID: 20, ...input },
    nodes: ["n1", "n2"],
    pods,
  };
}

/** Name of the port of a {@link pod} on network "net". */
export function portOf(name: string, nad = "default/net"): string {
  return `${nad.replaceAll(/[-/]/g, ".")}_default_${name}`;
}

/** Arguments for ovn-nbctl from one command a line; words with spaces stand in quotes. */
export function nbctlArguments(script: string): string[] {
  return script
    .split("\n")
    .map((line) => [...line.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(([word, a, b]) => a ?? b ?? word))
    .filter((words) => words.length > 0)
    .flatMap((words, index) => (index === 0 ? words : ["--", ...words]));
}

/** Waits for what is committed already: any reply of the server comes after the changes before it. */
export async function catchUp(nb: Northbound): Promise<void> {
  await nb.transact((tx) => tx.raw(selectOp("NB_Global", everyRow, ["_uuid"])));
}

/** What removes everything that topologies are made of, as ovn-nbctl takes it. */
export const emptying: string = [
  "Logical_Switch",
  "Logical_Router",
  "Load_Balancer_Group",
  "Load_Balancer",
  "Port_Group",
  "Address_Set",
  "Static_MAC_Binding",
  "DHCP_Options",
  "Copp",
  "Meter",
]
  .map((table) => `--all destroy ${table}`)
  .join("\n");

/** What tests of topologies do again and again against one sandbox. */
export class TopologyBench {
  readonly #handle: SandboxHandle;
  #northbound: Northbound | undefined;

  constructor(handle: SandboxHandle) {
    this.#handle = handle;
  }

  get sandbox(): Sandbox {
    return this.#handle.sandbox;
  }

  /** The connection of the running test. */
  get nb(): Northbound {
    if (this.#northbound === undefined) throw new Error("the connection exists only while a test runs");
    return this.#northbound;
  }

  async open(): Promise<void> {
    this.#northbound = await connectNorthbound(this.sandbox.northbound.remote);
  }

  /** Closes the connection and empties the database by a tool that is not ours. */
  async close(): Promise<void> {
    await this.#northbound?.close();
    this.#northbound = undefined;
    await this.nbctl(emptying);
  }

  /** Runs ovn-nbctl with one command a line, all in one transaction; words with spaces stand in quotes. */
  async nbctl(script: string): Promise<string> {
    const output = await this.sandbox.run("ovn-nbctl", nbctlArguments(script));
    if (this.#northbound !== undefined) await catchUp(this.#northbound);
    return output.trim();
  }

  /** One column of one row, as `ovn-nbctl get` prints it. */
  get(table: string, row: string, column: string): Promise<string> {
    return this.nbctl(`get ${table} ${row} ${column}`);
  }

  plan(briefs: Brief | readonly Brief[], options: Omit<TopologyRequest, "networks"> = {}): Plan {
    return planTopology(this.nb, requestFor(briefs, options));
  }

  /** Plans and applies, and proves that nothing is left to do then. Returns what was changed, as {@link changesOf}. */
  async apply(
    briefs: Brief | readonly Brief[],
    options: Omit<TopologyRequest, "networks"> = {},
  ): Promise<readonly string[]> {
    const plan = this.plan(briefs, options);
    const applied = await plan.apply();
    const rest = this.plan(briefs, options);
    if (rest.operations.length > 0 || rest.changes.length > 0) {
      throw new Error(`a second apply has something to do: ${JSON.stringify(rest.changes)}`);
    }
    return changesOf(applied);
  }

  async delete(networks: readonly string[], options: { readonly force?: boolean } = {}): Promise<void> {
    await planDeletion(this.nb, { networks, pods: [], ...options }).apply();
  }

  /** All rows and columns, with uuids, as ovsdb-client prints them: for "nothing at all has changed". */
  async everything(): Promise<string> {
    const text = await this.sandbox.run("ovsdb-client", [
      "-f",
      "csv",
      "dump",
      this.sandbox.northbound.remote,
      "OVN_Northbound",
    ]);
    return text
      .split("\n\n")
      .map((table) => table.split("\n").toSorted().join("\n"))
      .filter((table) => !table.includes("NB_Global"))
      .join("\n\n");
  }

  /** Rows by table with names in the places of uuids, see {@link dumpNorthbound}. */
  async tables(): Promise<Awaited<ReturnType<typeof dumpNorthbound>>["tables"]> {
    return (await dumpNorthbound(this.sandbox)).tables;
  }

  /** `addresses` of every port that has a MAC in it, by port name, as ovn-nbctl shows them. */
  async addresses(): Promise<Readonly<Record<string, string>>> {
    const text = await this.nbctl("--format=json --columns=name,addresses list Logical_Switch_Port");
    const { data } = JSON.parse(text) as { data: [string, string | [string, string[]]][] };
    return Object.fromEntries(
      data.map(([name, cell]) => [name, typeof cell === "string" ? cell : cell[1].join("; ")]),
    );
  }
}

/** One sandbox for the file, and for every test a new connection to an empty database. */
export function useTopologyBench(handle: SandboxHandle): TopologyBench {
  const bench = new TopologyBench(handle);
  beforeEach(() => bench.open());
  afterEach(() => bench.close());
  return bench;
}

/** Changes as short lines: `update Logical_Switch net_n1: other_config:subnet`. */
export function changesOf(plan: Pick<Plan, "changes">): readonly string[] {
  return plan.changes
    .map(({ action, table, name, columns }) => {
      const changed = Object.keys(columns).toSorted().join(" ");
      return `${action} ${table} ${name}${action === "update" && changed !== "" ? `: ${changed}` : ""}`;
    })
    .toSorted();
}

/** Both profiles: today's, and that of 2023. */
export const profiles = ["ovn-kubernetes", "ovn-kubernetes-2023"] as const satisfies Profile[];
