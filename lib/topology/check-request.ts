import type { TopologyRequest } from "./request.ts";
import { fault } from "./spec-field.ts";

/**
 * Throws `SpecError` for what is no request, as plain JavaScript may give; it names the list that is none, or the entry that
 * is no object. What the entries hold is looked at where rows are made of it.
 */
export function checkRequest(request: TopologyRequest): void {
  for (const [index, network] of checkedObjects("networks", request.networks).entries()) {
    const path = `networks[${index}]`;
    checkObject(`${path}.spec`, network.spec, "must be what `parseNetwork` makes of a description");
    checkedObjects(`${path}.nodes`, network.nodes);
    checkedObjects(`${path}.attachments`, network.attachments);
    for (const [place, claim] of checkedObjects(`${path}.claims`, network.claims ?? []).entries())
      checkedList(`${path}.claims[${place}].ips`, claim.ips);
  }
}

function checkedObjects<T>(path: string, list: readonly T[]): readonly T[] {
  for (const [index, entry] of checkedList(path, list).entries())
    checkObject(`${path}[${index}]`, entry, "must be an object");
  return list;
}

/** Throws `SpecError` for what is no list: the letters of a name would be taken for names. */
export function checkedList<T>(path: string, list: readonly T[]): readonly T[] {
  if (!Array.isArray(list)) throw fault(path, list, "must be a list");
  return list;
}

function checkObject(path: string, value: unknown, problem: string): void {
  if (typeof value !== "object" || value === null) throw fault(path, value, problem);
}
