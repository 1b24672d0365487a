import { whenSynced } from "../../database/index.ts";
import { type ManifestDeletion, readDeletion } from "../../manifests/index.ts";
import { listNetworks, listServices, type NetworkOverview, planDeletion } from "../../topology/index.ts";
import { CliError } from "../cli-error.ts";
import { committed, planned } from "../committed.ts";
import { withNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import { checkFilenameOptions, type WritingOptions } from "../options.ts";
import { namesOf } from "../output/listing-data.ts";
import { tell, tellSkipped } from "../output/messages.ts";
import { reportPlan } from "../output/plan-report.ts";
import { enumerate } from "../output/text.ts";
import { readSources, refuseEmpty } from "../sources.ts";
import { goingWith } from "./going.ts";
import { heldOf, type NamedDeletion, namedDeletion } from "./named-deletion.ts";
import { wantedOf } from "./wanted.ts";

/** Options of `delete`. */
export interface DeleteOptions extends WritingOptions {
  readonly filename?: readonly string[];
  readonly recursive?: true;
  readonly namespace?: string;
  readonly allNamespaces?: true;
  /** What the nodes leave that are named. */
  readonly network?: readonly string[];
  readonly force?: true;
}

const NOTHING_NAMED = { pods: [], policies: [] };

/** What `delete` removes, as far as it is known without the database. */
interface Doomed extends Omit<ManifestDeletion, "nodes"> {
  readonly named?: NamedDeletion;
}

/**
 * `delete`: removes the networks, the pods' ports, the policies and the services that the manifests name, or that `words` do, as in
 * `pod d/web`; and nodes that `words` name, from networks that stay.
 */
export async function remove(words: readonly string[], options: DeleteOptions, io: Io): Promise<number> {
  checkFilenameOptions(options);
  const told: string[] = [];
  const note = (text: string): void => {
    tell(io, `note: ${text}`);
    told.push(text);
  };
  const doomed = words.length === 0 ? await ofManifests(options, note, io) : byName(words, options);
  const made = options.dryRun === undefined;
  const { applied, unconfirmed, names } = await withNorthbound(options, io, {}, async (nb, deadline) => {
    const { plan, known, absent, names } = await whenSynced(
      nb,
      () => {
        const networks = listNetworks(nb.view);
        const named = heldOf(doomed.named ?? NOTHING_NAMED, networks);
        const request = {
          networks: doomed.networks.map(({ name }) => name),
          pods: [...doomed.pods, ...named.pods],
          nodes: doomed.named?.nodes ?? [],
          policies: [...doomed.policies, ...named.policies],
          services: doomed.services,
          force: options.force === true,
        };
        return {
          plan: planDeletion(nb, request),
          known: networks,
          absent: named.absent,
          names:
            options.output === "name"
              ? namesOf(goingWith(networks, listServices(nb.view), request))
              : undefined,
        };
      },
      { deadline, signal: io.signal },
    );
    if (doomed.named === undefined) for (const text of notesOnOthers(known, doomed.networks)) note(text);
    // Whoever typed a name wants to see what he should have typed.
    const unknown = [...(doomed.named?.networks ?? []), ...(options.network ?? [])].filter((name) =>
      known.every((network) => network.name !== name),
    );
    if (unknown.length > 0)
      note(`networks of this database: ${enumerate(known.map(({ name }) => name)) || "none"}`);
    if (made)
      io.progress(options.wait === "none" ? "deleting" : `deleting, then waiting for ${options.wait}`);
    const done = made
      ? await committed(plan.apply({ wait: options.wait, timeout: deadline.left, signal: io.signal }))
      : planned(plan);
    return { ...done, names, applied: { ...done.applied, absent: [...done.applied.absent, ...absent] } };
  });
  await reportPlan(io, applied, {
    output: options.output,
    made,
    summary: true,
    names,
    skipped: doomed.skipped,
    told,
    ...(made && options.wait !== "none" && { confirmed: unconfirmed === undefined }),
  });
  if (unconfirmed !== undefined) throw unconfirmed;
  return 0;
}

async function ofManifests(
  { filename, ...options }: DeleteOptions,
  note: (text: string) => void,
  io: Io,
): Promise<Doomed> {
  if (filename === undefined)
    throw new CliError(
      "what is to be deleted? -f FILE, network NAME, node NAME, or pod, policy or service NAMESPACE/NAME (--help shows the usage)",
    );
  if (options.namespace !== undefined)
    throw new CliError("--namespace does not go with -f: manifests have their own");
  if (options.network !== undefined)
    throw new CliError("--network does not go with -f: nodes leave networks by name");
  if (options.allNamespaces)
    throw new CliError("--all-namespaces does not go with -f: what the manifests name goes, and no more");
  const sources = await readSources({ ...options, filename }, io);
  const deletion = readDeletion(sources);
  const { networks, nodes, pods, policies, services, skipped } = deletion;
  refuseEmpty(sources, networks, nodes, pods, policies, services, skipped);
  tellSkipped(io, skipped);
  if (networks.length + pods.length + policies.length + services.length === 0) note(noteOnNothing(nodes));
  return deletion;
}

function byName(words: readonly string[], { filename, ...options }: DeleteOptions): Doomed {
  if (filename !== undefined) throw new CliError("names do not go with -f: the manifests say what goes");
  const named = namedDeletion(wantedOf(words), options);
  return {
    named,
    networks: named.networks.map((name) => ({ name, nads: [] })),
    pods: [],
    policies: [],
    // Which of these are there is seen without the networks: one may have left them behind.
    services: named.services,
    skipped: [],
  };
}

/** Why nothing will go. With networks, nodes need no word: their parts of those go along. */
function noteOnNothing(nodes: readonly string[]): string {
  if (nodes.length === 0) return "the manifests hold no network, no pod of one, no policy and no service";
  const [name] = nodes;
  const others = nodes.length > 1 ? " ..." : "";
  return (
    `delete leaves nodes alone (${enumerate(nodes)}); apply --prune removes those that its manifests lack, ` +
    `and delete node ${name}${others} takes ${nodes.length > 1 ? "them" : "it"} out of all networks`
  );
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
