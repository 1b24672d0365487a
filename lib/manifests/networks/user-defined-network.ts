import * as v from "valibot";
import type { NetworkInput, SubnetSpec } from "../../topology/index.ts";
import { check, map, optional } from "../objects/check.ts";
import { LabelSelectorSchema } from "../objects/label-selector.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { tellUnknownKeys } from "../objects/unknown-keys.ts";
import type { FieldPath } from "../text/field-path.ts";
import type { Namespaces } from "./namespaces.ts";
import type { NetworkDescription } from "./network-description.ts";
import { brokenRules } from "./udn-rules.ts";
import {
  CLUSTER_UDN_KEYS,
  ClusterUdnNetworkSchema,
  CONFIG_KEYS,
  CONFIG_SCHEMAS,
  INNER_KEYS,
  UDN_KEYS,
  UDN_TOPOLOGIES,
  type UdnConfig,
  type UdnSpec,
  UdnSpecSchema,
  type UdnTopology,
} from "./udn-schema.ts";

/** A user-defined network, and the keys of the NetworkAttachmentDefinitions that OVN-Kubernetes makes of it. */
export interface UserDefinedNetwork {
  /** `undefined` when something is wrong with it; its keys are known nevertheless. */
  readonly description: NetworkDescription | undefined;
  readonly nads: readonly string[];
}

const LOWER = { Layer3: "layer3", Layer2: "layer2", Localnet: "localnet" } as const;

/** Reads a UserDefinedNetwork: a network of one namespace. */
export function readUserDefinedNetwork(object: KubernetesObject, problems: Problems): UserDefinedNetwork {
  const part = object.part.at(["spec"]);
  const nads = [object.key];
  const spec = check(UdnSpecSchema, part, problems);
  tellUnknownKeys(object, part, UDN_KEYS, problems, (key) =>
    key === "network" ? "a ClusterUserDefinedNetwork; here its fields stand in spec" : configPlace(part, key),
  );
  // Names of namespaces and objects hold no underscore, so no two objects give one name.
  const name = `${object.namespace}_${object.name}`;
  return { description: spec && describe(object, part, spec, { name, nads }, problems), nads };
}

const ClusterSpecSchema = map({
  namespaceSelector: LabelSelectorSchema,
  uplinks: optional(v.array(v.string())),
});
const CLUSTER_SPEC_KEYS: ReadonlySet<string> = new Set(["namespaceSelector", "uplinks", "network"]);

/** Reads a ClusterUserDefinedNetwork: a network of all namespaces that its selector chooses. */
export function readClusterUserDefinedNetwork(
  object: KubernetesObject,
  namespaces: Namespaces,
  problems: Problems,
): UserDefinedNetwork {
  const outer = object.part.at(["spec"]);
  const cluster = check(ClusterSpecSchema, outer, problems);
  const part = outer.at(["network"]);
  tellUnknownKeys(object, outer, CLUSTER_SPEC_KEYS, problems, (key) =>
    CLUSTER_UDN_KEYS.has(key)
      ? "spec.network"
      : configPlace(part, key, part.get(["topology"]) ?? outer.get(["topology"])),
  );
  const spec = check(ClusterUdnNetworkSchema, part, problems);
  tellUnknownKeys(object, part, CLUSTER_UDN_KEYS, problems, (key) => configPlace(part, key));
  const selected = cluster === undefined ? [] : namespaces.selectedBy(cluster.namespaceSelector);
  const nads = selected.map((namespace) => `${namespace}/${object.name}`);
  const name = `cluster_udn_${object.name}`;
  if (cluster?.uplinks !== undefined) {
    problems.add(outer, ["uplinks"], "is not supported yet");
    return { description: undefined, nads };
  }
  if (cluster !== undefined && nads.length === 0)
    problems.ignore(
      object,
      outer.position(["namespaceSelector"]),
      "spec.namespaceSelector chooses no Namespace among the manifests: no pod can be on the network",
    );
  const description = spec && cluster && describe(object, part, spec, { name, nads }, problems);
  return { description, nads };
}

/** Where a field of the topology's part belongs that stands outside of it. */
function configPlace(part: Part, key: string, written: unknown = part.get(["topology"])): string | undefined {
  const topology = UDN_TOPOLOGIES.find((each) => each === written);
  return topology !== undefined && CONFIG_KEYS[topology].has(key)
    ? part.position([LOWER[topology]]).field
    : undefined;
}

function describe(
  object: KubernetesObject,
  part: Part,
  spec: UdnSpec,
  identity: { readonly name: string; readonly nads: readonly string[] },
  problems: Problems,
): NetworkDescription | undefined {
  const { topology } = spec;
  const field = LOWER[topology];
  const others = (["layer3", "layer2", "localnet"] as const).filter((other) => other !== field);
  let good = true;
  const refuse = (at: Part, path: FieldPath, reason: string): void => {
    problems.add(at, path, reason);
    good = false;
  };
  for (const other of others)
    if (isThere(part.get([other]))) refuse(part, [other], `must not be set when topology is ${topology}`);
  for (const name of ["transport", "noOverlay", "evpn"] as const)
    if (isThere(spec[name])) refuse(part, [name], "is not supported yet: only the default transport is");
  const configPart = part.at([field]);
  if (!isThere(configPart.value)) {
    problems.add(part, [field], `is missing: needed when topology is ${topology}`);
    return undefined;
  }
  const config = check(CONFIG_SCHEMAS[topology], configPart, problems);
  tellAllUnknownKeys(object, configPart, topology, problems);
  if (config === undefined) return undefined;
  for (const [path, reason] of brokenRules(topology, config)) refuse(configPart, path, reason);
  if (!good) return undefined;
  return {
    topology: field,
    input: {
      name: identity.name,
      nad: identity.nads,
      ...inputOf(config),
      ...(field === "localnet" && { underlayMtu: true }),
    },
    label: object.key,
    source: configPart.position(),
    position: (name, value) =>
      name === "name"
        ? object.part.position(["metadata", "name"])
        : configPart.position(pathOf(configPart, name, value)),
    written: (name) => configPart.get(pathOf(configPart, name)),
  };
}

function tellAllUnknownKeys(
  object: KubernetesObject,
  part: Part,
  topology: UdnTopology,
  problems: Problems,
): void {
  tellUnknownKeys(object, part, CONFIG_KEYS[topology], problems);
  for (const field of ["ipam", "vlan"] as const)
    tellUnknownKeys(object, part.at([field]), INNER_KEYS[field], problems);
  const subnets = part.get(["subnets"]);
  // Also of what is faulty otherwise: keysOf finds none in what is no map.
  for (const index of Array.isArray(subnets) ? subnets.keys() : [])
    tellUnknownKeys(object, part.at(["subnets", index]), INNER_KEYS.subnet, problems);
}

/** The same in the words of a NetworkAttachmentDefinition. */
function inputOf(config: UdnConfig): Omit<NetworkInput, "name" | "nad"> {
  const { subnets, excludeSubnets, mtu, vlan, physicalNetworkName, ipam } = config;
  const { joinSubnets, reservedSubnets, infrastructureSubnets, defaultGatewayIPs } = config;
  return {
    role: config.role === "Primary" ? "primary" : "secondary",
    ...(subnets !== undefined && { subnets: subnets.map(subnetOf) }),
    ...(excludeSubnets !== undefined && { excludeSubnets }),
    ...(mtu !== undefined && { mtu }),
    ...(vlan !== undefined && { vlanID: vlan.access.id }),
    ...(physicalNetworkName !== undefined && { physicalNetworkName }),
    ...(ipam?.lifecycle === "Persistent" && { allowPersistentIPs: true }),
    ...(joinSubnets !== undefined && { joinSubnet: joinSubnets }),
    ...(reservedSubnets !== undefined && { reservedSubnets }),
    ...(infrastructureSubnets !== undefined && { infrastructureSubnets }),
    ...(defaultGatewayIPs !== undefined && { defaultGatewayIPs }),
  };
}

function subnetOf(subnet: NonNullable<UdnConfig["subnets"]>[number]): string | SubnetSpec {
  if (typeof subnet === "string") return subnet;
  const { cidr, hostSubnet } = subnet;
  return { cidr, ...(hostSubnet !== undefined && { hostPrefix: hostSubnet }) };
}

const PATHS: Readonly<Record<string, FieldPath>> = {
  vlanID: ["vlan", "access", "id"],
  allowPersistentIPs: ["ipam", "lifecycle"],
  joinSubnet: ["joinSubnets"],
};

/** Where a field of a {@link NetworkInput} comes from; of a list the entry at fault, when it can be told. */
function pathOf(part: Part, field: string, value?: unknown): FieldPath {
  const path = PATHS[field] ?? [field];
  const list = part.get(path);
  if (!Array.isArray(list)) return path;
  const index = list.findIndex(
    (entry) => value !== undefined && (entry === value || cidrOf(entry) === cidrOf(value)),
  );
  return index < 0 ? path : [...path, index];
}

function cidrOf(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null && "cidr" in entry ? entry.cidr : entry;
}

/** The API server drops null as it does what is absent. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
