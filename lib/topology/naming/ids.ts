import { UsageError } from "../../jsonrpc/index.ts";
import { uuidV5 } from "../../ovsdb/index.ts";
import { checkedFilled, checkedText } from "./check-text.ts";

/**
 * Namespace of every uuid this library chooses.
 *
 * It, the kinds and the encoding below are a contract between all versions of the library that may run side by side;
 * `test/spec/ids.json` holds vectors.
 */
export const uuidNamespace = "989646a3-a3fd-41ea-89c7-933ddaad62c9";

/**
 * UUIDv5 of a kind and its key parts, joined by NUL, which no part can contain.
 *
 * ovsdb-server refuses a second insert with the same uuid, so the key becomes unique without an index or a wait. Parts may be
 * empty, as columns without a value are.
 *
 * @throws UsageError for an empty kind, for a part that is no text or contains NUL, and when there is no part.
 */
export function chosenUuid(kind: string, ...key: readonly string[]): string {
  let name = checkedFilled("the kind that a uuid is made of", kind);
  if (key.length === 0) throw new UsageError(`a uuid of the kind ${kind} needs a key`);
  for (const part of key) {
    if (checkedText("a part of the key that a uuid is made of", part).includes("\u0000"))
      throw new UsageError("no part of the key that a uuid is made of contains NUL, which separates them");
    name += `\u0000${part}`;
  }
  return uuidV5(uuidNamespace, name);
}

/** The same of a name, which no row lacks. */
function namedUuid(table: string, name: string): string {
  return chosenUuid(table, checkedFilled("the name that a uuid is made of", name));
}

/**
 * The uuid of the port that holds an address of a network.
 *
 * @param address Canonical text, as `formatAddress` writes it.
 */
export function addressClaim(network: string, address: string): string {
  const key = `${network}\u0000${address}`;
  const known = claims.get(key);
  if (known !== undefined) return known;
  const claim = chosenUuid("claim", network, address);
  if (claims.size >= MAX_CLAIMS) claims.clear();
  claims.set(key, claim);
  return claim;
}

/** Of many pods that are attached at once each passes over the addresses of those before it. */
const claims = new Map<string, string>();
/** With more pods at once than this each would make the claims of all before it anew. */
const MAX_CLAIMS = 16_384;

/**
 * The uuid of the router port of the node that has a subnet of a layer3 network.
 *
 * @param subnet Canonical text, as {@link Cidr.text}.
 */
export function subnetClaim(network: string, subnet: string): string {
  return chosenUuid("node subnet", network, subnet);
}

/** The uuid of a switch that this library makes. */
export function logicalSwitchUuid(name: string): string {
  return namedUuid("Logical_Switch", name);
}

/** The uuid of a router that this library makes. */
export function logicalRouterUuid(name: string): string {
  return namedUuid("Logical_Router", name);
}

/** The uuid of a load balancer group that this library makes. */
export function loadBalancerGroupUuid(name: string): string {
  return namedUuid("Load_Balancer_Group", name);
}

/** The uuid of a load balancer that this library makes. */
export function loadBalancerUuid(name: string): string {
  return namedUuid("Load_Balancer", name);
}

/**
 * The uuid of a row that has no name and is known by these values of its columns.
 *
 * @param owner Name of the row that holds it; empty when none does.
 * @throws UsageError as {@link chosenUuid} does.
 */
export function keyedUuid(table: string, owner: string, ...key: readonly string[]): string {
  if (key.length === 0) throw new UsageError(`a uuid of a row of ${table} needs a key`);
  return chosenUuid(table, owner, ...key);
}

/** The uuid of an address set that this library makes. */
export function addressSetUuid(name: string): string {
  return namedUuid("Address_Set", name);
}

/** The uuid of a port group that this library makes. */
export function portGroupUuid(name: string): string {
  return namedUuid("Port_Group", name);
}
