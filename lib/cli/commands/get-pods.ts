import { PodWatch } from "../../topology/index.ts";
import { podListing } from "../output/pod-listing.ts";
import { chosenListing, type List } from "./chosen-listing.ts";

/** `get pods`: what a watch sees at its first look. */
export const podsList: List = (set, choice, { view }) =>
  chosenListing(choice, new PodWatch(view).look().now, (pods) => podListing(pods, set));
