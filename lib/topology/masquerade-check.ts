import type { ReadView } from "../database/index.ts";
import type { DesiredRow } from "../reconcile/index.ts";
import { networkOf } from "./observe.ts";
import { networkFault } from "./spec-field.ts";

/**
 * Checks that no two networks hide behind one address: a node could not tell whose answers are whose. The addresses follow
 * from the networks' ids, which upstream keeps apart; two that are given one id meet here.
 *
 * @param going Networks that the same transaction removes.
 * @throws SpecError naming the address and both networks.
 */
export function checkMasquerades(
  view: ReadView,
  rows: readonly DesiredRow[],
  going: ReadonlySet<string>,
): void {
  const hiding = rows.filter(({ kind }) => kind === "snat");
  if (hiding.length === 0) return;
  const owners = new Map<string, string>();
  // What these have in the database changes in the same transaction.
  const moving = new Set([...going, ...rows.map(({ network = "" }) => network)]);
  for (const { network = "", columns } of hiding) {
    const address = columns?.["external_ip"];
    if (typeof address !== "string") continue;
    const owner = owners.get(address) ?? ownerOf(view, address, moving);
    if (owner !== undefined && owner !== network)
      throw networkFault(
        network,
        "networkId",
        address,
        `of network "${network}" is that of network "${owner}": both would hide behind one masquerade address`,
      );
    owners.set(address, network);
  }
}

/** A network of the database that hides behind the address and is to stay as it is. */
function ownerOf(view: ReadView, address: string, moving: ReadonlySet<string>): string | undefined {
  return view
    .find("NAT", { external_ip: address, type: "snat" })
    .map(networkOf)
    .find((other) => other !== "" && !moving.has(other));
}
