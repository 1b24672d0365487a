import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../control.ts";
import { socketPath } from "../sandbox-directory.ts";
import type { TlsFiles } from "../tls-material.ts";
import { tlsOptions } from "../tls-material.ts";
import type { Backend } from "./backend.ts";
import type { FakeNode } from "./fake-node.ts";
import type { Datapath } from "./options.ts";
import { macOfNode } from "./options.ts";
import { underlayScript } from "./wiring.ts";

/** What all chassis of a cluster have in common. */
export interface ChassisSettings {
  readonly host: Backend;
  readonly datapath: Datapath;
  readonly physicalNetworks: readonly string[];
  /** Where ovn-controller finds the southbound database. */
  readonly southbound: string;
  readonly keys: TlsFiles | undefined;
  /** An empty Open_vSwitch database, to be copied. */
  readonly emptyDatabase: string;
}

/** The socket of a node's Open_vSwitch database. */
export function switchSocket(node: FakeNode): string {
  return socketPath(node.directory, "db.sock");
}

/** Runs ovs-vsctl(8) on a node's switch. It waits until the switch did as told, unless that does not run yet. */
export function vsctl(node: FakeNode, args: readonly string[]): Promise<string> {
  return node.exec("ovs-vsctl", [`--db=unix:${switchSocket(node)}`, "--timeout=30", ...args]);
}

/** Starts Open vSwitch on a node: its database, with the given settings in its first row, and ovs-vswitchd. */
export async function startSwitch(
  node: FakeNode,
  settings: Pick<ChassisSettings, "datapath" | "emptyDatabase">,
  globals: readonly string[],
  afterStart: () => Promise<void>,
): Promise<void> {
  const database = join(node.directory, "conf.db");
  copyFileSync(settings.emptyDatabase, database);
  const socket = switchSocket(node);
  await node.startDaemon({
    name: "ovsdb-server",
    program: "ovsdb-server",
    args: [`--remote=punix:${socket}`, database],
    isReady: async (_daemon, signal) => Array.isArray(await ask(socket, "list_dbs", [], signal)),
  });
  await vsctl(node, ["--no-wait", "init", "--", "set", "Open_vSwitch", ".", ...threads, ...globals]);
  const datapath = settings.datapath === "system" ? [] : ["--disable-system"];
  const dummy = settings.datapath === "dummy" ? ["--enable-dummy=override"] : [];
  await node.startDaemon({
    name: "ovs-vswitchd",
    program: "ovs-vswitchd",
    args: [...datapath, ...dummy, `unix:${socket}`],
    isReady: async (daemon) => (await daemon.appctl("version")) !== "",
    afterStart,
  });
}

// Many switches share few processors here.
const threads = ["other_config:n-handler-threads=1", "other_config:n-revalidator-threads=1"] as const;

/** Starts Open vSwitch and ovn-controller(8) on a chassis or gateway, set up as ovn-fake-multinode does. */
export async function startChassis(node: FakeNode, settings: ChassisSettings): Promise<void> {
  const { datapath, host } = settings;
  await startSwitch(node, settings, globalSettings(node, settings), async () => {
    const type = datapath === "system" ? "system" : "netdev";
    await vsctl(node, [
      ...bridge("br-ex", type),
      ...(datapath === "netdev" ? ["--", ...bridge("br-eth", type)] : []),
      // The tunnel's peers learn one MAC, whichever of the two interfaces answers.
      ...(datapath === "netdev"
        ? ["--", "set", "Bridge", "br-eth", `other-config:hwaddr="${macOfNode(node.address)}"`]
        : []),
      ...(datapath === "netdev" ? ["--", "--may-exist", "add-port", "br-eth", "eth1"] : []),
      ...(datapath === "dummy" ? [] : ["--", "--may-exist", "add-port", "br-ex", "eth2"]),
    ]);
    const script = underlayScript(node.address, datapath);
    if (script !== undefined) {
      await host.run(node.name, "/bin/sh", ["-es"], { input: script });
    }
  });
  await node.startDaemon({
    name: "ovn-controller",
    program: "ovn-controller",
    ownControlSocket: true,
    args: [...tlsOptions(settings.keys), `unix:${switchSocket(node)}`],
    // Open vSwitch 3.7 leaves it to who shows an answer to end the line.
    isReady: async (daemon) => (await daemon.appctl("connection-status")).trimEnd() === "connected",
  });
}

function bridge(name: string, type: string): string[] {
  return [
    ...["--may-exist", "add-br", name, "--"],
    ...["set", "Bridge", name, `datapath_type=${type}`, "fail_mode=standalone"],
  ];
}

function globalSettings(node: FakeNode, settings: ChassisSettings): string[] {
  const ids: Readonly<Record<string, string>> = {
    "system-id": node.chassisId,
    hostname: node.name,
    "ovn-remote": settings.southbound,
    "ovn-encap-type": "geneve",
    "ovn-encap-ip": node.address,
    "ovn-bridge-mappings": settings.physicalNetworks.map((name) => `${name}:br-ex`).join(","),
    "ovn-bridge-datapath-type": settings.datapath === "system" ? "system" : "netdev",
    "ovn-remote-probe-interval": "180000",
    "ovn-openflow-probe-interval": "60",
    "ovn-is-interconn": "true",
    ...(node.kind === "gateway" ? { "ovn-cms-options": "enable-chassis-as-gw" } : {}),
  };
  return Object.entries(ids).map(([key, value]) => `external_ids:${key}=${JSON.stringify(value)}`);
}
