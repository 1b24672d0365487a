import type { ReadView } from "../../database/index.ts";
import type { DesiredRow } from "../../reconcile/index.ts";
import type { SpecError } from "../description/errors.ts";
import { networkFault } from "../description/spec-field.ts";
import { networkOf } from "../observe/observe.ts";
import { networkNumber } from "../request/network-number.ts";
import type { NetworkRequest } from "../request/request.ts";
import type { NetworkPair } from "./group-networks.ts";

/** A switch or router that asks for a key. */
interface Holder {
  readonly network: string;
  readonly name: string;
}

/**
 * Checks that no two switches or routers ask for one tunnel key. Upstream gives each a key of its own; of two that are given one
 * ovn-northd lets one have it and gives the other one of its own choice, which the other zones do not know (ovn-northd logs
 * "can't assign requested-tnl-key").
 *
 * @param networks Those whose rows they are, with what tells their keys.
 * @param going Networks that the same transaction removes.
 * @returns Pairs of networks of which the first takes a key that the second gives up: not to be done one after the other.
 * @throws SpecError naming both, and the number or the keys where they are told.
 */
export function checkTunnelKeys(
  view: ReadView,
  rows: readonly DesiredRow[],
  networks: readonly Pick<NetworkRequest, "spec" | "nodes">[],
  going: ReadonlySet<string>,
): readonly NetworkPair[] {
  const asking = rows.filter((row) => keyAskedBy(row) !== undefined);
  if (asking.length === 0) return [];
  const pairs: NetworkPair[] = [];
  const owners = new Map<string, Holder>();
  // What these have in the database changes in the same transaction. Of their networks there may be more, which stays.
  const names = new Set(rows.map(({ name }) => name));
  const stays = (holder: Holder): boolean => !going.has(holder.network) && !names.has(holder.name);
  for (const row of asking) {
    const { network = "", name } = row;
    const key = keyAskedBy(row);
    if (key === undefined) continue;
    const holders = holdersOf(view, key);
    const owner = owners.get(key) ?? holders.find(stays);
    if (owner !== undefined) throw sharedKey(networks, { network, name }, owner, key);
    owners.set(key, { network, name });
    for (const holder of holders)
      if (holder.network !== "" && holder.network !== network) pairs.push([network, holder.network]);
  }
  return pairs;
}

function sharedKey(
  networks: readonly Pick<NetworkRequest, "spec" | "nodes">[],
  { network, name }: Holder,
  owner: Holder,
  key: string,
): SpecError {
  const request = networks.find(({ spec }) => spec.name === network);
  const ownKeys = request?.spec.tunnelKeys;
  // A network without keys of its own has them from its number.
  const { path, value } =
    ownKeys === undefined
      ? networkNumber(request?.spec ?? { name: network }, request?.nodes ?? [])
      : { path: "tunnelKeys", value: ownKeys };
  const other = owner.network === "" || owner.network === network ? "" : ` of network "${owner.network}"`;
  return networkFault(
    network,
    path,
    value,
    `would make ${name} ask for the tunnel key ${key}, which ${owner.name}${other} has`,
  );
}

/** The tunnel key that a switch or router asks for; ports ask for keys within their switch, which are another matter. */
function keyAskedBy({ key, keys }: DesiredRow): string | undefined {
  const ofSwitch = keys?.["other_config"]?.["requested-tnl-key"];
  const ofRouter = keys?.["options"]?.["requested-tnl-key"];
  // Nearly no row: only those are looked at more closely.
  if (ofSwitch === undefined && ofRouter === undefined) return undefined;
  if (key.startsWith("Logical_Switch/")) return ofSwitch;
  return key.startsWith("Logical_Router/") ? ofRouter : undefined;
}

/** Switches and routers of the database that have the key. */
function holdersOf(view: ReadView, key: string): readonly Holder[] {
  const where = { "requested-tnl-key": key };
  return [
    ...view.find("Logical_Switch", { other_config: where }),
    ...view.find("Logical_Router", { options: where }),
  ].map((row) => ({ network: networkOf(row), name: String(row["name"]) }));
}
