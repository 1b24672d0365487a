import * as v from "valibot";
import { type LabelSelector, type Labels, matchesLabels } from "../topology/index.ts";
import { PRIMARY_NAMESPACE } from "./annotations.ts";
import { check, map, optional } from "./check.ts";
import type { KubernetesObject } from "./object.ts";
import type { Problems } from "./problems.ts";

const NamespaceSchema = map({
  metadata: map({ labels: optional(v.record(v.string(), v.string())) }),
});

/** The label that every namespace has without being given it (Kubernetes, well-known labels). */
const NAME_LABEL = "kubernetes.io/metadata.name";

/** The namespaces of a set of manifests, by their labels. */
export class Namespaces {
  readonly #labels: ReadonlyMap<string, Labels>;
  readonly #objects: readonly KubernetesObject[];
  readonly #used = new Set<string>();

  constructor(objects: readonly KubernetesObject[], problems: Problems) {
    this.#objects = objects;
    this.#labels = new Map(
      objects.flatMap((object) => {
        const checked = check(NamespaceSchema, object.part, problems);
        return checked === undefined
          ? []
          : [[object.name, { [NAME_LABEL]: object.name, ...checked.metadata.labels }]];
      }),
    );
  }

  /** Names of the namespaces that a selector chooses, in order. */
  selectedBy(selector: LabelSelector): readonly string[] {
    const names = [...this.#labels]
      .filter(([, labels]) => matchesLabels(selector, labels))
      .map(([name]) => name);
    for (const name of names) this.#used.add(name);
    return names;
  }

  has(name: string): boolean {
    return this.#labels.has(name);
  }

  /** Whether the namespace is known and its pods are to have a primary network of their own. */
  takesPrimary(name: string): boolean {
    return Object.hasOwn(this.#labels.get(name) ?? {}, PRIMARY_NAMESPACE);
  }

  /** Notes that a network is for the namespace, whether it is among the manifests or not. */
  use(name: string): void {
    this.#used.add(name);
  }

  /** Says of each namespace that had to do with no network that it was passed over. */
  tellUnused(problems: Problems): void {
    for (const { part, kind, name } of this.#objects)
      if (!this.#used.has(name))
        problems.skip(part, kind, name, "no user-defined network of the manifests is for it");
  }
}
