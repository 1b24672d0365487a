import * as v from "valibot";
import { cidrProblem } from "../../topology/index.ts";
import { map, nameString, withoutNulls } from "../objects/check.ts";
import { isAddress, isCidr } from "../text/address-text.ts";

/** `Primary` or `Secondary`, as the API spells it. */
export type UdnRole = "Primary" | "Secondary";

/** `ipam` of a layer2 or localnet network. */
export interface UdnIpam {
  readonly mode?: "Enabled" | "Disabled" | undefined;
  readonly lifecycle?: "Persistent" | undefined;
}

/** The part of a specification that is about one topology; which fields it may have depends on that. */
export interface UdnConfig {
  readonly role: UdnRole;
  readonly mtu?: number | undefined;
  readonly subnets?: readonly (string | UdnSubnet)[] | undefined;
  readonly joinSubnets?: readonly string[] | undefined;
  readonly reservedSubnets?: readonly string[] | undefined;
  readonly infrastructureSubnets?: readonly string[] | undefined;
  readonly defaultGatewayIPs?: readonly string[] | undefined;
  readonly excludeSubnets?: readonly string[] | undefined;
  readonly physicalNetworkName?: string | undefined;
  readonly ipam?: UdnIpam | undefined;
  readonly vlan?: { readonly access: { readonly id: number } } | undefined;
}

/** A subnet of a layer3 network. */
export interface UdnSubnet {
  readonly cidr: string;
  readonly hostSubnet?: number | undefined;
}

/** The three topologies, as the API spells them. */
export const UDN_TOPOLOGIES = ["Layer3", "Layer2", "Localnet"] as const;

/** One of them. */
export type UdnTopology = (typeof UDN_TOPOLOGIES)[number];

const CIDR_TEXT = "must be address/length";

/** A text of the API's type CIDR; the longest one, of IPv6, has 43 characters. */
const cidr = v.pipe(
  v.custom<string>((value) => typeof value === "string", CIDR_TEXT),
  v.maxLength(43, "must have at most 43 characters"),
  v.check(isCidr, ({ input }) => cidrProblem(input)),
);
const ip = v.pipe(v.string(), v.check(isAddress, "must be an IP address"));

function list<T>(item: v.GenericSchema<unknown, T>, most: number): v.GenericSchema<unknown, T[]> {
  return v.pipe(
    v.array(item),
    v.minLength(1, "must not be empty: leave it out"),
    v.maxLength(most, `must have at most ${most} entries`),
  );
}

/** One text of each family at most. */
function dualStack(item: v.GenericSchema<unknown, string>): v.GenericSchema<unknown, string[]> {
  return v.pipe(
    list(item, 2),
    v.check(
      ([first = "", second]) => second === undefined || first.includes(":") !== second.includes(":"),
      "must be of different families when there are two",
    ),
  );
}

function integer(lowest: number, highest: number): v.GenericSchema<unknown, number> {
  const text = `must be a whole number from ${lowest} to ${highest}`;
  return v.pipe(v.number(), v.integer(text), v.minValue(lowest, text), v.maxValue(highest, text));
}

const mtu = integer(576, 65_536);
const role = v.picklist(["Primary", "Secondary"], "must be Primary or Secondary");

const IPAM_ENTRIES = {
  mode: v.optional(v.picklist(["Enabled", "Disabled"], "must be Enabled or Disabled")),
  lifecycle: v.optional(v.picklist(["Persistent"], "must be Persistent")),
};

const ipam = v.pipe(
  map(IPAM_ENTRIES),
  v.check(
    ({ mode, lifecycle }) => mode !== undefined || lifecycle !== undefined,
    "must not be empty: leave it out",
  ),
);

const SUBNET_ENTRIES = { cidr, hostSubnet: v.optional(integer(1, 127)) };
const VLAN_ENTRIES = {
  mode: v.picklist(["Access"], "must be Access"),
  access: map({ id: integer(1, 4094) }),
};

const ENTRIES = {
  Layer3: {
    role,
    mtu: v.optional(mtu),
    subnets: list(map(SUBNET_ENTRIES, "must be a map with cidr and hostSubnet"), 400),
    joinSubnets: v.optional(dualStack(cidr)),
  },
  Layer2: {
    role,
    mtu: v.optional(mtu),
    subnets: v.optional(dualStack(cidr)),
    reservedSubnets: v.optional(list(cidr, 25)),
    infrastructureSubnets: v.optional(list(cidr, 4)),
    defaultGatewayIPs: v.optional(dualStack(ip)),
    joinSubnets: v.optional(dualStack(cidr)),
    ipam: v.optional(ipam),
  },
  Localnet: {
    role: v.picklist(["Secondary"], "must be Secondary on a localnet network"),
    physicalNetworkName: v.pipe(
      nameString(),
      v.maxLength(253, "must have at most 253 characters"),
      v.regex(/^[^,:]*$/, "must hold no comma and no colon"),
    ),
    mtu: v.optional(mtu),
    subnets: v.optional(dualStack(cidr)),
    excludeSubnets: v.optional(list(cidr, 25)),
    ipam: v.optional(ipam),
    vlan: v.optional(map(VLAN_ENTRIES, "must be a map with mode and access.id")),
  },
} as const satisfies Record<UdnTopology, v.ObjectEntries>;

/** The schema of the part that is about a topology. */
export const CONFIG_SCHEMAS: Readonly<Record<UdnTopology, v.GenericSchema<unknown, UdnConfig>>> = {
  Layer3: withoutNulls(map(ENTRIES.Layer3)),
  Layer2: withoutNulls(map(ENTRIES.Layer2)),
  Localnet: withoutNulls(map(ENTRIES.Localnet)),
};

/** The keys of that part; others have no effect. */
export const CONFIG_KEYS: Readonly<Record<UdnTopology, ReadonlySet<string>>> = {
  Layer3: new Set(Object.keys(ENTRIES.Layer3)),
  Layer2: new Set(Object.keys(ENTRIES.Layer2)),
  Localnet: new Set(Object.keys(ENTRIES.Localnet)),
};

/** Keys of the maps within that part. */
export const INNER_KEYS: Readonly<Record<"ipam" | "vlan" | "subnet", ReadonlySet<string>>> = {
  ipam: new Set(Object.keys(IPAM_ENTRIES)),
  vlan: new Set(Object.keys(VLAN_ENTRIES)),
  subnet: new Set(Object.keys(SUBNET_ENTRIES)),
};

/** `spec` of a UserDefinedNetwork, and `spec.network` of a ClusterUserDefinedNetwork, without what depends on the topology. */
export interface UdnSpec {
  readonly topology: UdnTopology;
  readonly layer3?: unknown;
  readonly layer2?: unknown;
  readonly localnet?: unknown;
  readonly transport?: "NoOverlay" | "EVPN" | undefined;
  readonly noOverlay?: unknown;
  readonly evpn?: unknown;
}

const UDN_ENTRIES = {
  topology: v.picklist(["Layer3", "Layer2"], "must be Layer3 or Layer2"),
  layer3: v.optional(v.unknown()),
  layer2: v.optional(v.unknown()),
};

const CLUSTER_ENTRIES = {
  topology: v.picklist(UDN_TOPOLOGIES, "must be Layer3, Layer2 or Localnet"),
  layer3: v.optional(v.unknown()),
  layer2: v.optional(v.unknown()),
  localnet: v.optional(v.unknown()),
  transport: v.optional(v.picklist(["NoOverlay", "EVPN"], "must be NoOverlay or EVPN")),
  noOverlay: v.optional(v.unknown()),
  evpn: v.optional(v.unknown()),
};

/** `spec` of a UserDefinedNetwork. */
export const UdnSpecSchema: v.GenericSchema<unknown, UdnSpec> = withoutNulls(map(UDN_ENTRIES));
/** `spec.network` of a ClusterUserDefinedNetwork. */
export const ClusterUdnNetworkSchema: v.GenericSchema<unknown, UdnSpec> = withoutNulls(map(CLUSTER_ENTRIES));
/** The keys of the one. */
export const UDN_KEYS: ReadonlySet<string> = new Set(Object.keys(UDN_ENTRIES));
/** The keys of the other. */
export const CLUSTER_UDN_KEYS: ReadonlySet<string> = new Set(Object.keys(CLUSTER_ENTRIES));
