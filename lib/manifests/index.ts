/// <reference types="node" preserve="true" />
export { locate } from "./locate.ts";
export { networkRequests } from "./network-requests.ts";
export { ManifestError, ManifestErrors, type ManifestPosition } from "./objects/errors.ts";
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
} from "./objects/manifest-set.ts";
export type { Skipped } from "./objects/skipped.ts";
export { readDeletion } from "./read-deletion.ts";
export { readManifests } from "./read-manifests.ts";
export { describeValue } from "./text/describe-value.ts";
