import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ManifestSource, networkRequests, readManifests } from "../../lib/manifests/index.ts";
import type { TopologyRequest } from "../../lib/topology/index.ts";
import { projectRoot } from "./project.ts";

/** The manifests of `examples/article`. */
export function articleSources(): ManifestSource[] {
  const folder = join(projectRoot, "examples/article");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
}

/** What manifests ask for, network by network. */
export function requestOf(sources: readonly ManifestSource[]): Pick<TopologyRequest, "networks"> {
  return { networks: networkRequests(readManifests(sources)) };
}
