import type { ManifestPod, ManifestSet } from "../../manifests/index.ts";
import { type Northbound, type PodOnNetwork, PodWatch } from "../../topology/index.ts";
import type { ChosenListing, Listing, Look } from "../output/listing.ts";
import { podListing } from "../output/pod-listing.ts";
import { type Choice, isChosen, withoutMatch } from "./chosen.ts";

/**
 * Looks for `get pods --watch`: the first at all pods, each later one at those alone of which something has changed. What is
 * printed of a pod is made of its own ports and of what manifests say of it.
 */
export function lookAtPods(
  set: ManifestSet | undefined,
  choice: Choice,
  { view }: Northbound,
): () => readonly Look[] {
  const watch = new PodWatch(view);
  const wanted = set && podsByName(set);
  let isBegun = false;
  return () => {
    const { before, now } = watch.look();
    // What the manifests alone know is told once, of all of them.
    const known = isBegun ? wanted && podsOf(wanted, [...before, ...now]) : set;
    isBegun = true;
    const list = (pods: readonly PodOnNetwork[]): Listing =>
      podListing(
        pods.filter((pod) => isChosen(choice, pod)),
        known,
      );
    const listing: ChosenListing = { ...list(now), unknown: withoutMatch(choice, now) };
    return [{ now: listing, before: list(before) }];
  };
}

type PodsByName = ReadonlyMap<string, readonly ManifestPod[]>;

function podsByName({ pods }: ManifestSet): PodsByName {
  const byName = new Map<string, ManifestPod[]>();
  for (const pod of pods) {
    const same = byName.get(keyOf(pod)) ?? [];
    same.push(pod);
    byName.set(keyOf(pod), same);
  }
  return byName;
}

function podsOf(wanted: PodsByName, ports: readonly PodOnNetwork[]): Pick<ManifestSet, "pods"> {
  return { pods: [...new Set(ports.map(keyOf))].flatMap((key) => wanted.get(key) ?? []) };
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
