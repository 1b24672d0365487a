import type { AnyRow, ReadView } from "../../database/index.ts";
import { type Entries, FollowedTables, SWITCH_PORTS, SWITCHES } from "./followed-tables.ts";
import { texts } from "./observe.ts";
import { SwitchPorts } from "./switch-ports.ts";

/** Ports that are remembered, over all switches of a view. */
const MAX_PORTS = 200_000;

const known = new WeakMap<ReadView, PortIndex>();

/**
 * What is to be known of a switch's ports to give out addresses there, at the cost of what has changed in all switches that
 * were asked about since the last time. It holds until the next question.
 */
export function portsOfSwitch(view: ReadView, row: AnyRow): SwitchPorts {
  const index = known.get(view) ?? new PortIndex(view);
  // Put back when all is well: what failed half way is not to be relied on.
  known.delete(view);
  const ports = index.portsOf(row);
  known.set(view, index);
  return ports;
}

class PortIndex {
  readonly #view: ReadView;
  readonly #tables = new FollowedTables(SWITCHES, SWITCH_PORTS);
  /** By uuid; the one that was asked about last comes last. */
  readonly #switches = new Map<string, SwitchPorts>();
  /** By the uuid of a port, the one of these switches that it is on. */
  readonly #homes = new Map<string, SwitchPorts>();

  constructor(view: ReadView) {
    this.#view = view;
  }

  portsOf(row: AnyRow): SwitchPorts {
    const news = this.#tables.news(this.#view);
    if (news === undefined) this.#forgetAll();
    else this.#follow(news);
    const remembered = this.#switches.get(row._uuid);
    if (remembered !== undefined) {
      this.#switches.delete(row._uuid);
      this.#switches.set(row._uuid, remembered);
      return remembered;
    }
    const ports = this.#read(row);
    if (this.#isSole(ports)) this.#remember(ports);
    return ports;
  }

  #read(row: AnyRow): SwitchPorts {
    const ports = new SwitchPorts(this.#view, row._uuid);
    for (const uuid of texts(row, "ports")) {
      const port = this.#view.byUuid("Logical_Switch_Port", uuid);
      if (port !== undefined) ports.put(port);
    }
    return ports;
  }

  /** Whether none of the ports is on another switch that is remembered: a change of it would reach one of them only. */
  #isSole(ports: SwitchPorts): boolean {
    for (const uuid of ports.uuids) if (this.#homes.has(uuid)) return false;
    return true;
  }

  #remember(ports: SwitchPorts): void {
    this.#switches.set(ports.uuid, ports);
    for (const uuid of ports.uuids) this.#homes.set(uuid, ports);
    for (const oldest of this.#switches.values()) {
      if (this.#homes.size <= MAX_PORTS || oldest === ports) break;
      this.#forget(oldest);
    }
  }

  #forget(ports: SwitchPorts): void {
    this.#switches.delete(ports.uuid);
    for (const uuid of ports.uuids) this.#homes.delete(uuid);
  }

  #forgetAll(): void {
    this.#switches.clear();
    this.#homes.clear();
  }

  #follow([changedSwitches = [], changedPorts = []]: readonly Entries[]): void {
    /** Ports to be read, and the switches that they are on. */
    const unread = new Map<string, SwitchPorts>();
    for (const { uuid, elements } of changedSwitches) {
      const ports = this.#switches.get(uuid);
      const change = ports && (elements ?? this.#difference(ports));
      if (ports === undefined || change === undefined) continue;
      for (const port of change.removed) {
        if (unread.get(port) === ports) unread.delete(port);
        if (this.#homes.get(port) === ports) this.#homes.delete(port);
        ports.drop(port);
      }
      for (const port of change.added) unread.set(port, ports);
    }
    for (const { uuid } of changedPorts) {
      const home = this.#homes.get(uuid);
      if (home !== undefined && !unread.has(uuid)) unread.set(uuid, home);
    }
    for (const [uuid, ports] of unread) this.#readPort(uuid, ports);
  }

  /** How the ports of a switch differ from those that are remembered; undefined when the switch has gone, and is forgotten. */
  #difference(ports: SwitchPorts): NonNullable<Entries[number]["elements"]> | undefined {
    const row = this.#view.byUuid("Logical_Switch", ports.uuid);
    if (row === undefined) {
      this.#forget(ports);
      return undefined;
    }
    const now = new Set(texts(row, "ports"));
    return {
      added: [...now].filter((port) => !ports.has(port)),
      removed: [...ports.uuids].filter((port) => !now.has(port)),
    };
  }

  #readPort(uuid: string, ports: SwitchPorts): void {
    const home = this.#homes.get(uuid);
    const port = this.#view.byUuid("Logical_Switch_Port", uuid);
    if (port === undefined) {
      this.#homes.delete(uuid);
      ports.drop(uuid);
    } else if (home !== undefined && home !== ports) {
      // On two switches: neither is remembered before it is asked about again.
      this.#forget(home);
      this.#forget(ports);
    } else if (this.#switches.has(ports.uuid)) {
      this.#homes.set(uuid, ports);
      ports.put(port);
    }
  }
}
