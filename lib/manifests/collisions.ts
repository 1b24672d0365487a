import { namePrefix, podPortName } from "../topology/index.ts";
import type { ManifestPosition } from "./objects/errors.ts";
import type { ManifestNetwork, ManifestPod } from "./objects/manifest-set.ts";
import type { Problems } from "./objects/problems.ts";
import { describeValue } from "./text/describe-value.ts";

/**
 * Finds names that become one in the database, where OVN-Kubernetes writes `-` and `/` as `.`.
 *
 * Networks collide by their prefix, pods by the names of their ports: the keys of two NetworkAttachmentDefinitions may
 * become one name as long as no pod has a port by both.
 */
export function reportCollisions(
  networks: readonly ManifestNetwork[],
  pods: readonly ManifestPod[],
  problems: Problems,
): void {
  const prefixes = new Map<string, ManifestNetwork>();
  for (const network of networks) {
    const { name } = network.spec;
    const prefix = namePrefix(name);
    const other = prefixes.get(prefix);
    if (other === undefined) prefixes.set(prefix, network);
    else
      problems.addAt(
        network.namePosition,
        `becomes ${describeValue(prefix)} in names of rows, as the network ${describeValue(other.spec.name)} ` +
          `of ${place(other.namePosition)} does`,
        name,
      );
  }
  const ports = new Map<string, ManifestPosition>();
  for (const { namespace, name, attachments } of pods) {
    for (const { input, source } of attachments) {
      const port = podPortName(input.nad, namespace, name);
      const other = ports.get(port);
      if (other === undefined) ports.set(port, source);
      else
        problems.addAt(
          source,
          `becomes the port ${describeValue(port)}, as ${other.field} of ${place(other)} does`,
          input.nad,
        );
    }
  }
}

function place({ file, document, line }: ManifestPosition): string {
  return `${file}, document ${document}, line ${line}`;
}
