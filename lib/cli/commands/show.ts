import { inspectedTables } from "../../topology/index.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import { findNetwork } from "../networks.ts";
import type { GlobalOptions } from "../options.ts";
import { formatData } from "../output/format.ts";
import { tell } from "../output/messages.ts";
import { networkTree } from "../output/network-tree.ts";
import { formatTree } from "../output/tree.ts";

/** `show`: some networks or all of them, as trees. */
export async function show(names: readonly string[], options: GlobalOptions, io: Io): Promise<number> {
  const all = await readNorthbound(options, io, inspectedTables, async () => {
    const { listNetworks } = await import("../inspect.ts");
    return (nb) => listNetworks(nb.view);
  });
  const networks = names.length === 0 ? all : [...new Set(names)].map((name) => findNetwork(all, name));
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
