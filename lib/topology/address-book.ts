/** Which ports hold which addresses of one network. Addresses are canonical texts. */
export class AddressBook {
  readonly #holders = new Map<string, Set<string>>();

  /** Notes that a port holds an address; several ports may hold one. */
  hold(address: string, port: string): void {
    const holders = this.#holders.get(address);
    if (holders) {
      holders.add(port);
    } else {
      this.#holders.set(address, new Set([port]));
    }
  }

  isHeld(address: string): boolean {
    return this.#holders.has(address);
  }

  /** A port that holds the address, other than the given one. */
  holder(address: string, except?: string): string | undefined {
    for (const port of this.#holders.get(address) ?? []) {
      if (port !== except) {
        return port;
      }
    }
    return undefined;
  }
}
