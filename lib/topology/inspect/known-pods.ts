import type { PodOverview } from "../request/pod-overview.ts";

/** A pod's port, with the network that it is on. */
export interface PodOnNetwork extends PodOverview {
  readonly network: string;
}

/** The same, with the uuid of the switch. */
export interface PlacedPod {
  readonly pod: PodOnNetwork;
  readonly switchUuid: string;
}

/** What was seen of pods' ports. A port of several switches, or of several networks, was seen as often. */
export class KnownPods {
  /** By the uuid of the port. */
  readonly #placed = new Map<string, readonly PlacedPod[]>();
  readonly #portsOfPod = new Map<string, Set<string>>();
  readonly #portsOnSwitch = new Map<string, Set<string>>();

  /** Number of pods. */
  get size(): number {
    return this.#portsOfPod.size;
  }

  /** The uuids of all ports. */
  get ports(): Iterable<string> {
    return this.#placed.keys();
  }

  of(port: string): readonly PlacedPod[] {
    return this.#placed.get(port) ?? [];
  }

  /** All ports of a pod, by its {@link podKey}. */
  ofPod(key: string): readonly PodOnNetwork[] {
    return [...(this.#portsOfPod.get(key) ?? [])].flatMap((port) =>
      this.of(port).flatMap(({ pod }) => (podKey(pod) === key ? [pod] : [])),
    );
  }

  onSwitch(uuid: string): Iterable<string> {
    return this.#portsOnSwitch.get(uuid) ?? [];
  }

  /** Takes in what a port shows now: nothing when it has gone. */
  put(port: string, placed: readonly PlacedPod[]): void {
    for (const { pod, switchUuid } of this.of(port)) {
      remove(this.#portsOfPod, podKey(pod), port);
      remove(this.#portsOnSwitch, switchUuid, port);
    }
    if (placed.length === 0) this.#placed.delete(port);
    else this.#placed.set(port, placed);
    for (const { pod, switchUuid } of placed) {
      add(this.#portsOfPod, podKey(pod), port);
      add(this.#portsOnSwitch, switchUuid, port);
    }
  }
}

/** One text for a pod, whichever of its ports tells of it. */
export function podKey({ namespace, name }: Pick<PodOverview, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

function add(sets: Map<string, Set<string>>, key: string, element: string): void {
  const set = sets.get(key) ?? new Set();
  set.add(element);
  sets.set(key, set);
}

function remove(sets: Map<string, Set<string>>, key: string, element: string): void {
  const set = sets.get(key);
  set?.delete(element);
  if (set?.size === 0) sets.delete(key);
}
