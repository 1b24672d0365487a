import { UsageError } from "../jsonrpc/index.ts";
import type { ManifestSource } from "./objects/manifest-set.ts";

/** Throws `UsageError` for what is no list of sources, as plain JavaScript may give. */
export function checkSources(sources: readonly ManifestSource[]): void {
  if (!Array.isArray(sources)) throw new UsageError("sources must be a list of { file, text }");
  for (const [index, source] of sources.entries())
    if (typeof source?.file !== "string" || typeof source.text !== "string")
      throw new UsageError(`sources[${index}] must be { file, text }, two texts`);
}
