export { describeValue, ManifestError, ManifestErrors, type ManifestPosition } from "./errors.ts";
export { locate } from "./locate.ts";
export type {
  ManifestAttachment,
  ManifestClaim,
  ManifestDeletion,
  ManifestNetwork,
  ManifestNode,
  ManifestPod,
  ManifestPolicy,
  ManifestService,
  ManifestSet,
  ManifestSource,
  ReadingOptions,
} from "./manifest-set.ts";
export { networkRequests } from "./network-requests.ts";
export { readDeletion } from "./read-deletion.ts";
export { readManifests } from "./read-manifests.ts";
export type { Skipped } from "./skipped.ts";
