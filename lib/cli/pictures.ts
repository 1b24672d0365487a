// A file of its own, as inspect.ts is.
export {
  graphToDot,
  graphToMermaid,
  graphTopology,
  graphToSvg,
  listNetworks,
} from "../topology/index.ts";
