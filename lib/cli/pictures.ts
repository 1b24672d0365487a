// What `graph` loads; for the reason in inspect.ts.
export {
  graphToDot,
  graphToMermaid,
  graphTopology,
  graphToSvg,
  listNetworks,
} from "../topology/index.ts";
