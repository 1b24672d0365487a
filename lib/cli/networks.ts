import type { NetworkOverview } from "../topology/index.ts";
import { CliError } from "./cli-error.ts";
import { enumerate, printable } from "./output/text.ts";

/** The network of that name. Throws {@link CliError} that tells which there are. */
export function findNetwork(networks: readonly NetworkOverview[], name: string): NetworkOverview {
  const found = networks.find((network) => network.name === name);
  if (found !== undefined) return found;
  if (name === "") throw new CliError("the name of a network is empty: which one is meant?");
  const known = networks.length === 0 ? "none" : enumerate(networks.map((network) => network.name));
  throw new CliError(`there is no network ${printable(name)} in this database; there are: ${known}`);
}
