import { whenSynced } from "../../database/index.ts";
import { type ManifestDeletion, readDeletion } from "../../manifests/index.ts";
import { listNetworks, type NetworkOverview, planDeletion } from "../../topology/index.ts";
import { committed, planned } from "../committed.ts";
import { withNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions, WritingOptions } from "../options.ts";
import { tell, tellSkipped } from "../output/messages.ts";
import { reportPlan } from "../output/plan-report.ts";
import { enumerate } from "../output/text.ts";
import { readSources, refuseEmpty } from "../sources.ts";

/** Options of `delete`. */
export interface DeleteOptions extends GlobalOptions, WritingOptions {
  readonly filename: readonly string[];
  readonly force?: true;
}

/** `delete`: removes the networks, the pods' ports, the policies and the services that the manifests name. */
export async function remove(options: DeleteOptions, io: Io): Promise<number> {
  const sources = await readSources(options, io);
  const deletion = readDeletion(sources);
  const { networks, nodes, pods, policies, services, skipped } = deletion;
  refuseEmpty(sources, networks, nodes, pods, policies, services, skipped);
  tellSkipped(io, skipped);
  const told: string[] = [];
  const note = (text: string): void => {
    tell(io, `note: ${text}`);
    told.push(text);
  };
  if (networks.length + pods.length + policies.length + services.length === 0) note(noteOnNothing(nodes));
  const made = options.dryRun === undefined;
  const { applied, unconfirmed } = await withNorthbound(options, io, {}, async (nb, deadline) => {
    const { plan, known } = await whenSynced(
      nb,
      () => ({
        plan: planDeletion(nb, {
          networks: deletion.networks.map(({ name }) => name),
          pods: deletion.pods,
          policies,
          services,
          force: options.force === true,
        }),
        known: listNetworks(nb.view),
      }),
      { deadline, signal: io.signal },
    );
    for (const text of notesOnOthers(known, deletion.networks)) note(text);
    if (!made) return planned(plan);
    io.progress("deleting");
    return committed(plan.apply({ wait: options.wait, timeout: deadline.left, signal: io.signal }));
  });
  await reportPlan(io, applied, {
    output: options.output,
    made,
    summary: true,
    skipped,
    told,
    ...(made && options.wait !== "none" && { confirmed: unconfirmed === undefined }),
  });
  if (unconfirmed !== undefined) throw unconfirmed;
  return 0;
}

/** Why nothing will go. With networks, nodes need no word: their parts of those go along. */
function noteOnNothing(nodes: readonly string[]): string {
  if (nodes.length === 0) return "the manifests hold no network, no pod of one, no policy and no service";
  return `delete leaves nodes alone (${enumerate(nodes)}); apply --prune removes those that its manifests lack`;
}

/** A network may have several definitions, and the manifests not all of them; its ports go whichever they came by. */
function notesOnOthers(
  known: readonly NetworkOverview[],
  networks: ManifestDeletion["networks"],
): readonly string[] {
  const given = new Map(networks.map(({ name, nads }) => [name, new Set(nads)]));
  return known.flatMap(({ name, nads }) => {
    const named = given.get(name);
    const others = named === undefined ? [] : nads.filter((nad) => !named.has(nad));
    return others.length > 0
      ? [`network "${name}" goes with the ports that pods have by ${enumerate(others)}`]
      : [];
  });
}
