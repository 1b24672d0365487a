import { UsageError } from "../../jsonrpc/index.ts";
import type { TopologyGraph } from "./graph.ts";

/** Throws `UsageError` for what is no picture, as plain JavaScript may give: a database is not drawn at once. */
export function checkGraph(graph: TopologyGraph): void {
  if (typeof graph === "object" && graph !== null) {
    const { boxes, links, networks } = graph;
    if ([boxes, links, networks].every(Array.isArray)) return;
  }
  throw new UsageError("a picture must be one that graphTopology(nb.view) gives");
}
