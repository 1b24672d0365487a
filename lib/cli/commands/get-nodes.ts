import { listNodes } from "../../topology/index.ts";
import { nodeListing } from "../output/node-listing.ts";
import { chosenListing, type List } from "./chosen-listing.ts";

/** `get nodes`: their pods are counted. */
export const nodesList: List = (set, choice, { view }) =>
  chosenListing(choice, listNodes(view), (nodes) => nodeListing(nodes, set));
