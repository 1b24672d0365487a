import type { DesiredRow, RefTo } from "../../reconcile/index.ts";
import { parseAddressSet } from "../addresses/port-addresses.ts";
import {
  type Address,
  addressAt,
  formatAddress,
  parseAddress,
  parseCidr,
  parseInterface,
} from "../description/address.ts";
import { AddressError, NameCollisionError } from "../description/errors.ts";
import { macOfAddress, parseMac } from "../description/mac.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { keyedUuid, portGroupUuid } from "../naming/ids.ts";
import { rowKey } from "../naming/row-key.ts";
import { loggingMeterRows } from "../policies/policy-acl.ts";
import type { AttachmentInput, NodeInput } from "../request/inputs.ts";
import { interfaceVersion } from "../rows/interface-version.ts";
import { isolationAcls, openPortAcls } from "./isolation-acls.ts";
import {
  defaultPortName,
  ISOLATION_GROUP,
  isolationAclIds,
  isolationGroupIds,
  podOfOpenPorts,
} from "./isolation-ids.ts";
import type { ObservedIsolation } from "./observed-isolation.ts";

/** What pods of primary networks have on the cluster's own network, as rows. */
export interface BuiltIsolation {
  readonly rows: readonly DesiredRow[];
  readonly notes: readonly string[];
}

/** A network with its nodes in this database, and its pods, those elsewhere too. */
export interface IsolatedNetwork {
  readonly spec: NetworkSpec;
  readonly nodes: readonly NodeInput[];
  readonly attachments: readonly AttachmentInput[];
}

interface Pod {
  readonly network: string;
  readonly input: AttachmentInput;
  readonly node: NodeInput;
}

/** The public `buildIsolation` without its checks. */
export function buildIsolation(
  networks: readonly IsolatedNetwork[],
  observed: ObservedIsolation,
  exact: boolean,
): BuiltIsolation {
  const pods = networks.flatMap((network) => podsOf(network));
  if (pods.length === 0) return NO_ISOLATION;
  const isHomeless = ({ node }: Pod): boolean => !observed.hasSwitch(node.name);
  const homeless = [...new Set(pods.filter(isHomeless).map(({ node }) => node.name))].toSorted();
  const housed = pods.filter((pod) => !isHomeless(pod));
  const notes =
    homeless.length === 0
      ? []
      : [
          `no switch of the cluster's own network for ${homeless.join(", ")}: pods of primary networks have no port there`,
        ];
  if (housed.length === 0) return { rows: [], notes };
  const management = managementAddresses(networks, observed, exact);
  if (management.length === 0)
    notes.push(
      "no node says its subnet of the cluster's own network (k8s.ovn.org/node-subnets, default): none reaches the pods " +
        "of primary networks there",
    );
  const open = housed.flatMap(({ input }) => openPortAcls(input));
  const switches = new Map(housed.map(({ node, network }) => [node.name, switchRow(node.name, network)]));
  return {
    rows: [
      ...switches.values(),
      ...housed.map((pod) => portRow(pod, observed)),
      groupRow(housed, open, observed),
      ...isolationAcls(management),
      ...open,
      ...(observed.hasMeter ? [] : loggingMeterRows()),
    ],
    notes,
  };
}

/** Of networks without such pods. */
export const NO_ISOLATION: BuiltIsolation = Object.freeze({ rows: [], notes: [] });

/** The uuid of such a port that we made: whoever finds another one there leaves it alone. */
export function defaultPortUuid(portName: string, address: string): string {
  return keyedUuid("Logical_Switch_Port", "default", portName, address);
}

function podsOf({ spec, nodes, attachments }: IsolatedNetwork): readonly Pod[] {
  // Nearly all networks: their pods are known by their own ports alone.
  if (!attachments.some(({ defaultPort }) => defaultPort !== undefined)) return [];
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return attachments.flatMap((input) => {
    const { namespace, name, defaultPort, source } = input;
    if (defaultPort === undefined) return [];
    if (spec.role !== "primary") {
      const path = `pods[${namespace}/${name}].defaultPort`;
      throw fault(path, defaultPort, "is for pods of primary networks", source);
    }
    const node = byName.get(input.node);
    return node === undefined ? [] : [{ network: spec.name, input, node }];
  });
}

function switchRow(node: string, network: string): DesiredRow {
  return { key: rowKey("Logical_Switch", node), kind: "switch as found", name: node, network };
}

function portRow({ network, input, node }: Pod, observed: ObservedIsolation): DesiredRow {
  const { namespace, name, uid } = input;
  const portName = defaultPortName(namespace, name);
  const { mac, addresses } = addressesOf(input);
  const element = [mac, ...addresses].join(" ");
  const existing = observed.port(portName);
  if (existing !== undefined && existing.network !== "")
    throw new NameCollisionError("Logical_Switch_Port", portName, [
      `the port of pod ${namespace}/${name} on the cluster's own network`,
      `the existing row of network "${existing.network}"`,
    ]);
  // The row of one pod never becomes another's, which others may have put into other groups.
  const isKept = existing?.addresses.some((set) => firstAddress(set) === addresses[0]) === true;
  return {
    key: rowKey("Logical_Switch_Port", portName),
    kind: "default pod port",
    name: portName,
    ...(!isKept && { uuid: defaultPortUuid(portName, addresses[0] ?? "") }),
    ...(existing && !isKept && { replaces: existing.uuid }),
    columns: { addresses: [element], port_security: [element], type: "" },
    keys: {
      options: {
        "requested-chassis": node.chassisId || node.name,
        ...interfaceVersion(uid, existing?.options, !isKept),
      },
      external_ids: { namespace, pod: "true" },
    },
    parent: { key: rowKey("Logical_Switch", node.name), column: "ports" },
    network,
  };
}

function addressesOf({ namespace, name, defaultPort, source }: AttachmentInput): {
  readonly mac: string;
  readonly addresses: readonly string[];
} {
  const path = `pods[${namespace}/${name}].defaultPort`;
  const fail = (value: string, problem: string): AddressError =>
    new AddressError(`${path} ${problem}: ${value}`, { path, value, source });
  const addresses = (defaultPort?.ips ?? []).map((text): Address => {
    const address = parseAddress(text.trim()) ?? parseInterface(text.trim())?.address;
    if (!address) throw fail(text, "has what is no IP address");
    return address;
  });
  const [first] = addresses;
  if (!first) throw fail("", "needs an address");
  const given = defaultPort?.mac;
  const mac = given === undefined ? macOfAddress(first) : parseMac(given);
  if (mac === undefined) throw fail(given ?? "", "has what is not the MAC address of one interface");
  return { mac, addresses: addresses.map(formatAddress) };
}

/** The first address of an element of `addresses`. */
export function firstAddress(element: string): string | undefined {
  const [address] = parseAddressSet(element)?.addresses ?? [];
  return address && formatAddress(address);
}

/** The group, without ACLs that open ports of these pods which are closed now. */
function groupRow(
  pods: readonly Pod[],
  open: readonly DesiredRow[],
  observed: ObservedIsolation,
): DesiredRow {
  const planned = new Set(pods.map(({ input }) => `${input.namespace}/${input.name}`));
  const wanted = new Set(open.map(({ name }) => name));
  const closed = observed.acls.filter(({ id }) => !wanted.has(id) && planned.has(podOfOpenPorts(id) ?? ""));
  return {
    key: rowKey("Port_Group", ISOLATION_GROUP),
    kind: "port group",
    name: ISOLATION_GROUP,
    uuid: portGroupUuid(ISOLATION_GROUP),
    keys: { external_ids: isolationGroupIds.externalIds },
    elements: {
      ports: pods.map(
        ({ input: { namespace, name } }): RefTo => ({
          ref: rowKey("Logical_Switch_Port", defaultPortName(namespace, name)),
        }),
      ),
    },
    ...(closed.length > 0 && { notElements: { acls: closed.map(({ uuid }) => uuid) } }),
  };
}

/** The nodes' addresses on the cluster's own network: the second of each of their subnets. */
function managementAddresses(
  networks: readonly IsolatedNetwork[],
  observed: ObservedIsolation,
  exact: boolean,
): Address[] {
  const nodes = new Map(networks.flatMap((network) => network.nodes.map((node) => [node.name, node])));
  const own = [...nodes.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ subnets }) => subnets?.["default"] ?? [])
    .flatMap((text) => parseCidr(text) ?? [])
    .map((subnet) => addressAt(subnet, 2n));
  if (exact) return own;
  const known = new Set(own.map(formatAddress));
  const { id } = isolationAclIds("AllowHostPrimaryUDN", "Ingress");
  const others = observed.acls
    .filter((acl) => acl.id === id)
    .flatMap(({ match }) => [...match.matchAll(/ip[46]\.src==([0-9a-f.:]+)/g)])
    .flatMap(([, text = ""]) => parseAddress(text) ?? [])
    .filter((address) => !known.has(formatAddress(address)));
  return [...own, ...others];
}
