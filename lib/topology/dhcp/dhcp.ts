import type { DesiredRow, DesiredValue, Removal } from "../../reconcile/index.ts";
import type { Allocation } from "../addresses/pod-addresses.ts";
import { type Cidr, type Family, formatAddress, parseAddress } from "../description/address.ts";
import type { DhcpSpec } from "../description/dhcp-spec.ts";
import { macOfAddress } from "../description/mac.ts";
import { keyedUuid } from "../naming/ids.ts";
import type { OwnerIds } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import type { ObservedDhcp } from "../request/inputs.ts";
import type { NetworkContext } from "../rows/network-context.ts";
import { networkDhcpIds, vmDhcpIds, vmKey } from "./dhcp-ids.ts";

/** Addresses of upstream's that no host has; the MAC of one answers for OVN's DHCP (go-controller/pkg/kubevirt/switch.go). */
const SERVER: Readonly<Record<Family, string>> = { 4: "169.254.1.1", 6: "fe80::1" };

/** Bytes by which the MTU of a cluster is below that of the network beneath it, as upstream counts them. */
const OVERLAY_HEADERS = 100;

/** The option has 16 bits (RFC 2132, section 5.1), an interface's MTU may have more. */
const HIGHEST_MTU = 65_535;

/** The columns of a port that name what it is told. */
const COLUMNS: Readonly<Record<Family, string>> = { 4: "dhcpv4_options", 6: "dhcpv6_options" };

/** DHCP on a network as rows. */
export interface BuiltDhcp {
  readonly rows: readonly DesiredRow[];
  readonly removals: readonly Removal[];
  /** What a port's columns hold; nothing where nobody asked for DHCP, and somebody else's choice stays. */
  readonly columnsOf: (allocation: Allocation) => Readonly<Record<string, DesiredValue>>;
}

/**
 * What the ports of a network are told by DHCP: one row for each family, of each virtual machine, and one for all other
 * pods. Of several subnets of a family the last one counts, as upstream's loop has it.
 *
 * @param whole The network is planned as a whole, not a single pod: its own rows are made and what is not wanted goes.
 */
export function dhcpRows(
  context: NetworkContext,
  allocations: readonly Allocation[],
  whole: boolean,
): BuiltDhcp {
  const { spec, observed } = context;
  const { dhcp } = spec;
  if (dhcp === undefined && (observed.dhcp ?? []).length === 0) return NO_DHCP;
  const known = new Map((observed.dhcp ?? []).map((row) => [row.id, row]));
  if (dhcp === undefined) {
    return {
      rows: [],
      removals: [...known.values()].map((row) => dhcpRemoval(spec.name, row)),
      columnsOf: () => ({}),
    };
  }
  const rows = new Map<string, DesiredRow>();
  const ports = new Map<string, Readonly<Record<string, DesiredValue>>>();
  const want = (ids: OwnerIds, subnet: Cidr, vm?: string): string => {
    const row = optionsRow(context, dhcp, { ids, subnet, vm, existing: known.get(ids.id), whole });
    rows.set(row.key, row);
    return row.key;
  };
  const own = dhcp.serves === "all" ? lastOfFamilies(spec.subnets) : [];
  if (whole) for (const subnet of own) want(networkDhcpIds(spec.name, subnet), subnet);
  for (const allocation of allocations) {
    const { input, portName } = allocation.site;
    const vm = input.vm && vmKey(input.namespace, input.vm.name);
    if (vm === undefined && dhcp.serves !== "all") continue;
    const subnets = lastOfFamilies(allocation.site.pools.map(({ subnet }) => subnet));
    ports.set(
      portName,
      Object.fromEntries(
        ([4, 6] as const).map((family): [string, DesiredValue] => {
          const subnet = subnets.find((each) => each.family === family);
          if (subnet === undefined) return [COLUMNS[family], null];
          const ids = vm === undefined ? networkDhcpIds(spec.name, subnet) : vmDhcpIds(spec.name, vm, subnet);
          return [COLUMNS[family], { ref: want(ids, subnet, input.vm?.name) }];
        }),
      ),
    );
  }
  return {
    rows: [...rows.values()],
    removals: whole ? unused(context, rows, allocations) : [],
    columnsOf: ({ site }) => ports.get(site.portName) ?? {},
  };
}

const NO_DHCP: BuiltDhcp = Object.freeze({ rows: [], removals: [], columnsOf: () => ({}) });

/** Such a row goes; ports forget it by themselves. */
export function dhcpRemoval(network: string, { uuid, id }: Pick<ObservedDhcp, "uuid" | "id">): Removal {
  return { table: "DHCP_Options", uuid, name: id, kind: "dhcp options", network };
}

/** Rows that are not wanted and that no port uses any more once this plan is carried out. */
function unused(
  { spec, observed }: NetworkContext,
  wanted: ReadonlyMap<string, DesiredRow>,
  allocations: readonly Allocation[],
): Removal[] {
  const planned = new Set(allocations.map(({ site }) => site.portName));
  const { leaving = () => false } = observed;
  return (observed.dhcp ?? [])
    .filter(({ id }) => !wanted.has(rowKey("DHCP_Options", id)))
    .filter((row) => row.users().every(({ uuid, name }) => planned.has(name) || leaving(uuid)))
    .map((row) => dhcpRemoval(spec.name, row));
}

function lastOfFamilies(subnets: readonly Cidr[]): Cidr[] {
  return ([4, 6] as const).flatMap((family) => subnets.findLast((subnet) => subnet.family === family) ?? []);
}

function optionsRow(
  context: NetworkContext,
  dhcp: DhcpSpec,
  row: {
    readonly ids: OwnerIds;
    readonly subnet: Cidr;
    readonly vm: string | undefined;
    readonly existing: ObservedDhcp | undefined;
    readonly whole: boolean;
  },
): DesiredRow {
  const { spec } = context;
  const { ids, subnet, vm, existing, whole } = row;
  const servers = dhcp.dnsServers.filter(({ family }) => family === subnet.family).map(formatAddress);
  // Who named no server does not know that the ones there are wrong: upstream takes them from a Service.
  const dns = dhcp.dnsServers.length === 0 ? existing?.options["dns_server"] : setOf(servers);
  const options =
    subnet.family === 4
      ? {
          ...optional("dns_server", dns),
          ...optional("domain_name", dhcp.domainName && quoted(dhcp.domainName)),
          lease_time: String(dhcp.leaseTime),
          server_id: SERVER[4],
          server_mac: serverMac(4),
          ...(vm !== undefined && { hostname: quoted(vm) }),
          ...optional("router", routerOf(context, dhcp)),
          ...optional("mtu", mtuOf(context, existing, whole)),
        }
      : {
          ...optional("dns_server", dns),
          server_id: serverMac(6),
          ...(vm !== undefined && { fqdn: quoted(vm) }),
        };
  return {
    key: rowKey("DHCP_Options", ids.id),
    kind: "dhcp options",
    name: ids.id,
    identity: { match: {}, keys: { external_ids: { "k8s.ovn.org/id": ids.id } } },
    uuid: keyedUuid("DHCP_Options", "", ids.id),
    columns: { cidr: subnet.text },
    keys: { options, external_ids: ids.externalIds },
    network: spec.name,
  };
}

/** The gateway of the pods. */
function routerOf({ spec }: NetworkContext, dhcp: DhcpSpec): string | undefined {
  const gateway = spec.primary?.gateways.find(({ family }) => family === 4) ?? dhcp.router;
  return gateway && formatAddress(gateway);
}

/** Whoever plans a single pod may not know the cluster's MTU. */
function mtuOf(
  { spec, options, observed }: NetworkContext,
  existing: ObservedDhcp | undefined,
  whole: boolean,
): string | undefined {
  const there = whole ? [] : [...(existing ? [existing] : []), ...(observed.dhcp ?? [])];
  const known = there.map((row) => row.options["mtu"]).find((mtu) => mtu !== undefined);
  if (spec.mtu === undefined && known !== undefined) return known;
  const mtu = spec.mtu ?? options.clusterMtu + (spec.underlayMtu ? OVERLAY_HEADERS : 0);
  return String(Math.min(mtu, HIGHEST_MTU));
}

function serverMac(family: Family): string {
  const address = parseAddress(SERVER[family]);
  if (address === undefined) throw new Error(`${SERVER[family]} is no address`);
  return macOfAddress(address);
}

/** Several values of one option (ovn-nb(5), DHCP_Options). */
function setOf(values: readonly string[]): string | undefined {
  return values.length > 1 ? `{${values.join(", ")}}` : values[0];
}

/** A text in OVN's expressions stands in quotes; names hold nothing that would have to be escaped. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function optional(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}
