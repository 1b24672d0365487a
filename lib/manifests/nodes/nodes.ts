import * as v from "valibot";
import { cidrProblem, type NodeInput } from "../../topology/index.ts";
import { readNumberFields } from "../networks/node-numbers.ts";
import {
  GATEWAY_CONFIG,
  GATEWAY_MTU_SUPPORT,
  HOST_CIDRS,
  HOSTNAME,
  MASQUERADE_SUBNET,
  NETWORK_IDS,
  NODE_CHASSIS_ID,
  NODE_ID,
  NODE_SUBNETS,
  TRANSIT_ADDRESSES,
  ZONE_NAME,
} from "../objects/annotations.ts";
import { anyMap, check, map, nameString, optional } from "../objects/check.ts";
import type { ManifestPosition } from "../objects/errors.ts";
import type { ManifestNode } from "../objects/manifest-set.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { isCidr } from "../text/address-text.ts";
import type { FieldPath } from "../text/field-path.ts";
import { readGatewayFields } from "./node-gateway.ts";
import { readZoneFields } from "./node-zone.ts";

const NodeSchema = map({
  metadata: map({
    labels: optional(map({ [HOSTNAME]: optional(nameString()) })),
    annotations: optional(
      map({
        [NODE_SUBNETS]: optional(v.string()),
        [NODE_CHASSIS_ID]: optional(
          v.pipe(nameString(), v.regex(/^[^\s,]*$/, "must be one chassis: no spaces and commas")),
        ),
        [GATEWAY_MTU_SUPPORT]: optional(
          v.pipe(v.string(), v.picklist(["true", "false"], 'must be "true" or "false"')),
        ),
      }),
    ),
  }),
});

const cidr = v.pipe(
  v.string(),
  v.trim(),
  v.check(isCidr, ({ input }) => cidrProblem(input)),
);
const SubnetsSchema = anyMap();
const ListSchema = v.array(cidr);
const OneSubnetSchema = v.pipe(
  cidr,
  v.transform((text) => [text]),
);

const SUBNETS_PATH: FieldPath = ["metadata", "annotations", NODE_SUBNETS];

/** Which needs there are beside those of every network. */
export interface NodeNeeds {
  /** Of a primary network. */
  readonly gateways: boolean;
  /** Of mode interconnect. */
  readonly zones: boolean;
}

/** The nodes of a set of manifests, and how pods name them. */
export class Nodes {
  /** By name. */
  readonly list: readonly ManifestNode[];
  readonly #names: ReadonlySet<string>;
  readonly #byHostname: ReadonlyMap<string, readonly string[]>;

  constructor(objects: readonly KubernetesObject[], needs: NodeNeeds, problems: Problems) {
    const byHostname = new Map<string, string[]>();
    const list: ManifestNode[] = [];
    for (const object of objects) {
      const reading = readNode(object, needs, problems);
      if (reading === undefined) continue;
      list.push(reading.node);
      const { hostname } = reading;
      if (hostname !== undefined)
        byHostname.set(hostname, [...(byHostname.get(hostname) ?? []), object.name]);
    }
    this.list = list;
    this.#byHostname = byHostname;
    // A node with something wrong in it is reported for that; its pods are not on an unknown node.
    this.#names = new Set(objects.map((object) => object.name));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** The nodes that a selector for this host name chooses: by label, else the one of that name. */
  withHostname(hostname: string): readonly string[] {
    return this.#byHostname.get(hostname) ?? (this.has(hostname) ? [hostname] : []);
  }
}

function readNode(
  object: KubernetesObject,
  { gateways, zones }: NodeNeeds,
  problems: Problems,
): { readonly node: ManifestNode; readonly hostname: string | undefined } | undefined {
  const { part, name } = object;
  const checked = check(NodeSchema, part, problems);
  // Also of a node that cannot be used: what else is wrong with it is told at once.
  const text = part.get(SUBNETS_PATH);
  const subnets = typeof text === "string" ? readSubnets(object, text, problems) : undefined;
  const numbers = gateways || zones ? readNumberFields(object, problems) : {};
  const outside = gateways ? readGatewayFields(object, problems) : {};
  const zone = zones ? readZoneFields(object, problems) : {};
  if (checked === undefined) return undefined;
  const annotations = checked.metadata.annotations ?? {};
  const chassisId = annotations[NODE_CHASSIS_ID];
  const node: ManifestNode = {
    name,
    ...(chassisId == null ? {} : { chassisId }),
    ...(subnets === undefined ? {} : { subnets }),
    gatewayMtuSupport: annotations[GATEWAY_MTU_SUPPORT] !== "false",
    ...numbers,
    ...outside,
    ...zone,
    source: part.position(text == null ? [] : SUBNETS_PATH),
    ...((gateways || zones) && { fields: positionsOf(object) }),
  };
  return { node, hostname: checked.metadata.labels?.[HOSTNAME] ?? undefined };
}

/** Where the fields of a node stand; the object in the place of those that it lacks. */
function positionsOf(object: KubernetesObject): NonNullable<ManifestNode["fields"]> {
  const at = (annotation: string): ManifestPosition => {
    const path: FieldPath = ["metadata", "annotations", annotation];
    return object.part.position(object.part.get(path) === undefined ? [] : path);
  };
  return {
    chassisId: at(NODE_CHASSIS_ID),
    id: at(NODE_ID),
    networkIds: at(NETWORK_IDS),
    gateway: at(GATEWAY_CONFIG),
    masqueradeSubnets: at(MASQUERADE_SUBNET),
    hostAddresses: at(HOST_CIDRS),
    zone: at(ZONE_NAME),
    transitAddresses: at(TRANSIT_ADDRESSES),
  };
}

function readSubnets(
  object: KubernetesObject,
  text: string,
  problems: Problems,
): NodeInput["subnets"] | undefined {
  const part = problems.json(object.part, SUBNETS_PATH, text);
  const map = part && check(SubnetsSchema, part, problems);
  if (part === undefined || map === undefined) return undefined;
  const values = new Map<string, readonly string[]>();
  for (const [network, value] of Object.entries(map)) {
    const given = part.at([network]);
    // Old versions of OVN-Kubernetes write one string, newer ones a list even of one.
    const subnets =
      typeof value === "string"
        ? check(OneSubnetSchema, given, problems)
        : check(ListSchema, given, problems);
    if (subnets !== undefined) values.set(network, subnets);
  }
  return Object.fromEntries(values);
}
