import type { AnyRow, ReadView } from "../../database/index.ts";
import { findAddresses, macsOf } from "../addresses/port-addresses.ts";
import { type Address, type Family, formatAddress, parseAddress } from "../description/address.ts";
import type { HeldAddresses } from "../request/held-addresses.ts";
import { Holders } from "./holders.ts";
import { text, texts } from "./observe.ts";
import { readPort } from "./observe-network.ts";
import { PortMacs } from "./port-macs.ts";

interface Port {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Addresses of which each is held. */
interface Run {
  readonly family: Family;
  readonly first: bigint;
  /** The first one after it that is not. */
  end: bigint;
}

/** Runs that are remembered: one for each subnet, as a rule. */
const MAX_RUNS = 16;

/** The ports of one switch, as far as who gives out addresses wants to know them. */
export class SwitchPorts implements HeldAddresses {
  readonly uuid: string;
  readonly #ports = new Map<string, Port>();
  readonly #holders = new Holders();
  /** Ports whose addresses stand in rows of other tables. */
  readonly #elsewhere = new Set<string>();
  readonly #view: ReadView;
  #runs: Run[] = [];
  /** Made when somebody asks for a MAC, which few do: nobody else has to pay for it. */
  #macs: PortMacs | undefined;

  constructor(view: ReadView, uuid: string) {
    this.#view = view;
    this.uuid = uuid;
  }

  get size(): number {
    return this.#ports.size;
  }

  /** The uuids of all ports. */
  get uuids(): Iterable<string> {
    return this.#ports.keys();
  }

  /** The uuids of ports whose addresses are not known here, because they stand in rows of other tables. */
  get elsewhere(): Iterable<string> {
    return this.#elsewhere;
  }

  has(uuid: string): boolean {
    return this.#ports.has(uuid);
  }

  holders(address: string): readonly string[] {
    return this.#holders.of(address);
  }

  portsWithMac(mac: string): readonly string[] {
    if (this.#macs === undefined) {
      this.#macs = new PortMacs();
      for (const uuid of this.#ports.keys()) {
        const port = this.#view.byUuid("Logical_Switch_Port", uuid);
        if (port !== undefined) this.#macs.put(uuid, text(port, "name"), macsOf(texts(port, "addresses")));
      }
    }
    return this.#macs.holders(mac);
  }

  endOfRun({ family, value }: Address): bigint {
    let run = this.#runs.find((each) => each.family === family && each.first <= value && value <= each.end);
    if (run === undefined) {
      run = { family, first: value, end: value + 1n };
      if (this.#runs.length >= MAX_RUNS) this.#runs = [];
      this.#runs.push(run);
    }
    while (this.holders(formatAddress({ family, value: run.end })).length > 0) run.end += 1n;
    return run.end;
  }

  /** Takes in a port, or a new version of it. */
  put(port: AnyRow): void {
    const uuid = port._uuid;
    this.drop(uuid);
    const isElsewhere = text(port, "type") === "router";
    if (isElsewhere) this.#elsewhere.add(uuid);
    const name = text(port, "name");
    const addresses = isElsewhere ? [] : findAddresses(readPort(this.#view, "", port));
    this.#ports.set(uuid, { name, addresses });
    this.#macs?.put(uuid, name, macsOf(texts(port, "addresses")));
    for (const address of addresses) this.#holders.add(address, name);
  }

  drop(uuid: string): void {
    const port = this.#ports.get(uuid);
    if (port === undefined) return;
    this.#ports.delete(uuid);
    this.#elsewhere.delete(uuid);
    this.#macs?.drop(uuid);
    for (const address of port.addresses)
      if (this.#holders.remove(address, port.name)) this.#endRuns(address);
  }

  /** Runs end where nobody holds an address any more. */
  #endRuns(address: string): void {
    if (this.#runs.length === 0) return;
    const free = parseAddress(address);
    if (free === undefined) return;
    for (const run of this.#runs) {
      if (run.family === free.family && run.first <= free.value && free.value < run.end) run.end = free.value;
    }
    this.#runs = this.#runs.filter(({ first, end }) => first < end);
  }
}
