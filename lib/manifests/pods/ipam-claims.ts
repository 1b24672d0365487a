import * as v from "valibot";
import { check, map, nameString, optional } from "../objects/check.ts";
import type { ManifestClaim, ManifestNetwork } from "../objects/manifest-set.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { isAddress, isCidr } from "../text/address-text.ts";
import { describeValue } from "../text/describe-value.ts";
import type { ClaimReference } from "./selections.ts";

const address = v.pipe(
  v.string(),
  v.check((text) => isCidr(text) || isAddress(text), "is not an address or an address with a prefix length"),
);

const ClaimSchema = map({
  spec: map({ network: nameString() }),
  status: optional(map({ ips: optional(v.array(address)) })),
});

/** The IPAMClaims of a set of manifests, by key. */
export class IpamClaims {
  readonly #claims = new Map<
    string,
    { readonly object: KubernetesObject; readonly claim: ManifestClaim | undefined }
  >();

  constructor(objects: readonly KubernetesObject[], problems: Problems) {
    for (const object of objects)
      this.#claims.set(object.key, { object, claim: readClaim(object, problems) });
  }

  /** The claim that an attachment to a network refers to; `undefined` when it has none that counts, which is told. */
  find(
    pod: KubernetesObject,
    reference: ClaimReference | undefined,
    network: ManifestNetwork | undefined,
    problems: Problems,
  ): ManifestClaim | undefined {
    if (reference === undefined || network === undefined) return undefined;
    const { key, source } = reference;
    const { spec } = network;
    if (!spec.allowPersistentIPs || spec.subnets.length === 0) {
      // Upstream goes on without it, and so does this; the addresses will not stay.
      const reason = `the network ${describeValue(spec.name)} has no persistent addresses`;
      problems.ignore(pod, source, `its IPAMClaim ${key} is not used: ${reason}`);
      return undefined;
    }
    const found = this.#claims.get(key);
    if (found === undefined) {
      problems.addAt(source, "refers to an IPAMClaim that is not among the manifests", key);
      return undefined;
    }
    const { claim } = found;
    if (claim === undefined || claim.network === spec.name) return claim;
    problems.addAt(source, `refers to an IPAMClaim of another network, ${describeValue(claim.network)}`, key);
    return undefined;
  }

  /** Those of the networks that are among the manifests, in order; of each other it is said that it was passed over. */
  list(networks: readonly ManifestNetwork[], problems: Problems): readonly ManifestClaim[] {
    const names = new Set(networks.map(({ spec }) => spec.name));
    return [...this.#claims.values()].flatMap(({ object: { part, kind, key }, claim }) => {
      if (claim === undefined) return [];
      if (names.has(claim.network)) return [claim];
      problems.skip(
        part,
        kind,
        key,
        `its network ${describeValue(claim.network)} is not among the manifests`,
      );
      return [];
    });
  }
}

function readClaim(object: KubernetesObject, problems: Problems): ManifestClaim | undefined {
  const checked = check(ClaimSchema, object.part, problems);
  if (checked === undefined) return undefined;
  const path = ["status", "ips"];
  const source = object.part.position(object.part.get(path) === undefined ? [] : path);
  return {
    network: checked.spec.network,
    input: {
      namespace: object.namespace,
      name: object.name,
      ips: checked.status?.ips ?? [],
      source: `${source.file}, document ${source.document}, line ${source.line}: ${source.field}`,
    },
    source,
  };
}
