import * as v from "valibot";
import type { DefaultPortInput, OpenPort } from "../../topology/index.ts";
import { OPEN_PORTS } from "../objects/annotations.ts";
import { map, optional, reasonOf } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import type { FieldPath } from "../text/field-path.ts";
import { readYamlText } from "../text/yaml-text.ts";

const PATH: FieldPath = ["metadata", "annotations", OPEN_PORTS];

const portNumber = v.pipe(
  v.number(),
  v.integer("must be a whole number"),
  v.minValue(0, "must be from 0 to 65535"),
  v.maxValue(65_535, "must be from 0 to 65535"),
);

const OpenPortsSchema = v.array(
  map({
    protocol: v.picklist(["tcp", "udp", "sctp", "icmp"] as const, "must be one of tcp, udp, sctp, icmp"),
    port: optional(portNumber),
  }),
);

/** The port on the cluster's own network of a pod that has a primary one: what upstream wrote down of it. */
export function readDefaultPort(
  object: KubernetesObject,
  record: { readonly ips: readonly string[]; readonly mac?: string | undefined } | undefined,
  problems: Problems,
): DefaultPortInput | undefined {
  if (record === undefined || record.ips.length === 0) return undefined;
  const openPorts = readOpenPorts(object, problems);
  const { ips, mac } = record;
  return { ips, ...(mac !== undefined && { mac }), ...(openPorts.length > 0 && { openPorts }) };
}

/** Upstream closes all ports where it does not understand this, and says so in an event; a fault is easier to find. */
function readOpenPorts(object: KubernetesObject, problems: Problems): readonly OpenPort[] {
  const { part } = object;
  const text = part.get(PATH);
  if (typeof text !== "string" || text.trim() === "") return [];
  const [document, ...others] = readYamlText(text);
  if (document === undefined || others.length > 0 || "error" in document) {
    const error = document !== undefined && "error" in document ? `: ${document.error}` : "";
    problems.add(part, PATH, `is not a list in YAML${error}`);
    return [];
  }
  const tell = (path: string, reason: string): void => problems.add(part, PATH, `${path}: ${reason}`);
  const result = v.safeParse(OpenPortsSchema, document.value);
  if (!result.success) {
    for (const issue of result.issues) tell(v.getDotPath(issue) ?? "", reasonOf(issue));
    return [];
  }
  return result.output.flatMap(({ protocol, port }, index): OpenPort[] => {
    if (protocol === "icmp") {
      if (port != null) tell(`${index}.port`, "must not be set: ICMP has no ports");
      return [{ protocol }];
    }
    if (port == null) tell(`${index}.port`, `is missing: needed with ${protocol}`);
    return port == null ? [] : [{ protocol, port }];
  });
}
