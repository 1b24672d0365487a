import * as v from "valibot";
import type { VirtualMachineInput } from "../../topology/index.ts";
import { DOMAIN, KUBEVIRT, MIGRATION_READY } from "../objects/annotations.ts";
import { check, map, mapOf, optional } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { timeOf } from "../text/time-text.ts";

const MachinePodSchema = map({
  metadata: map({
    labels: optional(mapOf(v.string())),
    annotations: optional(map({ [DOMAIN]: optional(v.string()), [MIGRATION_READY]: optional(v.string()) })),
    creationTimestamp: optional(
      v.pipe(
        v.string(),
        v.check((text) => timeOf(text) !== undefined, "must be a time as in 2026-01-31T12:00:00Z"),
      ),
    ),
  }),
  status: optional(map({ phase: optional(v.string()) })),
});

/** A pod of a virtual machine. */
interface MachinePod {
  readonly object: KubernetesObject;
  readonly created: string | undefined;
  /** The machine has arrived here, if it moved. */
  readonly ready: boolean;
  readonly ended: boolean;
}

/** Whether a pod has ended, whatever became of it. */
export function hasEnded(phase: string | null | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** Where virtual machines are that move or moved, by key of their pods: what upstream concludes from all pods of a machine. */
export class LiveMigrations {
  readonly #states = new Map<string, Pick<VirtualMachineInput, "active">>();

  constructor(pods: readonly KubernetesObject[], problems: Problems) {
    const machines = new Map<string, MachinePod[]>();
    for (const object of pods) {
      // Its faults are told where the pod itself is read.
      if (object.part.get(["metadata", "labels", KUBEVIRT]) !== "virt-launcher") continue;
      const pod = check(MachinePodSchema, object.part, problems);
      const { annotations, creationTimestamp } = pod?.metadata ?? {};
      const name = annotations?.[DOMAIN];
      if (pod === undefined || !name) continue;
      const key = `${object.namespace}/${name}`;
      const found: MachinePod = {
        object,
        created: creationTimestamp ?? undefined,
        ready: (annotations?.[MIGRATION_READY] ?? "") !== "",
        ended: hasEnded(pod.status?.phase),
      };
      machines.set(key, [...(machines.get(key) ?? []), found]);
    }
    for (const [key, own] of machines) this.#conclude(key, own, problems);
  }

  /** Whether the machine is in this pod; nothing if it never moved, as far as can be told. */
  stateOf(key: string): Pick<VirtualMachineInput, "active"> {
    return this.#states.get(key) ?? {};
  }

  /** go-controller/pkg/kubevirt/pod.go, DiscoverLiveMigrationStatus. */
  #conclude(machine: string, pods: readonly MachinePod[], problems: Problems): void {
    const inOrder = inOrderOfCreation(pods);
    const living = inOrder.filter(({ ended }) => !ended);
    const [first, second, ...more] = living;
    if (second !== undefined)
      for (const { object, created } of living)
        if (created === undefined)
          problems.add(
            object.part,
            ["metadata", "creationTimestamp"],
            `is missing: to which of its pods the virtual machine ${machine} moves cannot be told`,
          );
    for (const { object } of more)
      problems.add(
        object.part,
        ["metadata", "name"],
        `is one pod too many of the virtual machine ${machine}, which can be in ${first?.object.key} and ${second?.object.key}`,
      );
    const set = (pod: MachinePod | undefined, active: boolean): void => {
      if (pod !== undefined) this.#states.set(pod.object.key, { active });
    };
    if (second !== undefined) {
      set(second, second.ready);
      if (second.ready) set(first, false);
    } else if (inOrder.at(-1)?.ended || first?.ready) {
      // It never arrived there and stays, or it has arrived and the other pod is gone.
      set(first, true);
    }
  }
}

/** The youngest is the one that the machine moves to. */
function inOrderOfCreation(pods: readonly MachinePod[]): readonly MachinePod[] {
  const time = ({ created = "" }: MachinePod): number => timeOf(created) ?? 0;
  // Of two of one moment some one has to be the first, whatever the order of the manifests.
  return pods.toSorted((a, b) => time(a) - time(b) || (a.object.key < b.object.key ? -1 : 1));
}
