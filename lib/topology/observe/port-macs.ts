const nobody: readonly string[] = [];

/** Which ports of a switch have which MACs. */
export class PortMacs {
  /** MACs and the name of each port, by its uuid. */
  readonly #ports = new Map<string, { readonly name: string; readonly macs: readonly string[] }>();
  /** Names of ports by MAC. Nearly always it is one port's. */
  readonly #holders = new Map<string, readonly string[]>();

  /** Names of ports, in no order. */
  holders(mac: string): readonly string[] {
    return this.#holders.get(mac) ?? nobody;
  }

  /** Takes in a port that is not there. */
  put(uuid: string, name: string, macs: readonly string[]): void {
    if (macs.length === 0) return;
    this.#ports.set(uuid, { name, macs });
    for (const mac of macs) this.#holders.set(mac, [...this.holders(mac), name]);
  }

  drop(uuid: string): void {
    const port = this.#ports.get(uuid);
    if (port === undefined) return;
    this.#ports.delete(uuid);
    for (const mac of port.macs) {
      const names = this.holders(mac);
      const left = names.toSpliced(names.indexOf(port.name), 1);
      if (left.length > 0) this.#holders.set(mac, left);
      else this.#holders.delete(mac);
    }
  }
}
