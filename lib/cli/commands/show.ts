import { inspectedTables, listNetworks, type NetworkOverview } from "../../topology/index.ts";
import { CliError } from "../cli-error.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions } from "../options.ts";
import { formatData } from "../output/format.ts";
import { tell } from "../output/messages.ts";
import { networkTree } from "../output/network-tree.ts";
import { enumerate, printable } from "../output/text.ts";
import { formatTree } from "../output/tree.ts";

/** `show`: one network or all of them, as a tree. */
export async function show(name: string | undefined, options: GlobalOptions, io: Io): Promise<number> {
  const all = await readNorthbound(options, io, inspectedTables, (nb) => listNetworks(nb.view));
  const networks = name === undefined ? all : [find(all, name)];
  if (options.output !== "text") {
    io.out(await formatData({ networks }, options.output));
    return 0;
  }
  if (networks.length === 0) tell(io, "there are no networks in this database");
  io.out(
    networks
      .map((network) =>
        formatTree(networkTree(network))
          .map((line) => `${line}\n`)
          .join(""),
      )
      .join("\n"),
  );
  return 0;
}

function find(networks: readonly NetworkOverview[], name: string): NetworkOverview {
  const found = networks.find((network) => network.name === name);
  if (found !== undefined) return found;
  const known = networks.length === 0 ? "none" : enumerate(networks.map((network) => network.name));
  throw new CliError(`there is no network ${printable(name)} in this database; there are: ${known}`);
}
