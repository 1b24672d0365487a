import {
  type Cidr,
  type Family,
  formatAddress,
  parseAddress,
  parseCidr,
  parseInterface,
} from "../description/address.ts";
import { addressIn } from "../description/interface-address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { gatewayRouterName, layer2SwitchName, nodeSwitchName } from "../naming/names.ts";
import type { NodeInput } from "../request/inputs.ts";

/** A node, as far as services have to do with it. */
export interface ServiceNode {
  readonly name: string;
  readonly switchName: string;
  readonly routerName: string;
  /** All of its own addresses: node ports are there. */
  readonly addresses: readonly string[];
  /** Those of its gateway. An endpoint that has one is the node itself, to its gateway router, which has it too. */
  readonly gatewayAddresses: readonly string[];
  readonly nodePort: boolean;
  /** What stands for the host in load balancers of the gateway router, of each family. */
  readonly host: Readonly<Record<Family, string>>;
  /** Where the host sends what came to a node port and is to stay on the node, of each family. */
  readonly localOnly: Readonly<Record<Family, string>>;
  /** The source of what a service sends back to the pod behind it that asked: both families, as upstream has it whatever the cluster is. */
  readonly hairpin: string;
}

/** The ranges of a cluster that was not told any (go-controller/pkg/config/config.go). */
const DEFAULT_RANGES: Readonly<Record<Family, string>> = { 4: "169.254.169.0/29", 6: "fd69::/125" };

/** Reads of a node what services need. It has been checked for what its gateway needs. */
export function serviceNode(spec: NetworkSpec, node: NodeInput): ServiceNode {
  const { name, gateway, masqueradeSubnets = [], hostAddresses } = node;
  const ranges = [...masqueradeSubnets, DEFAULT_RANGES[4], DEFAULT_RANGES[6]].flatMap(
    (text) => parseCidr(text) ?? [],
  );
  const inRange = (family: Family, offset: number): string => {
    const range = ranges.find((each): each is Cidr => each.family === family);
    const address = range && addressIn(range, offset);
    if (address) return formatAddress(address);
    throw fault(
      `nodes[${name}].masqueradeSubnets`,
      masqueradeSubnets,
      `are too small for services on network "${spec.name}"`,
    );
  };
  const read = (field: string, text: string): string => {
    const address = parseAddress(text) ?? parseInterface(text)?.address;
    if (address) return formatAddress(address);
    throw fault(`nodes[${name}].${field}`, text, "must be an address, or address/length");
  };
  const ofGateway = (gateway?.ips ?? []).map((text) => read("gateway.ips", text));
  const addresses = hostAddresses?.map((text) => read("hostAddresses", text)) ?? ofGateway;
  return {
    name,
    switchName: spec.topology === "layer2" ? layer2SwitchName(spec.name) : nodeSwitchName(spec.name, name),
    routerName: gatewayRouterName(spec.name, name),
    addresses: [...new Set(addresses)],
    gatewayAddresses: gateway === undefined ? addresses : ofGateway,
    nodePort: gateway?.nodePort !== false,
    host: { 4: inRange(4, 2), 6: inRange(6, 2) },
    localOnly: { 4: inRange(4, 3), 6: inRange(6, 3) },
    hairpin: `${inRange(4, 5)} ${inRange(6, 5)}`,
  };
}
