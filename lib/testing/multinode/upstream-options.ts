import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SandboxError } from "../errors.ts";
import type { EngineName } from "./options.ts";

/** How to start a checked-out ovn-fake-multinode; see {@link UpstreamMultinode}. */
export interface UpstreamOptions {
  /** Folder of the checkout. @default the variable OVN_FAKE_MULTINODE_PATH */
  readonly path?: string;
  /** What runs containers. @default podman, or docker where podman cannot */
  readonly engine?: EngineName;
  /** Image of all nodes. @default "localhost/ovn-multinode:latest", made by lib/testing/multinode-image.sh */
  readonly image?: string;
  /** Central nodes; with 3 the databases are clustered. @default 1 */
  readonly central?: 1 | 3;
  /** Relays of the southbound database. @default 0 */
  readonly relays?: number;
  /** @default 1 */
  readonly gateways?: number;
  /** @default 2 */
  readonly chassis?: number;
  /** Whether databases and chassis talk TLS to each other. @default true, as upstream */
  readonly tls?: boolean;
  /** Whether upstream makes its own networks and pods, which takes two chassis and a gateway at least. @default false */
  readonly fakeVms?: boolean;
  /** Milliseconds that the start may take. @default 120000 */
  readonly timeout?: number;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
}

/** The script that a checkout is known by. */
export const clusterScript = "ovn_cluster.sh";

/**
 * Folder of the checkout.
 *
 * @throws SandboxError when none is given or it is none.
 */
export function checkoutOf(options: UpstreamOptions): string {
  const path = options.path ?? process.env["OVN_FAKE_MULTINODE_PATH"];
  if (path === undefined || path === "") {
    throw new SandboxError("no ovn-fake-multinode: set OVN_FAKE_MULTINODE_PATH to the folder of a checkout");
  }
  if (!existsSync(join(path, clusterScript))) {
    throw new SandboxError(`${path} is no checkout of ovn-fake-multinode: it has no ${clusterScript}`);
  }
  return resolve(path);
}

/** Names that upstream's script gives to its nodes. */
export function upstreamNodes(options: UpstreamOptions): {
  readonly central: readonly string[];
  readonly relays: readonly string[];
  readonly gateways: readonly string[];
  readonly chassis: readonly string[];
} {
  const { central = 1, relays = 0, gateways = 1, chassis = 2, fakeVms = false } = options;
  const names = (count: number, prefix: string): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  return {
    central: central === 1 ? ["ovn-central-az1"] : names(central, "ovn-central-az1-"),
    relays: names(relays, "ovn-central-az1-relay-"),
    gateways: names(fakeVms ? Math.max(1, gateways) : gateways, "ovn-gw-"),
    chassis: names(fakeVms ? Math.max(2, chassis) : chassis, "ovn-chassis-"),
  };
}

/** Where things of a cluster are, and what switches its packets. */
export interface UpstreamPlace {
  /** Program that runs containers: the engine, or what stands in for it. */
  readonly engine: string;
  readonly image: string;
  /** Folder that all nodes see as /data. */
  readonly shared: string;
  /** Run directory of the Open vSwitch that joins the nodes. */
  readonly switchDirectory: string;
  readonly datapath: "system" | "netdev";
}

/** The variables that upstream's script reads. All that matter are set: its caller's environment must not. */
export function upstreamEnvironment(
  options: UpstreamOptions,
  place: UpstreamPlace,
): Readonly<Record<string, string>> {
  const nodes = upstreamNodes(options);
  const word = (yes: boolean): string => (yes ? "yes" : "no");
  return {
    RUNC_CMD: place.engine,
    CENTRAL_IMAGE: place.image,
    CHASSIS_IMAGE: place.image,
    GW_IMAGE: place.image,
    RELAY_IMAGE: place.image,
    CENTRAL_COUNT: "1",
    CENTRAL_NAME: "",
    CENTRAL_PREFIX: "ovn-central-az",
    CHASSIS_PREFIX: "ovn-chassis-",
    OVN_DB_CLUSTER: word(nodes.central.length > 1),
    RELAY_COUNT: String(nodes.relays.length),
    GW_COUNT: String(nodes.gateways.length),
    CHASSIS_COUNT: String(nodes.chassis.length),
    ENABLE_SSL: word(options.tls ?? true),
    ENABLE_ETCD: "no",
    CREATE_FAKE_VMS: word(options.fakeVms ?? false),
    OVN_DP_TYPE: place.datapath,
    OVN_BR_CLEANUP: "yes",
    FAKENODE_MNT_DIR: place.shared,
    OVS_RUNDIR: place.switchDirectory,
  };
}
