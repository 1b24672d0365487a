import { ManifestError, type ManifestPosition } from "./errors.ts";
import type { ManifestSet } from "./manifest-set.ts";
import { reasonOf } from "./topology-reason.ts";

/**
 * Turns an error of the topology layer into one that says where in the manifests its cause stands.
 *
 * The error's `path` names a pod (`pods[default/web]...`), a node (`nodes[work001]...`) or a field of the network that
 * was built; `network` is that network's name. Returns `undefined` for errors that are not about the manifests.
 */
export function locate(error: unknown, set: ManifestSet, network?: string): ManifestError | undefined {
  if (!(error instanceof Error) || !("path" in error) || typeof error.path !== "string") return undefined;
  const source = "source" in error ? error.source : undefined;
  const position =
    positionOfPod(error.path, source, set, network) ??
    positionOfNode(error.path, set) ??
    positionOfNetwork(error.path, set, network);
  if (position === undefined) return undefined;
  const value = "value" in error ? error.value : undefined;
  return new ManifestError(position, reasonOf(error.message, error.path, value), value, { cause: error });
}

function positionOfPod(
  path: string,
  source: unknown,
  set: ManifestSet,
  network: string | undefined,
): ManifestPosition | undefined {
  const key = /^pods\[([^\]]*)\]/.exec(path)?.[1];
  const pod = set.pods.find(({ namespace, name }) => `${namespace}/${name}` === key);
  const attachments = pod?.attachments ?? [];
  const attachment =
    attachments.find(({ input }) => input.source === source) ??
    attachments.find((each) => each.network === network) ??
    attachments[0];
  return attachment?.source;
}

function positionOfNode(path: string, set: ManifestSet): ManifestPosition | undefined {
  const name = /^nodes\[([^\]]*)\]/.exec(path)?.[1];
  return set.nodes.find((node) => node.name === name)?.source;
}

/** The topology layer calls the fields of a network as its configuration does. */
function positionOfNetwork(
  path: string,
  set: ManifestSet,
  network: string | undefined,
): ManifestPosition | undefined {
  if (path.includes("[")) return undefined;
  const source = set.networks.find(({ spec }) => spec.name === network)?.source;
  return source && { ...source, field: `${source.field}.${path}` };
}
