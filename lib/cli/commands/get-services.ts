import { listServices } from "../../topology/index.ts";
import { serviceListing } from "../output/service-listing.ts";
import { chosenListing, type List } from "./chosen-listing.ts";

/** `get services`: they are in rows of their own. */
export const servicesList: List = (set, choice, { view }) =>
  chosenListing(choice, listServices(view), (services) => serviceListing(services, set));
