import type { NetworkSpec } from "../description/network-spec.ts";
import { checkedName } from "../description/spec.ts";
import { fault } from "../description/spec-field.ts";
import type { AttachmentInput } from "./inputs.ts";
import { checkLeavingPodShape } from "./node-shape.ts";

/**
 * Throws `SpecError` for what is no description of a pod, as plain JavaScript may give. `path` is where it stands.
 *
 * @returns the same
 */
export function checkedPod<P extends object>(path: string, pod: P): P {
  if (typeof pod === "object" && pod !== null) return pod;
  throw fault(path, pod, "must be an object with `namespace` and `name`");
}

/** The same for a pod whose ports shall go: one without a name would be taken for one that is gone already. */
export function checkLeavingPod(
  path: string,
  pod: {
    readonly namespace: string;
    readonly name: string;
    readonly nad?: string | undefined;
    readonly uid?: string | undefined;
  },
): void {
  const { namespace, name, nad, uid } = checkedPod(path, pod);
  checkLeavingPodShape(path, pod);
  checkedName(`${path}.namespace`, namespace);
  checkedName(`${path}.name`, name);
  if (nad !== undefined) checkedName(`pods[${namespace}/${name}].nad`, nad);
  if (uid !== undefined && typeof uid !== "string")
    throw fault(`pods[${namespace}/${name}].uid`, uid, "must be a text");
}

/** Throws `SpecError` for a pod of a request that does not say on which node it is and by which NAD; a `Network` fills in its own. */
export function checkPodPlace({ namespace, name, nad, node, source }: AttachmentInput): void {
  if (typeof nad === "string" && typeof node === "string") return;
  const [key, value] = typeof nad === "string" ? ["node", node] : ["nad", nad];
  const problem = value === undefined ? "is needed" : "must be a text";
  throw fault(`pods[${namespace}/${name}].${key}`, value, problem, source);
}

/**
 * Throws `SpecError` for a pod that asks for a NAD which is none of the network's: it is the NAD that leads a pod to a network, and
 * `detach` looks for ports by those that the network has. A network that was described without NADs takes any.
 */
export function checkPodNad({ name: network, nads }: NetworkSpec, pod: AttachmentInput): void {
  const { namespace, name, nad, source } = pod;
  if (nads.length === 0 || typeof nad !== "string") return;
  const isOurs = (key: string): boolean => (nads.length > FEW ? setOf(nads).has(key) : nads.includes(key));
  if (isOurs(nad)) return;
  const end = nad.lastIndexOf("/");
  if (isOurs(nad.slice(0, end)) && /^[1-9]\d*$/.test(nad.slice(end + 1))) return;
  const known = nads.length === 1 ? `has ${nads[0]} only` : `has ${nads[0]} and ${nads.length - 1} more`;
  throw fault(
    `pods[${namespace}/${name}].nad`,
    nad,
    `is no NAD of the network "${network}", which ${known}`,
    source,
  );
}

/** More NADs than these, as a network of many namespaces has, are not looked through for each pod. */
const FEW = 8;

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(nads: readonly string[]): ReadonlySet<string> {
  const known = sets.get(nads) ?? new Set(nads);
  sets.set(nads, known);
  return known;
}
