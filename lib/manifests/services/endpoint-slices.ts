import * as v from "valibot";
import type { EndpointInput, EndpointSliceInput } from "../../topology/index.ts";
import { MIRRORED_FOR, SERVICE_NAME, SLICE_NETWORK } from "../objects/annotations.ts";
import { check, map, optional } from "../objects/check.ts";
import { refuseMisspeltFields } from "../objects/misspelt-fields.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { isAddress } from "../text/address-text.ts";
import { SliceSchema } from "./service-schema.ts";

const MetadataSchema = map({
  metadata: map({
    labels: optional(
      map({
        [SERVICE_NAME]: optional(v.string()),
        [MIRRORED_FOR]: optional(v.string()),
        [SLICE_NETWORK]: optional(v.string()),
      }),
    ),
    annotations: optional(map({ [SLICE_NETWORK]: optional(v.string()) })),
  }),
});

interface Slice {
  readonly object: KubernetesObject;
  /** `namespace/name` of the service. */
  readonly service: string;
  /** The network for which OVN-Kubernetes made it; absent for one that Kubernetes made, with addresses of the cluster's own network. */
  readonly network?: string;
}

/** The EndpointSlices of a set of manifests. */
export class EndpointSlices {
  readonly #slices: readonly Slice[];
  readonly #used = new Set<Slice>();

  constructor(objects: readonly KubernetesObject[], problems: Problems) {
    this.#slices = objects.flatMap((object) => sliceOf(object, problems));
  }

  /**
   * The endpoints of a service on a network. OVN-Kubernetes mirrors each slice with the pods' addresses on their primary
   * network; where there are no mirrors, the pods that the slices of Kubernetes name are looked up.
   */
  of(service: string, network: string, problems: Problems): readonly EndpointSliceInput[] {
    const own = this.#slices.filter((slice) => slice.service === service);
    for (const slice of own) this.#used.add(slice);
    const mirrors = own.filter((slice) => slice.network === network);
    const chosen = mirrors.length > 0 ? mirrors : own.filter((slice) => slice.network === undefined);
    return chosen.flatMap((slice) => readSlice(slice, problems));
  }

  /** Says of each slice that belongs to no service of the manifests that it was passed over. */
  tellUnused(problems: Problems): void {
    for (const slice of this.#slices)
      if (!this.#used.has(slice))
        problems.skip(
          slice.object.part,
          slice.object.kind,
          slice.object.key,
          "it belongs to no service on a primary network of the manifests",
        );
  }
}

function sliceOf(object: KubernetesObject, problems: Problems): Slice[] {
  const checked = check(MetadataSchema, object.part, problems);
  if (checked === undefined) return [];
  const { labels, annotations } = checked.metadata;
  const mirrored = labels?.[MIRRORED_FOR];
  // Until 2025 OVN-Kubernetes wrote it as a label, which has no room for long names.
  const network = annotations?.[SLICE_NETWORK] ?? labels?.[SLICE_NETWORK];
  const name = mirrored ?? labels?.[SERVICE_NAME];
  if (mirrored != null && network == null) {
    problems.add(object.part, ["metadata", "annotations", SLICE_NETWORK], "is missing");
    return [];
  }
  if (name == null || name === "") {
    problems.skip(object.part, object.kind, object.key, `it has no label ${SERVICE_NAME}`);
    return [];
  }
  return [
    {
      object,
      service: `${object.namespace}/${name}`,
      ...(mirrored != null && network != null && { network }),
    },
  ];
}

function readSlice({ object, network }: Slice, problems: Problems): EndpointSliceInput[] {
  refuseMisspeltFields(object.part, "EndpointSlice", problems);
  const slice = check(SliceSchema, object.part, problems);
  // As upstream has it: names of hosts cannot be in a load balancer.
  if (slice === undefined || slice.addressType === "FQDN") return [];
  const family = slice.addressType === "IPv6" ? 6 : 4;
  const endpoints = (slice.endpoints ?? []).flatMap(
    ({ addresses, conditions = {}, nodeName, targetRef }, index): EndpointInput[] => {
      const { ready, serving, terminating } = conditions;
      const about = { ready, serving, terminating, node: nodeName };
      if (network === undefined) {
        const isPod = targetRef?.kind === "Pod" && targetRef.name !== undefined;
        // Upstream looks there, and for an address by the key of the service's own definition, which such a pod does not have.
        if (isPod && (targetRef.namespace ?? object.namespace) !== object.namespace) {
          problems.add(
            object.part,
            ["endpoints", index, "targetRef", "namespace"],
            `must be that of the EndpointSlice, ${object.namespace}: a service leads to pods of its own namespace`,
          );
          return [];
        }
        if (isPod) return [{ ...about, pod: targetRef.name }];
        problems.ignore(
          object,
          object.part.position(["endpoints", index]),
          `its endpoint ${addresses.join(", ")} is no pod; on a primary network services lead to pods`,
        );
        return [];
      }
      for (const [at, text] of addresses.entries())
        if (!isAddress(text) || text.includes(":") !== (family === 6))
          problems.add(
            object.part,
            ["endpoints", index, "addresses", at],
            `must be an address of ${slice.addressType}`,
          );
      return [{ ...about, addresses }];
    },
  );
  return [
    {
      family,
      // The API server gives every port a number; one without is of somebody's making, and leads nowhere.
      ports: (slice.ports ?? []).flatMap(({ port, ...rest }) =>
        port === undefined ? [] : [{ ...rest, port }],
      ),
      endpoints,
    },
  ];
}
