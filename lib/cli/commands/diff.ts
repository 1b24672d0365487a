import { withNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions, PlanningOptions } from "../options.ts";
import { reportPlan } from "../output/plan-report.ts";
import { podStatuses } from "../output/pod-status.ts";
import { checkPlanningOptions, notesOn, planManifests, readManifestSet, requestOf } from "../planning.ts";

/** `diff`: what `apply` would change; 1 when that is anything. */
export async function diff(options: PlanningOptions & GlobalOptions, io: Io): Promise<number> {
  checkPlanningOptions(options);
  const set = await readManifestSet(options, io);
  const request = requestOf(set, options);
  return withNorthbound(options, io, {}, async (nb, deadline) => {
    const plan = await planManifests(nb, set, request, { deadline, signal: io.signal });
    const { changes, omitted, notes, kept, absent } = plan;
    const ports = plan.attachments.map(({ input, mac, ips }) => ({ ...input, mac, ips }));
    await reportPlan(
      io,
      { changes, omitted, notes, kept, absent, transactions: 0 },
      {
        output: options.output,
        made: false,
        summary: false,
        pods: podStatuses(set, ports),
        skipped: set.skipped,
        told: notesOn(set),
      },
    );
    return changes.length === 0 ? 0 : 1;
  });
}
