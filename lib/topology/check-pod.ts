import { checkLeavingPodKeys } from "./known-keys.ts";
import { checkedName } from "./spec.ts";
import { fault } from "./spec-field.ts";

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
  pod: { readonly namespace: string; readonly name: string; readonly nad?: string },
): void {
  const { namespace, name, nad } = checkedPod(path, pod);
  checkLeavingPodKeys(path, pod);
  checkedName("pods.namespace", namespace);
  checkedName("pods.name", name);
  if (nad !== undefined) checkedName(`pods[${namespace}/${name}].nad`, nad);
}
