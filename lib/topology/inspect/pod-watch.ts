import { checkView, type ReadView } from "../../database/index.ts";
import { showAs } from "../../jsonrpc/index.ts";
import { order } from "../naming/order.ts";
import { FollowedTables, SWITCH_PORTS, SWITCHES } from "../observe/followed-tables.ts";
import { texts } from "../observe/observe.ts";
import { isOwnChild } from "../observe/own-child.ts";
import { isPodPort, podPorts } from "../observe/pod-of-port.ts";
import { KnownPods, type PlacedPod, type PodOnNetwork, podKey } from "./known-pods.ts";
import { noSites, type PodSites, readPodSites, siteDifferences } from "./pod-sites.ts";
import { byPod, podOf } from "./pods.ts";

/** All ports of the pods of which some port has changed, by pod, NAD and network. */
export interface PodDifference {
  /** As the look before showed them. */
  readonly before: readonly PodOnNetwork[];
  readonly now: readonly PodOnNetwork[];
}

/** Tables beside those of switches and their ports that tell on which node a chassis is. */
const NODES = ["Logical_Router", "Logical_Router_Port", "Gateway_Chassis"];

/**
 * Looks at the pods of all networks again and again, and tells each time which of them are no longer as they were. It finds the
 * pods of `listNetworks`, and reads what {@link podTables} names; a look takes as long as there were changes since the one
 * before, however many pods there are. Where the view cannot tell what has changed, as after a lost connection, it looks at all
 * of them.
 *
 * ```ts
 * const pods = new PodWatch(nb.view);
 * for (const { namespace, name } of pods.look().now) console.log(namespace, name); // the first time: all of them
 * for await (const _ of nb.changes()) console.log(pods.look()); // those that have changed
 * ```
 */
export class PodWatch {
  readonly #view: ReadView;
  readonly #tables = new FollowedTables(SWITCHES, SWITCH_PORTS);
  readonly #podOfPort = podPorts();
  readonly #known = new KnownPods();
  #sites: PodSites = noSites;
  /** Revisions of the tables that tell nodes. */
  #nodes: string | undefined;
  /** Whether the look before came to its end. */
  #isWhole = false;

  static {
    showAs(PodWatch.prototype, "PodWatch", (watch) => ({ pods: watch.#known.size }));
  }

  /** Throws `UsageError` for what is no view. */
  constructor(view: ReadView) {
    checkView(view);
    this.#view = view;
  }

  /**
   * What has changed since the last look; the first time all pods have. Throws `NotSyncedError` while there is no connection,
   * after which the next look tells what differs, and `UsageError` where tables that it reads are not monitored.
   */
  look(): PodDifference {
    const touched = this.#touched();
    const changed = [...touched].flatMap((uuid) => {
      const [before, now] = [this.#known.of(uuid), this.#read(uuid)];
      return JSON.stringify(before) === JSON.stringify(now) ? [] : [{ uuid, before, now }];
    });
    const keys = new Set(
      changed.flatMap(({ before, now }) => [...before, ...now].map(({ pod }) => podKey(pod))),
    );
    const before = this.#portsOf(keys);
    for (const { uuid, now } of changed) this.#known.put(uuid, now);
    this.#isWhole = true;
    return { before, now: this.#portsOf(keys) };
  }

  #portsOf(keys: ReadonlySet<string>): readonly PodOnNetwork[] {
    return [...keys].flatMap((key) => this.#known.ofPod(key)).sort(inOrder);
  }

  /** The uuids of ports that may not be what they were. */
  #touched(): ReadonlySet<string> {
    const nodes = this.#nodesRevision();
    const news = this.#tables.news(this.#view);
    const [switches, ports] = (this.#isWhole ? news : undefined) ?? [];
    // What failed half way is not to be relied on.
    this.#isWhole = false;
    const isSame = nodes !== undefined && nodes === this.#nodes;
    this.#nodes = nodes;
    if (switches === undefined || ports === undefined) {
      this.#sites = readPodSites(this.#view);
      return new Set([...this.#known.ports, ...[...this.#sites.onSwitch.keys()].flatMap(this.#portsOn)]);
    }
    const touched = new Set<string>();
    const touch = (uuids: Iterable<string>): void => {
      for (const uuid of uuids) touched.add(uuid);
    };
    touch(ports.map(({ uuid }) => uuid));
    for (const { uuid, elements } of switches) {
      if (elements === undefined) touch(this.#portsOn(uuid));
      else for (const uuids of [elements.added, elements.removed]) touch(uuids);
    }
    const isSameSites =
      isSame &&
      switches.every(({ uuid, inSetOnly }) => inSetOnly && !this.#sites.transit.has(uuid)) &&
      !ports.some(({ uuid }) => this.#isTransit(uuid));
    if (!isSameSites) touch(this.#touchedBySites());
    return touched;
  }

  /** The ports that were on a switch, and those that are. */
  readonly #portsOn = (uuid: string): readonly string[] => {
    const row = this.#view.byUuid("Logical_Switch", uuid);
    return [...this.#known.onSwitch(uuid), ...(row === undefined ? [] : texts(row, "ports"))];
  };

  #isTransit(port: string): boolean {
    const { transit } = this.#sites;
    return (
      transit.size > 0 &&
      this.#view.referrers(port, "Logical_Switch", "ports").some(({ _uuid }) => transit.has(_uuid))
    );
  }

  /** Reads again what tells of pods beside their ports, and finds those of which it tells something else. */
  #touchedBySites(): readonly string[] {
    const before = this.#sites;
    this.#sites = readPodSites(this.#view);
    const { switches, chassis } = siteDifferences(before, this.#sites);
    const moved =
      chassis.size === 0
        ? []
        : [...this.#known.ports].filter((uuid) =>
            this.#known.of(uuid).some(({ pod }) => chassis.has(pod.chassis)),
          );
    return [...switches.flatMap(this.#portsOn), ...moved];
  }

  #nodesRevision(): string | undefined {
    const view = this.#view;
    if (view.revision === undefined) return undefined;
    return NODES.map((table) => view.supports(table) && view.revision?.(table)).join();
  }

  #read(uuid: string): readonly PlacedPod[] {
    const port = this.#view.byUuid("Logical_Switch_Port", uuid);
    if (port === undefined || !isPodPort(port)) return [];
    const ids = this.#podOfPort(port);
    return this.#view.referrers(uuid, "Logical_Switch", "ports").flatMap(({ _uuid: switchUuid }) =>
      (this.#sites.onSwitch.get(switchUuid) ?? []).flatMap(({ network, switchName, node }) => {
        if (!isOwnChild(network, switchName, "Logical_Switch_Port", port)) return [];
        const pod = podOf(port, ids, switchName, node, this.#sites.nodeOfChassis);
        return [{ pod: { ...pod, network }, switchUuid }];
      }),
    );
  }
}

function inOrder(a: PodOnNetwork, b: PodOnNetwork): number {
  return byPod(a, b) || order(a.network, b.network) || order(a.switch, b.switch) || order(a.port, b.port);
}
