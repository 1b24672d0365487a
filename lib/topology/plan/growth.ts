import type { BuiltNode } from "../rows/built-network.ts";

/** How networks give out subnets in a plan, by their names. */
export interface Growth {
  /** Only a guard on the router keeps others from them. */
  readonly guarded: ReadonlySet<string>;
  /** Of these, those whose router is to be marked. */
  readonly unseen: ReadonlySet<string>;
  /** All are claimed by uuids. */
  readonly claimed: ReadonlySet<string>;
}

/** The plan gives out no subnets. */
export const NO_GROWTH: Growth = { guarded: new Set(), unseen: new Set(), claimed: new Set() };

/** Says of each network how its nodes get their subnets. */
export function growthOf(
  networks: readonly { readonly network: string; readonly built: { readonly nodes: readonly BuiltNode[] } }[],
  takesChosenUuids: boolean,
): Growth {
  const guarded = new Set<string>();
  const unseen = new Set<string>();
  const claimed = new Set<string>();
  for (const { network, built } of networks)
    for (const node of built.nodes) {
      if (!node.isNew && !node.exclusive) continue;
      // Without chosen uuids no subnet is claimed by any.
      if (node.exclusive || !takesChosenUuids) guarded.add(network);
      else claimed.add(network);
      if (node.unseen) unseen.add(network);
    }
  for (const network of guarded) claimed.delete(network);
  return { guarded, unseen, claimed };
}
