import { summariseNetworks } from "../../topology/index.ts";
import { networkListing } from "../output/network-listing.ts";
import { chosenListing, type List } from "./chosen-listing.ts";

/** `get networks`: what networks consist of is counted. */
export const networksList: List = (set, choice, { view }) =>
  chosenListing(choice, summariseNetworks(view), (networks) => networkListing(networks, set));
