import type { DesiredRow } from "../../reconcile/index.ts";
import { AddressError } from "../description/errors.ts";
import type { Observed } from "../request/inputs.ts";
import type { NetworkParts } from "../rows/built-network.ts";

/**
 * Builds without what others are about to take, unless there is nothing else left.
 *
 * @param isTaken Whether another is about to make this claim. Absent: nobody makes any.
 */
export function besidesOthers(
  observed: Observed,
  isTaken: ((claim: string) => boolean) | undefined,
  build: (observed: Observed) => NetworkParts,
): NetworkParts {
  if (isTaken === undefined) return build(observed);
  try {
    return build({ ...observed, reserved: isTaken });
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return build(observed);
  }
}

/** The claims that new ports of pods and of nodes make: their uuids. */
export function claimsOf(lists: readonly (readonly DesiredRow[])[]): readonly string[] {
  const claims: string[] = [];
  for (const rows of lists)
    for (const { kind, uuid } of rows)
      if (uuid !== undefined && (kind === "pod port" || kind === "router-to-switch port")) claims.push(uuid);
  return claims;
}
