/** Who holds which addresses of one network: ports, and claims that outlive them. Addresses are canonical texts. */
export class AddressBook {
  readonly #holders = new Map<string, Set<string>>();

  /** Notes that a port or claim holds an address; several may hold one. */
  hold(address: string, holder: string): void {
    const holders = this.#holders.get(address);
    if (holders) {
      holders.add(holder);
    } else {
      this.#holders.set(address, new Set([holder]));
    }
  }

  isHeld(address: string): boolean {
    return this.#holders.has(address);
  }

  /** Somebody who holds the address, other than the given ones. */
  holder(address: string, except: ReadonlySet<string>): string | undefined {
    for (const holder of this.#holders.get(address) ?? []) {
      if (!except.has(holder)) {
        return holder;
      }
    }
    return undefined;
  }
}
