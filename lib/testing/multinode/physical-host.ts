import { mkdirSync } from "node:fs";
import { CommandError } from "../errors.ts";
import type { RunOptions } from "../run-program.ts";
import type { ChassisSettings } from "./chassis.ts";
import { startSwitch, vsctl } from "./chassis.ts";
import type { ClusterContext } from "./fake-node.ts";
import { FakeNode } from "./fake-node.ts";
import type { Route } from "./pod.ts";
import { endScript } from "./pod.ts";
import { externalBridge } from "./wiring.ts";

/** A machine on the external network that knows nothing of OVN. */
export interface PhysicalHostOptions {
  /** Name in the cluster. @default "ovn-host-1", ... */
  readonly name?: string;
  /** Addresses with prefix length. @default none */
  readonly addresses?: readonly string[];
  /** @default none */
  readonly routes?: readonly Route[];
  /** IEEE 802.1Q tag of its frames on the external network. @default untagged */
  readonly vlan?: number;
}

/** A machine on the external network; made by {@link FakeMultinode.addPhysicalHost}. */
export class PhysicalHost {
  /** Name in the cluster. */
  readonly name: string;
  /** Its interface with the addresses. */
  readonly interface: string;
  readonly #context: ClusterContext;

  constructor(context: ClusterContext, name: string, device: string) {
    this.#context = context;
    this.name = name;
    this.interface = device;
  }

  /** Runs a program on the host and returns its standard output. @throws CommandError for another exit code than 0. */
  exec(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const env = { ...this.#context.env, ...options.env };
    return this.#context.host.run(this.name, command, args, { ...options, env });
  }
}

/**
 * Makes a physical host.
 *
 * @param port name of its interface's other end, at the external bridge
 */
export async function startPhysicalHost(
  context: ClusterContext,
  settings: Pick<ChassisSettings, "datapath" | "emptyDatabase">,
  name: string,
  port: string,
  options: PhysicalHostOptions,
): Promise<PhysicalHost> {
  await context.host.script(`
ip netns add ${name}
ip link add ${port} type veth peer name eth0 netns ${name}
ip link set ${port} master ${externalBridge} up
nsenter --net=/run/netns/${name} /bin/sh -e <<'INSIDE'
ip link set eth0 up
ethtool -K eth0 tx off >/dev/null
INSIDE`);
  const device = options.vlan === undefined ? "eth0" : `vlan${options.vlan}`;
  if (options.vlan !== undefined) {
    await addVlan(context, settings, name, device, options.vlan);
  }
  await context.host.script(endScript(name, device, options.addresses ?? [], options.routes ?? []));
  return new PhysicalHost(context, name, device);
}

/** Linux's own VLAN interface where the kernel has such, else an access port of a small switch. */
async function addVlan(
  context: ClusterContext,
  settings: Pick<ChassisSettings, "datapath" | "emptyDatabase">,
  name: string,
  device: string,
  vlan: number,
): Promise<void> {
  try {
    const link = ["link", "add", "link", "eth0", "name", device, "type", "vlan", "id", String(vlan)];
    await context.host.run(name, "ip", link);
    return;
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
  }
  const node = new FakeNode(context, { name, kind: "chassis", index: 0, address: "", chassisId: name });
  mkdirSync(node.directory, { recursive: true });
  const type = settings.datapath === "system" ? "system" : "netdev";
  await startSwitch(node, settings, [], async () => {
    await vsctl(node, [
      ...["--may-exist", "add-br", "br-host", "--", "set", "Bridge", "br-host", `datapath_type=${type}`],
      ...["--", "--may-exist", "add-port", "br-host", "eth0"],
      ...["--", "--may-exist", "add-port", "br-host", device, `tag=${vlan}`],
      ...["--", "set", "Interface", device, "type=internal"],
    ]);
  });
}
