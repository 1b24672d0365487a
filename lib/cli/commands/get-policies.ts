import { listPolicies } from "../../topology/index.ts";
import { policyListing } from "../output/policy-listing.ts";
import { chosenListing, type List } from "./chosen-listing.ts";

/** `get policies`: of each network that one is about. */
export const policiesList: List = (set, choice, { view }) =>
  chosenListing(choice, listPolicies(view), (policies) => policyListing(policies, set));
