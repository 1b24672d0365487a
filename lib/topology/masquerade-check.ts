import type { ReadView } from "../database/index.ts";
import type { DesiredRow } from "../reconcile/index.ts";
import type { NetworkPair } from "./group-networks.ts";
import { networkOf } from "./observe.ts";
import { networkFault } from "./spec-field.ts";

/**
 * Checks that no two networks hide behind one address: a node could not tell whose answers are whose. The addresses follow
 * from the networks' ids, which upstream keeps apart; two that are given one id meet here.
 *
 * @param going Networks that the same transaction removes.
 * @returns Pairs of networks of which the first takes an address that the second gives up: not to be done one after the other.
 * @throws SpecError naming the address and both networks.
 */
export function checkMasquerades(
  view: ReadView,
  rows: readonly DesiredRow[],
  going: ReadonlySet<string>,
): readonly NetworkPair[] {
  const hiding = rows.filter(({ kind }) => kind === "snat");
  if (hiding.length === 0) return [];
  const pairs: NetworkPair[] = [];
  const owners = new Map<string, string>();
  // What these have in the database changes in the same transaction.
  const moving = new Set([...going, ...rows.map(({ network = "" }) => network)]);
  for (const { network = "", columns } of hiding) {
    const address = columns?.["external_ip"];
    if (typeof address !== "string") continue;
    const holders = holdersOf(view, address);
    const owner = owners.get(address) ?? holders.find((other) => !moving.has(other));
    if (owner !== undefined && owner !== network)
      throw networkFault(
        network,
        "networkId",
        address,
        `of network "${network}" is that of network "${owner}": both would hide behind one masquerade address`,
      );
    owners.set(address, network);
    for (const holder of holders) if (holder !== network) pairs.push([network, holder]);
  }
  return pairs;
}

/** Networks of the database that hide behind the address. */
function holdersOf(view: ReadView, address: string): readonly string[] {
  return view
    .find("NAT", { external_ip: address, type: "snat" })
    .map(networkOf)
    .filter((other) => other !== "");
}
