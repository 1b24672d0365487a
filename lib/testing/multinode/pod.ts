import { ask } from "../control.ts";
import { SandboxError } from "../errors.ts";
import { pollUntil } from "../poll.ts";
import type { RunOptions } from "../run-program.ts";
import { switchSocket, vsctl } from "./chassis.ts";
import { leaseScript } from "./dhcp.ts";
import type { ClusterContext, FakeNode } from "./fake-node.ts";
import type { Datapath } from "./options.ts";

/** A route of a pod or host. */
export interface Route {
  /** Destination, such as "10.0.0.0/8" or "default". */
  readonly to: string;
  readonly via: string;
}

/** One interface of a pod, bound to a logical switch port. */
export interface PodInterfaceOptions {
  /** Name of the logical switch port; it may also be made later, with `wait: false`. */
  readonly port: string;
  /** Name of the interface in the pod. @default "eth0" */
  readonly interface?: string;
  /**
   * What the port's `options:iface-id-ver` has to match, such as the pod's uid on a port that OVN-Kubernetes made; a
   * chassis binds no interface that lacks it. @default none
   */
  readonly version?: string;
  /** MAC address. @default chosen by the kernel */
  readonly mac?: string;
  /** Addresses with prefix length, such as "10.33.2.3/24" or "fd00::3/64"; or "dhcp": asked for by DHCPv4. @default none */
  readonly addresses?: readonly string[] | "dhcp";
  /** @default none */
  readonly routes?: readonly Route[];
  /** Bytes. @default 1400, what a tunnel over the underlay leaves */
  readonly mtu?: number;
  /** Whether to wait until the chassis has bound the port and installed its flows. @default true */
  readonly wait?: boolean;
}

/** A pod: a network namespace with one interface at first. */
export interface PodOptions extends PodInterfaceOptions {
  /** Name of the pod in the cluster; not one of a node. @default the logical port's name */
  readonly name?: string;
}

const defaultMtu = 1400;

/** What a pod is made in. */
export interface PodPlace {
  readonly context: ClusterContext;
  readonly node: FakeNode;
  readonly datapath: Datapath;
  /** Names for interfaces on nodes, never the same twice. */
  readonly nextInterface: () => string;
  /** Is called when the pod is gone. */
  readonly onRemove: () => void;
}

/** A network namespace on a node, with interfaces that are bound to logical ports; made by {@link FakeMultinode.addPod}. */
export class Pod {
  /** Name of the pod in its cluster. */
  readonly name: string;
  readonly #place: PodPlace;
  // Interface in the pod -> interface on the node.
  readonly #interfaces = new Map<string, string>();

  constructor(name: string, place: PodPlace) {
    this.name = name;
    this.#place = place;
  }

  /** The node it is on. */
  get node(): FakeNode {
    return this.#place.node;
  }

  /** Runs a program in the pod and returns its standard output. @throws CommandError for another exit code than 0. */
  exec(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    if (this.#place.datapath === "dummy") {
      throw new SandboxError(
        `${this.name}: with the dummy datapath a pod is a logical port and nothing else`,
      );
    }
    const env = { ...this.#place.context.env, ...options.env };
    return this.#place.context.host.run(this.name, command, args, { ...options, env });
  }

  /** Adds an interface that is bound to another logical port. */
  async addInterface(options: PodInterfaceOptions): Promise<void> {
    const inside = options.interface ?? "eth0";
    if (this.#interfaces.has(inside)) {
      throw new SandboxError(`${this.name} has an interface "${inside}" already`);
    }
    const { context, node, datapath, nextInterface } = this.#place;
    const outside = nextInterface();
    if (datapath !== "dummy") {
      await context.host.script(interfaceScript(this.name, node.name, inside, outside, options));
    }
    this.#interfaces.set(inside, outside);
    await vsctl(node, [
      ...["add-port", "br-int", outside, "--"],
      ...["set", "Interface", outside, `external_ids:iface-id=${JSON.stringify(options.port)}`],
      ...(options.version === undefined
        ? []
        : [`external_ids:iface-id-ver=${JSON.stringify(options.version)}`]),
      ...(options.mac === undefined ? [] : [`external_ids:attached-mac="${options.mac}"`]),
      ...(datapath === "dummy" ? ["type=dummy"] : []),
    ]);
    if (options.wait !== false) {
      await this.untilInstalled(inside);
    }
    if (options.addresses === "dhcp") {
      await this.exec("udhcpc", [
        ...["-i", inside, "-f", "-n", "-q", "-t", "20", "-T", "1"],
        ...["-s", leaseScript(context.directory)],
      ]);
    }
  }

  /** Takes an interface away, and with it the binding of its logical port. */
  async removeInterface(name = "eth0"): Promise<void> {
    const outside = this.#interfaces.get(name);
    if (outside === undefined) {
      throw new SandboxError(`${this.name} has no interface "${name}"`);
    }
    this.#interfaces.delete(name);
    await vsctl(this.node, ["--if-exists", "del-port", "br-int", outside]);
    if (this.#place.datapath !== "dummy") {
      await this.#place.context.host.run(this.node.name, "ip", ["link", "delete", outside]);
    }
  }

  /** Takes the pod away with all its interfaces. */
  async remove(): Promise<void> {
    for (const name of this.#interfaces.keys()) {
      await this.removeInterface(name);
    }
    if (this.#place.datapath !== "dummy") {
      await this.#place.context.host.run(undefined, "ip", ["netns", "delete", this.name]);
    }
    this.#place.onRemove();
  }

  /** The global addresses of an interface, with prefix lengths, such as a DHCP server may have given. */
  async addresses(name = "eth0"): Promise<string[]> {
    const text = await this.exec("ip", ["-o", "address", "show", "dev", name, "scope", "global"]);
    return [...text.matchAll(/ inet6? (\S+)/g)].map((match) => match[1] ?? "");
  }

  /** Resolves when the chassis has bound the interface's port and all its flows are in place. */
  async untilInstalled(name = "eth0"): Promise<void> {
    const outside = this.#interfaces.get(name);
    const { context, node } = this.#place;
    const select = {
      op: "select",
      table: "Interface",
      where: [
        ["name", "==", outside],
        ["external_ids", "includes", ["map", [["ovn-installed", "true"]]]],
      ],
      columns: ["name"],
    };
    await pollUntil(
      `${node.name} has bound the logical port of ${this.name} ${name}`,
      context.timeout,
      async (signal) => {
        const reply = await ask(switchSocket(node), "transact", ["Open_vSwitch", select], signal);
        const [selected] = reply as readonly { readonly rows?: readonly unknown[] }[];
        return selected?.rows?.length === 1;
      },
      context.signal,
    );
  }
}

function interfaceScript(
  pod: string,
  node: string,
  inside: string,
  outside: string,
  { mac, addresses, routes, mtu }: PodInterfaceOptions,
): string {
  const address = mac === undefined ? "" : ` address ${mac}`;
  return `
[ -e /run/netns/${pod} ] || ip netns add ${pod}
ip link add ${outside} mtu ${mtu ?? defaultMtu} netns ${node} type veth peer name ${inside}${address} mtu ${mtu ?? defaultMtu} netns ${pod}
nsenter --net=/run/netns/${node} ip link set ${outside} up
${endScript(pod, inside, addresses === "dhcp" ? [] : (addresses ?? []), routes ?? [])}
`;
}

/** A shell script that configures an interface at the end of everything: of a pod or of a physical host. */
export function endScript(
  namespace: string,
  device: string,
  addresses: readonly string[],
  routes: readonly Route[],
): string {
  const words = [device, ...addresses, ...routes.flatMap(({ to, via }) => [to, via])];
  const bad = words.find((word) => !/^[\w.:/-]+$/.test(word));
  if (bad !== undefined) {
    throw new SandboxError(`${namespace}: ${JSON.stringify(bad)} is no name, address or route`);
  }
  // Duplicate address detection would keep an IPv6 address from use for a second.
  const added = addresses.map(
    (one) => `address add ${one} dev ${device}${one.includes(":") ? " nodad" : ""}`,
  );
  return `
nsenter --net=/run/netns/${namespace} /bin/sh -e <<'INSIDE'
echo 0 > /proc/sys/net/ipv6/conf/${device}/accept_dad || :
ip -batch - <<'END'
link set lo up
${added.join("\n")}
link set ${device} up
${routes.map(({ to, via }) => `route add ${to} via ${via} dev ${device}`).join("\n")}
END
ethtool -K ${device} tx off >/dev/null
INSIDE`;
}
