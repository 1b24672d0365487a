import * as v from "valibot";
import {
  type LabelSelector,
  type Labels,
  LOG_SEVERITIES,
  matchesLabels,
  type NamespaceInput,
} from "../../topology/index.ts";
import { ACL_LOGGING, MULTICAST, PRIMARY_NAMESPACE } from "../objects/annotations.ts";
import { check, map, mapOf, optional } from "../objects/check.ts";
import type { ManifestPod, ManifestPolicy } from "../objects/manifest-set.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";

const NamespaceSchema = map({
  metadata: map({
    labels: optional(mapOf(v.string())),
    annotations: optional(map({ [ACL_LOGGING]: optional(v.string()) })),
  }),
});

/** An empty text is no severity (go-controller/pkg/ovn, base_network_controller_namespace.go). */
const severity = optional(
  v.picklist(["", ...LOG_SEVERITIES] as const, `must be one of ${LOG_SEVERITIES.join(", ")}`),
);
const LoggingSchema = map({ allow: severity, deny: severity });

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

  /** What policies have to know of namespaces: labels of those with pods, and what those with policies log. */
  describe(
    policies: readonly ManifestPolicy[],
    pods: readonly ManifestPod[],
    problems: Problems,
  ): readonly NamespaceInput[] {
    if (policies.length === 0) return [];
    const own = new Set(policies.map(({ input }) => input.namespace));
    for (const name of [...own, ...pods.map(({ namespace }) => namespace)]) this.#used.add(name);
    return this.#objects.flatMap((object): NamespaceInput[] => {
      const labels = this.#labels.get(object.name);
      if (labels === undefined) return [];
      const logging = own.has(object.name) ? readLogging(object, problems) : undefined;
      return [{ name: object.name, labels, ...(logging && { logging }) }];
    });
  }

  /** Notes that a network is for the namespace, whether it is among the manifests or not. */
  use(name: string): void {
    this.#used.add(name);
  }

  /** Says what a namespace asks of its primary network in vain. */
  tellMulticast(name: string, problems: Problems): void {
    const path = ["metadata", "annotations", MULTICAST];
    for (const object of this.#objects)
      if (object.name === name && object.part.get(path) === "true")
        problems.ignore(object, object.part.position(path), "primary networks have no multicast yet");
  }

  /** Says of each namespace that had to do with no network that it was passed over. */
  tellUnused(problems: Problems): void {
    for (const { part, kind, name } of this.#objects)
      if (!this.#used.has(name))
        problems.skip(part, kind, name, "no user-defined network of the manifests is for it");
  }
}

/** Upstream turns the log off where it does not understand this; a fault is easier to find. */
function readLogging(object: KubernetesObject, problems: Problems): NamespaceInput["logging"] | undefined {
  const path = ["metadata", "annotations", ACL_LOGGING];
  const text = object.part.get(path);
  if (typeof text !== "string" || text === "") return undefined;
  const part = problems.json(object.part, path, text);
  const checked = part && check(LoggingSchema, part, problems);
  if (checked === undefined) return undefined;
  const { allow, deny } = checked;
  return { ...(allow && { allow }), ...(deny && { deny }) };
}
