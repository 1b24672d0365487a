import * as v from "valibot";
import { type NodeInput, parseMac } from "../topology/index.ts";
import { isAddress, isCidr } from "./address-text.ts";
import { GATEWAY_CONFIG, MASQUERADE_SUBNET, NETWORK_IDS, NODE_ID } from "./annotations.ts";
import { check, map, nameString, optional, withoutNulls } from "./check.ts";
import type { ManifestPosition } from "./errors.ts";
import type { FieldPath } from "./field-path.ts";
import type { KubernetesObject } from "./object.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";

/** What only primary networks need of a node. */
export type GatewayFields = Pick<NodeInput, "id" | "gateway" | "masqueradeSubnets" | "networkIds">;

const cidr = v.pipe(v.string(), v.check(isCidr, "must be address/length"));
const address = v.pipe(v.string(), v.check(isAddress, "must be an IP address"));

/** A number as annotations hold it. */
function decimal(lowest: number, highest: number): v.GenericSchema<unknown, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, "must be a number in decimal"),
    v.transform(Number),
    v.check(
      (value) => value >= lowest && value <= highest,
      `must be a whole number from ${lowest} to ${highest}`,
    ),
  );
}

const GatewaySchema = withoutNulls(
  map({
    mode: v.picklist(["shared", "local", "disabled"], "must be shared, local or disabled"),
    "bridge-id": v.optional(nameString()),
    "mac-address": v.optional(
      v.pipe(
        v.string(),
        v.check((text) => parseMac(text) !== undefined, "is not a MAC address of one interface"),
      ),
    ),
    "ip-addresses": v.optional(v.array(cidr)),
    // The form of single-stack clusters of long ago.
    "ip-address": v.optional(v.string()),
    "next-hops": v.optional(v.array(address)),
    "next-hop": v.optional(v.string()),
    "node-port-enable": v.optional(v.string()),
    "vlan-id": v.optional(decimal(0, 4095)),
    "exgw-interface-id": v.optional(v.string()),
  }),
);

const MasqueradeSchema = withoutNulls(map({ ipv4: v.optional(cidr), ipv6: v.optional(cidr) }));

const IdsSchema = v.record(v.string(), decimal(0, 4095));

const AnnotationsSchema = map({
  metadata: map({
    annotations: optional(
      map({
        [NODE_ID]: optional(decimal(0, 2 ** 16)),
        [GATEWAY_CONFIG]: optional(v.string()),
        [MASQUERADE_SUBNET]: optional(v.string()),
        [NETWORK_IDS]: optional(v.string()),
      }),
    ),
  }),
});

/** Reads what upstream wrote on a node of its way to the outside. What is wrong in it is a problem; what is absent is not. */
export function readGatewayFields(object: KubernetesObject, problems: Problems): GatewayFields {
  const checked = check(AnnotationsSchema, object.part, problems);
  const annotations = checked?.metadata.annotations ?? {};
  const id = annotations[NODE_ID];
  const gateway = readJson(object, GATEWAY_CONFIG, annotations[GATEWAY_CONFIG], problems);
  const masquerade = readJson(object, MASQUERADE_SUBNET, annotations[MASQUERADE_SUBNET], problems);
  const ids = readJson(object, NETWORK_IDS, annotations[NETWORK_IDS], problems);
  const ranges = masquerade && check(MasqueradeSchema, masquerade, problems);
  const networkIds = ids && check(IdsSchema, ids, problems);
  const outside = gateway && readGateway(gateway, problems);
  return {
    ...(id != null && { id }),
    ...(outside !== undefined && { gateway: outside }),
    ...(ranges !== undefined && {
      masqueradeSubnets: [ranges.ipv4, ranges.ipv6].flatMap((range) => range ?? []),
    }),
    ...(networkIds !== undefined && { networkIds }),
  };
}

/** Where the fields of a node stand; the object in the place of those that it lacks. */
export function gatewayPositions(
  object: KubernetesObject,
): Readonly<Record<keyof GatewayFields, ManifestPosition>> {
  const at = (annotation: string): ManifestPosition => {
    const path: FieldPath = ["metadata", "annotations", annotation];
    return object.part.position(object.part.get(path) === undefined ? [] : path);
  };
  return {
    id: at(NODE_ID),
    gateway: at(GATEWAY_CONFIG),
    masqueradeSubnets: at(MASQUERADE_SUBNET),
    networkIds: at(NETWORK_IDS),
  };
}

function readGateway(root: Part, problems: Problems): NodeInput["gateway"] | undefined {
  const part = root.at(["default"]);
  if (part.value === undefined || part.value === null) {
    problems.add(root, ["default"], "is missing");
    return undefined;
  }
  const gateway = check(GatewaySchema, part, problems);
  if (gateway === undefined) return undefined;
  const { mode } = gateway;
  if (mode === "disabled") {
    problems.add(part, ["mode"], "is not possible with a primary network: its pods need a gateway");
    return undefined;
  }
  const ips = gateway["ip-addresses"] ?? [gateway["ip-address"]].flatMap((ip) => ip ?? []);
  const nextHops = gateway["next-hops"] ?? [gateway["next-hop"]].flatMap((hop) => hop ?? []);
  const bridge = gateway["bridge-id"];
  const mac = gateway["mac-address"];
  for (const [key, value] of Object.entries({ "bridge-id": bridge, "mac-address": mac }))
    if (value === undefined) problems.add(part, [key], "is missing");
  if (ips.length === 0) problems.add(part, ["ip-addresses"], "is missing");
  const second = gateway["exgw-interface-id"] ?? "";
  if (second !== "") problems.add(part, ["exgw-interface-id"], "is not supported yet: only one gateway is");
  if (bridge === undefined || mac === undefined || ips.length === 0) return undefined;
  const vlan = gateway["vlan-id"];
  return {
    mode,
    bridge,
    mac,
    ips,
    nextHops,
    nodePort: gateway["node-port-enable"] === "true",
    ...(vlan !== undefined && { vlan }),
  };
}

function readJson(
  object: KubernetesObject,
  annotation: string,
  text: string | null | undefined,
  problems: Problems,
): Part | undefined {
  if (text == null || text === "") return undefined;
  return problems.json(object.part, ["metadata", "annotations", annotation], text);
}
