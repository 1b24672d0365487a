import { order } from "./text.ts";

/** What is in a namespace, and on a network. */
interface OnNetwork {
  readonly namespace: string;
  readonly name: string;
  readonly network: string;
}

/** Those that manifests name, or all, in order; with words for each, and for those that are named and not there. */
export function inNamespaces<T extends OnNetwork>(
  kind: string,
  things: readonly T[],
  wanted: readonly OnNetwork[] | undefined,
): {
  readonly shown: readonly T[];
  readonly subjects: readonly string[];
  readonly missing: readonly string[];
} {
  const words = ({ namespace, name, network }: OnNetwork): string =>
    `${kind} ${namespace}/${name} on network "${network}"`;
  const named = wanted && new Set(wanted.map(words));
  const shown = things
    .filter((thing) => named?.has(words(thing)) ?? true)
    .toSorted(
      (a, b) => order(a.namespace, b.namespace) || order(a.name, b.name) || order(a.network, b.network),
    );
  const subjects = shown.map(words);
  const found = new Set(subjects);
  return { shown, subjects, missing: [...(named ?? [])].filter((each) => !found.has(each)) };
}
