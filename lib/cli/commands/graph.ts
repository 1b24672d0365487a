import { graphTables, type GraphOptions as Limits, type TopologyGraph } from "../../topology/index.ts";
import { CliError } from "../cli-error.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import { findNetwork } from "../networks.ts";
import type { ConnectionOptions } from "../options.ts";
import { formatData, type GraphFormat } from "../output/format.ts";
import { tell } from "../output/messages.ts";
import { enumerate, printable } from "../output/text.ts";

/** Options of `graph`. */
export interface GraphOptions extends ConnectionOptions {
  readonly output: GraphFormat;
  readonly nodes?: number;
  readonly node?: readonly string[];
  readonly pods?: number;
}

/** What Mermaid refuses by default (mermaid.js.org, `maxEdges` and `maxTextSize`). */
const MERMAID_LINKS = 500;
const MERMAID_TEXT = 50_000;

/** `graph`: one network or all of them, as a picture. */
export async function graph(name: string | undefined, options: GraphOptions, io: Io): Promise<number> {
  const { nodes, node = [], pods } = options;
  if (node.includes("")) throw new CliError("--node is empty: which one is meant?");
  const limits: Limits = {
    ...(nodes !== undefined && { nodes }),
    ...(pods !== undefined && { pods }),
    alsoNodes: node,
  };
  const picture = await readNorthbound(options, io, graphTables, async () => {
    const { graphTopology, listNetworks } = await import("../pictures.ts");
    return ({ view }) => {
      if (name !== undefined) findNetwork(listNetworks(view), name);
      return graphTopology(view, { ...limits, ...(name !== undefined && { network: name }) });
    };
  });
  checkNodes(picture, node);
  if (picture.boxes.length === 0) tell(io, "there are no networks in this database");
  io.out(await draw(picture, options.output, io));
  return 0;
}

async function draw(picture: TopologyGraph, format: GraphFormat, io: Io): Promise<string> {
  const { graphToDot, graphToMermaid, graphToSvg } = await import("../pictures.ts");
  switch (format) {
    case "dot":
      return graphToDot(picture);
    case "svg":
      return graphToSvg(picture);
    case "mermaid": {
      const text = graphToMermaid(picture);
      if (picture.links.length > MERMAID_LINKS || text.length > MERMAID_TEXT)
        tell(
          io,
          "this is more than Mermaid draws by default: fold more of it (--nodes, --pods), or take -o svg",
        );
      return text;
    }
    default:
      return await formatData(picture, format);
  }
}

function checkNodes({ networks }: TopologyGraph, wanted: readonly string[]): void {
  const known = [...new Set(networks.flatMap(({ nodes }) => nodes))];
  for (const name of wanted)
    if (!known.includes(name))
      throw new CliError(
        `there is no node ${printable(name)} in this picture; there are: ${known.length === 0 ? "none" : enumerate(known)}`,
      );
}
