export { ManifestError, ManifestErrors, type ManifestPosition } from "./errors.ts";
export { locate } from "./locate.ts";
export type {
  ManifestAttachment,
  ManifestNetwork,
  ManifestNode,
  ManifestPod,
  ManifestSet,
  ManifestSource,
  Skipped,
} from "./manifest-set.ts";
export { readManifests } from "./read-manifests.ts";
