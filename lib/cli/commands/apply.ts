import type { ManifestSet } from "../../manifests/index.ts";
import { committed, planned } from "../committed.ts";
import { withNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { PlanningOptions, WritingOptions } from "../options.ts";
import { namesOf } from "../output/listing-data.ts";
import { tell } from "../output/messages.ts";
import { reportPlan } from "../output/plan-report.ts";
import { type PodStatus, podStatuses } from "../output/pod-status.ts";
import { enumerate } from "../output/text.ts";
import {
  checkPlanningOptions,
  located,
  notesOn,
  planManifests,
  readManifestSet,
  requestOf,
} from "../planning.ts";

/** `apply`: makes the database hold what the manifests say. */
export async function apply(options: PlanningOptions & WritingOptions, io: Io): Promise<number> {
  checkPlanningOptions(options);
  const set = await readManifestSet(options, io);
  const request = requestOf(set, options);
  const made = options.dryRun === undefined;
  const { applied, unconfirmed } = await withNorthbound(options, io, {}, async (nb, deadline) => {
    const plan = await planManifests(nb, set, request, { deadline, signal: io.signal });
    if (!made) return planned(plan);
    const finished: string[] = [];
    try {
      io.progress(options.wait === "none" ? "applying" : `applying, then waiting for ${options.wait}`);
      return await located(set, () =>
        committed(
          plan.apply({
            wait: options.wait,
            timeout: deadline.left,
            signal: io.signal,
            onProgress: (networks) => {
              finished.push(...networks);
              io.progress(`applied ${finished.length} of ${plan.networks.length} networks`);
            },
          }),
        ),
      );
    } catch (error) {
      // Too large for one transaction, and some of them were committed. The next run goes on from there.
      if (finished.length > 0) {
        const others = plan.networks.filter((name) => !finished.includes(name));
        tell(
          io,
          `applied before the error: ${enumerate(finished)}; not known to be applied: ${enumerate(others)}; ` +
            "apply again to go on from there",
        );
      }
      throw error;
    }
  });
  const ports = applied.attachments.map(({ input: { namespace, name, nad }, mac, ips }) => ({
    namespace,
    name,
    nad,
    mac,
    ips,
  }));
  const pods = podStatuses(set, ports);
  await reportPlan(io, applied, {
    output: options.output,
    made,
    summary: true,
    names: options.output === "name" ? namesOf(presentAfter(set, pods)) : undefined,
    pods,
    skipped: set.skipped,
    told: notesOn(set),
    ...(made && options.wait !== "none" && { confirmed: unconfirmed === undefined }),
  });
  if (unconfirmed !== undefined) throw unconfirmed;
  return 0;
}

/** What of the manifests `get` finds once they are applied, also what was there before. */
function presentAfter(
  { networks, nodes, policies, services }: ManifestSet,
  pods: readonly PodStatus[],
): Parameters<typeof namesOf>[0] {
  return {
    networks: networks.map(({ spec: { name } }) => ({ name })),
    // On other networks nodes have no rows.
    nodes: networks.some(({ spec: { topology } }) => topology === "layer3") ? nodes : [],
    pods: pods.filter(({ networkStatus }) => networkStatus.length > 0),
    policies: policies.map(({ input }) => input),
    services: services.map(({ input }) => input),
  };
}
