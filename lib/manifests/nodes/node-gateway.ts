import * as v from "valibot";
import { cidrProblem, type NodeInput, parseMac } from "../../topology/index.ts";
import { decimal, readJson } from "../networks/node-numbers.ts";
import { GATEWAY_CONFIG, HOST_CIDRS, MASQUERADE_SUBNET } from "../objects/annotations.ts";
import { check, map, nameString, optional, withoutNulls } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { isAddress, isCidr } from "../text/address-text.ts";

/** What only primary networks need of a node. */
export type GatewayFields = Pick<NodeInput, "gateway" | "masqueradeSubnets" | "hostAddresses">;

const cidr = v.pipe(
  v.string(),
  v.check(isCidr, ({ input }) => cidrProblem(input)),
);
const address = v.pipe(v.string(), v.check(isAddress, "must be an IP address"));

const GatewaySchema = withoutNulls(
  map({
    // Empty is what upstream writes of a gateway that is turned off (go-controller/pkg/config, GatewayModeDisabled).
    mode: v.picklist(["shared", "local", ""], "must be shared or local, or empty where there is no gateway"),
    "bridge-id": v.optional(nameString()),
    "mac-address": v.optional(
      v.pipe(
        v.string(),
        v.check((text) => parseMac(text) !== undefined, "is not a MAC address of one interface"),
      ),
    ),
    "ip-addresses": v.optional(v.array(cidr)),
    // The form of single-stack clusters of long ago.
    "ip-address": v.optional(cidr),
    "next-hops": v.optional(v.array(address)),
    "next-hop": v.optional(address),
    "node-port-enable": v.optional(v.picklist(["true", "false"], 'must be "true" or "false"')),
    "vlan-id": v.optional(decimal(0, 4095)),
    "exgw-interface-id": v.optional(v.string()),
  }),
);

const MasqueradeSchema = withoutNulls(map({ ipv4: v.optional(cidr), ipv6: v.optional(cidr) }));

const HostSchema = v.array(cidr);

const AnnotationsSchema = map({
  metadata: map({
    annotations: optional(
      map({
        [GATEWAY_CONFIG]: optional(v.string()),
        [MASQUERADE_SUBNET]: optional(v.string()),
        [HOST_CIDRS]: optional(v.string()),
      }),
    ),
  }),
});

/** Reads what upstream wrote on a node of its way to the outside. What is wrong in it is a problem; what is absent is not. */
export function readGatewayFields(object: KubernetesObject, problems: Problems): GatewayFields {
  const checked = check(AnnotationsSchema, object.part, problems);
  const annotations = checked?.metadata.annotations ?? {};
  const gateway = readJson(object, GATEWAY_CONFIG, annotations[GATEWAY_CONFIG], problems);
  const masquerade = readJson(object, MASQUERADE_SUBNET, annotations[MASQUERADE_SUBNET], problems);
  const hosts = readJson(object, HOST_CIDRS, annotations[HOST_CIDRS], problems);
  const hostAddresses = hosts && check(HostSchema, hosts, problems);
  const ranges = masquerade && check(MasqueradeSchema, masquerade, problems);
  const outside = gateway && readGateway(gateway, problems);
  return {
    ...(outside !== undefined && { gateway: outside }),
    ...(ranges !== undefined && {
      masqueradeSubnets: [ranges.ipv4, ranges.ipv6].flatMap((range) => range ?? []),
    }),
    ...(hostAddresses !== undefined && { hostAddresses }),
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
  if (mode === "") {
    problems.add(part, ["mode"], "is that of a node without a gateway, which pods of a primary network need");
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
