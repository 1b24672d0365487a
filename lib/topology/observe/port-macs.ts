import { Holders } from "./holders.ts";

/** Which ports of a switch have which MACs. */
export class PortMacs {
  /** MACs and the name of each port, by its uuid. */
  readonly #ports = new Map<string, { readonly name: string; readonly macs: readonly string[] }>();
  readonly #holders = new Holders();

  /** Names of ports, in no order. */
  holders(mac: string): readonly string[] {
    return this.#holders.of(mac);
  }

  /** Takes in a port that is not there. */
  put(uuid: string, name: string, macs: readonly string[]): void {
    if (macs.length === 0) return;
    this.#ports.set(uuid, { name, macs });
    for (const mac of macs) this.#holders.add(mac, name);
  }

  drop(uuid: string): void {
    const port = this.#ports.get(uuid);
    if (port === undefined) return;
    this.#ports.delete(uuid);
    for (const mac of port.macs) this.#holders.remove(mac, port.name);
  }
}
