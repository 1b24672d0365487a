import * as v from "valibot";
import type { NetworkInput } from "../../topology/index.ts";
import { DHCP } from "../objects/annotations.ts";
import { check, cleanString, map, optional } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { keysOf } from "../objects/unknown-keys.ts";
import type { FieldPath } from "../text/field-path.ts";
import type { NetworkDescription } from "./network-description.ts";

const PATH: FieldPath = ["metadata", "annotations", DHCP];

const AnnotatedSchema = map({
  metadata: map({ annotations: optional(map({ [DHCP]: optional(v.string()) })) }),
});

const ENTRIES = {
  serves: optional(v.picklist(["all", "virtual-machines"] as const, "must be all or virtual-machines")),
  dnsServers: optional(v.array(cleanString())),
  router: optional(cleanString()),
  leaseTime: optional(v.pipe(v.number(), v.safeInteger("must be a whole number"))),
  domainName: optional(cleanString()),
};

const SettingsSchema = map(ENTRIES);

/** Adds to a network what the annotation for DHCP says on the object that describes it; `undefined` when that is faulty. */
export function withDhcp(
  object: KubernetesObject,
  description: NetworkDescription,
  problems: Problems,
): NetworkDescription | undefined {
  const annotated = check(AnnotatedSchema, object.part, problems);
  if (annotated === undefined) return undefined;
  const text = annotated.metadata.annotations?.[DHCP];
  if (text == null) return description;
  const dhcp = readSettings(object, text, problems);
  if (dhcp === undefined) return undefined;
  return {
    ...description,
    input: { ...description.input, dhcp },
    position: (field, value) =>
      field === "dhcp" ? object.part.position(PATH) : description.position(field, value),
    written: (field) => (field === "dhcp" ? text : description.written(field)),
  };
}

function readSettings(object: KubernetesObject, text: string, problems: Problems): NetworkInput["dhcp"] {
  if (text === "true" || text === "false") return text === "true";
  const part = problems.json(object.part, PATH, text);
  if (part === undefined || !isMap(part, problems)) return undefined;
  for (const key of keysOf(part)) if (!Object.hasOwn(ENTRIES, key)) problems.add(part, [key], "is not known");
  const settings = check(SettingsSchema, part, problems);
  if (settings === undefined) return undefined;
  const { serves, dnsServers, router, leaseTime, domainName } = settings;
  return {
    ...(serves != null && { serves }),
    ...(dnsServers != null && { dnsServers }),
    ...(router != null && { router }),
    ...(leaseTime != null && { leaseTime }),
    ...(domainName != null && { domainName }),
  };
}

function isMap(part: Part, problems: Problems): boolean {
  const { value } = part;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return true;
  problems.add(part, [], "must be true, false or a map");
  return false;
}
