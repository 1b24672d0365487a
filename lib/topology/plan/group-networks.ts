/** Two networks of which the first takes what the second gives up. */
export type NetworkPair = readonly [string, string];

/** How large a plan is. */
export interface PlanSize {
  /** Of all its operations. */
  readonly bytes: number;
  /** By network; of what is about several under `undefined`. */
  readonly sizes: ReadonlyMap<string | undefined, number>;
  readonly together?: readonly NetworkPair[] | undefined;
}

/**
 * Parts of a plan that are applied one after the other: one with everything (`undefined`) when that fits, else groups of
 * networks that do.
 *
 * Networks that take something from each other stay together, also where one after the other would do: of two that
 * exchange a number neither can go first.
 */
export function groupNetworks(
  whole: PlanSize,
  networks: readonly string[],
  maxBytes: number,
): readonly (readonly string[] | undefined)[] {
  if (networks.length < 2 || whole.bytes <= maxBytes) return [undefined];
  const { sizes, together = [] } = whole;
  // Rows that serve several networks may have to be mentioned in each transaction.
  const shared = sizes.get(undefined) ?? 0;
  const known = new Set<string | undefined>([undefined, ...networks]);
  // What is about none of the networks goes with the first.
  let room = maxBytes - shared - 1;
  for (const [network, bytes] of sizes) if (!known.has(network)) room -= bytes;
  let last: string[] = [];
  const groups = [last];
  for (const unit of unitsOf(networks, together)) {
    const bytes = unit.reduce((sum, network) => sum + (sizes.get(network) ?? 0), 0);
    if (last.length > 0 && bytes > room) {
      last = [];
      groups.push(last);
      room = maxBytes - shared - 1;
    }
    last.push(...unit);
    room -= bytes;
  }
  return groups;
}

/** Networks that must go together, in the order of the first of each. */
function unitsOf(networks: readonly string[], together: readonly NetworkPair[]): Iterable<readonly string[]> {
  const units = new Map(networks.map((network) => [network, [network]]));
  for (const pair of together) {
    const [one, other] = pair.map((network) => units.get(network));
    if (one === undefined || other === undefined || one === other) continue;
    one.push(...other);
    for (const network of other) units.set(network, one);
  }
  return new Set(units.values());
}
