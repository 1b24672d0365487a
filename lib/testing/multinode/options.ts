import { checkBooleans, checkOptions } from "../../jsonrpc/index.ts";
import { checkChoice, checkStart, checkTexts, notOfType } from "../check-options.ts";
import { SandboxError } from "../errors.ts";
import type { BackendKind } from "./backend.ts";

/** How packets are switched on a node; see {@link FakeMultinodeOptions.datapath}. */
export type Datapath = "system" | "netdev" | "dummy";

/** A program that runs containers. */
export type EngineName = "podman" | "docker";

/** A chassis or gateway by more than its name. */
export interface ChassisOptions {
  /** Name of the node, also its hostname in the southbound database. */
  readonly name: string;
  /** Its `system-id`, the name of its row in `Chassis`. @default the node's name */
  readonly chassisId?: string;
}

/** What a {@link FakeMultinode} consists of. The defaults are those of ovn-fake-multinode. */
export interface FakeMultinodeOptions {
  /**
   * Nodes with the databases and ovn-northd: 1, or 3 for clustered databases (RAFT); or their names.
   * @default 1, which is named "ovn-central-az1" (three: "ovn-central-az1-1" to "-3")
   */
  readonly central?: 1 | 3 | readonly string[];
  /** Relays of the southbound database, which all chassis then connect to. @default 0 ("ovn-central-az1-relay-1", ...) */
  readonly relays?: number | readonly string[];
  /** Chassis with `enable-chassis-as-gw`. @default 1 ("ovn-gw-1", ...) */
  readonly gateways?: number | readonly (string | ChassisOptions)[];
  /** Chassis. @default 2 ("ovn-chassis-1", ...) */
  readonly chassis?: number | readonly (string | ChassisOptions)[];
  /** Names that every chassis maps to its external bridge `br-ex`, for localnet ports. @default ["public"] */
  readonly physicalNetworks?: readonly string[];
  /** Whether databases, relays and chassis talk TLS to each other, with keys made for this cluster. @default false */
  readonly tls?: boolean;
  /**
   * "system": Open vSwitch's kernel module. "netdev": in userspace, needs /dev/net/tun and no module. "dummy": no
   * packets at all, for the size of clusters and databases. "auto": the first of the former two that is possible.
   * @default "auto"
   */
  readonly datapath?: "auto" | Datapath;
  /**
   * "namespaces": nodes are network namespaces, with this machine's programs. "containers": nodes are privileged
   * containers, which needs root, and an image with OVN's packages such as lib/testing/multinode-image.sh makes. Pods are
   * network namespaces in both. "auto": the first that is possible.
   * @default "auto"
   */
  readonly backend?: "auto" | BackendKind;
  /** What runs containers. @default podman, or docker where podman cannot */
  readonly engine?: EngineName;
  /** What containers are made from; no image is pulled. @default "localhost/ovn-multinode:latest" */
  readonly image?: string;
  /** Absolute paths on this machine that containers see, too, at the same place. @default none */
  readonly mounts?: readonly string[];
  /** Milliseconds that anything may take to become ready. @default 30000 */
  readonly timeout?: number;
  /** Leaves the directory there after the end. @default whether KEEP_SANDBOX is set and neither empty nor 0 */
  readonly keepDirectory?: boolean;
  /** Where the private directory is made; its path has to be short. @default the system's temp directory */
  readonly parentDirectory?: string;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
}

const OPTIONS: Readonly<Record<keyof FakeMultinodeOptions, true>> = {
  central: true,
  relays: true,
  gateways: true,
  chassis: true,
  physicalNetworks: true,
  tls: true,
  datapath: true,
  backend: true,
  engine: true,
  image: true,
  mounts: true,
  timeout: true,
  keepDirectory: true,
  parentDirectory: true,
  signal: true,
};

/** What a node is for. */
export type NodeKind = "central" | "relay" | "gateway" | "chassis";

/** One node, planned. */
export interface NodePlan {
  readonly name: string;
  readonly kind: NodeKind;
  /** Position in the cluster, from 0: the names of its interfaces are made of it. */
  readonly index: number;
  /** IPv4 address on the underlay. */
  readonly address: string;
  readonly chassisId: string;
}

/** The options, checked and with their defaults. */
export interface ClusterPlan {
  readonly nodes: readonly NodePlan[];
  readonly physicalNetworks: readonly string[];
  readonly tls: boolean;
  readonly datapath: "auto" | Datapath;
  readonly timeout: number;
  readonly keep: boolean;
  readonly tellKept: boolean;
}

const defaultTimeout = 30_000;

/** The host's own address on the underlay, and the underlay's prefix length: ovn-fake-multinode's. */
export const underlay = { host: "170.168.0.1", prefixLength: 16 } as const;

// The first node has .2, as the host is .1.
const firstNode = 2;
const maxNodes = 60_000;

// File names, host names and interface labels at once.
const validName = /^[a-z0-9]([a-z0-9._-]{0,39})$/i;

/**
 * Names and addresses of the nodes: central, gateways, relays, chassis get 170.168.0.2 and up in this order.
 *
 * @throws SandboxError for names that are taken twice or cannot be names, and for impossible numbers, UsageError for an option that nobody
 *   reads, and for a value that is not of its type.
 */
export function planCluster(options: FakeMultinodeOptions): ClusterPlan {
  checkOptions(options, OPTIONS);
  checkStart(options);
  checkBooleans(options, ["tls"]);
  checkChoice("datapath", options.datapath, ["auto", "system", "netdev", "dummy"]);
  checkChoice("backend", options.backend, ["auto", "namespaces", "containers"]);
  checkChoice("engine", options.engine, ["podman", "docker"]);
  checkTexts("physicalNetworks", options.physicalNetworks);
  checkTexts("mounts", options.mounts);
  const central = names("central", options.central ?? 1, (index, count) =>
    count === 1 ? "ovn-central-az1" : `ovn-central-az1-${index}`,
  );
  if (central.length !== 1 && central.length !== 3) {
    throw new SandboxError(`central: ${central.length} nodes, there can be 1 or 3`);
  }
  const kinds: readonly [NodeKind, readonly ChassisOptions[]][] = [
    ["central", central],
    ["gateway", names("gateways", options.gateways ?? 1, (index) => `ovn-gw-${index}`)],
    ["relay", names("relays", options.relays ?? 0, (index) => `ovn-central-az1-relay-${index}`)],
    ["chassis", names("chassis", options.chassis ?? 2, (index) => `ovn-chassis-${index}`)],
  ];
  const nodes = kinds
    .flatMap(([kind, list]) => list.map((one) => ({ kind, ...one })))
    .map(
      ({ kind, name, chassisId }, index): NodePlan => ({
        kind,
        name,
        index,
        address: nodeAddress(index),
        chassisId: chassisId ?? name,
      }),
    );
  if (nodes.length > maxNodes) {
    throw new SandboxError(`${nodes.length} nodes, the underlay has room for ${maxNodes}`);
  }
  const taken = new Set<string>();
  for (const { name } of nodes) {
    checkName(name);
    if (taken.has(name)) {
      throw new SandboxError(`two nodes are named "${name}"`);
    }
    taken.add(name);
  }
  const physicalNetworks = options.physicalNetworks ?? ["public"];
  const bad = physicalNetworks.find((name) => !/^[^\s:,"]+$/.test(name));
  if (bad !== undefined) {
    throw new SandboxError(`physicalNetworks: "${bad}" cannot be a name in ovn-bridge-mappings`);
  }
  return {
    nodes,
    physicalNetworks,
    tls: options.tls === true,
    datapath: options.datapath ?? "auto",
    timeout: options.timeout ?? defaultTimeout,
    keep: options.keepDirectory ?? !["", "0"].includes(process.env["KEEP_SANDBOX"] ?? ""),
    tellKept: options.keepDirectory === undefined,
  };
}

/** A unicast MAC made from an IPv4 address: a node that comes back has the one its peers still remember. */
export function macOfNode(address: string): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["02", "00", ...bytes].join(":");
}

/** @throws SandboxError when this cannot be the name of a node, pod or host. */
export function checkName(name: string): void {
  if (typeof name !== "string" || !validName.test(name)) {
    throw new SandboxError(
      `${JSON.stringify(name)} cannot be a name here: at most 40 letters, digits, ".", "_", "-"`,
    );
  }
}

function nodeAddress(index: number): string {
  const number = firstNode + index;
  return `170.168.${number >> 8}.${number & 0xff}`;
}

function names(
  what: string,
  wanted: number | readonly (string | ChassisOptions)[],
  nameOf: (index: number, count: number) => string,
): ChassisOptions[] {
  if (typeof wanted !== "number") {
    if (!Array.isArray(wanted))
      throw notOfType(`${what} is a number of nodes, or a list of their names`, wanted);
    return wanted.map((one: string | ChassisOptions) => (typeof one === "string" ? { name: one } : one));
  }
  if (!Number.isSafeInteger(wanted) || wanted < 0 || wanted > maxNodes) {
    throw new SandboxError(`${what}: ${wanted} is not a number of nodes`);
  }
  return Array.from({ length: wanted }, (_, index) => ({ name: nameOf(index + 1, wanted) }));
}
