import type { ReadView } from "../../database/index.ts";
import type { DesiredRow } from "../../reconcile/index.ts";
import type { SpecError } from "../description/errors.ts";
import { networkFault } from "../description/spec-field.ts";
import { networkOf } from "../observe/observe.ts";
import { networkNumber } from "../request/network-number.ts";
import type { NetworkRequest } from "../request/request.ts";
import type { NetworkPair } from "./group-networks.ts";

/**
 * Checks that no two networks hide behind one address: a node could not tell whose answers are whose. The addresses follow
 * from the networks' ids, which upstream keeps apart; two that are given one id meet here.
 *
 * @param networks Those whose rows they are, with what tells their ids.
 * @param going Networks that the same transaction removes.
 * @returns Pairs of networks of which the first takes an address that the second gives up: not to be done one after the other.
 * @throws SpecError naming the number where it is told, the address and both networks.
 */
export function checkMasquerades(
  view: ReadView,
  rows: readonly DesiredRow[],
  networks: readonly Pick<NetworkRequest, "spec" | "nodes">[],
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
    if (owner !== undefined && owner !== network) throw sharedNumber(networks, network, owner, address);
    owners.set(address, network);
    for (const holder of holders) if (holder !== network) pairs.push([network, holder]);
  }
  return pairs;
}

function sharedNumber(
  networks: readonly Pick<NetworkRequest, "spec" | "nodes">[],
  network: string,
  owner: string,
  address: string,
): SpecError {
  const request = networks.find(({ spec }) => spec.name === network);
  const { path, value } = networkNumber(request?.spec ?? { name: network }, request?.nodes ?? []);
  return networkFault(
    network,
    path,
    value,
    `is also the number of network "${owner}": it and "${network}" would both hide behind the masquerade address ${address}`,
  );
}

/** Networks of the database that hide behind the address. */
function holdersOf(view: ReadView, address: string): readonly string[] {
  return view
    .find("NAT", { external_ip: address, type: "snat" })
    .map(networkOf)
    .filter((other) => other !== "");
}
