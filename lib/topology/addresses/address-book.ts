import { type Address, formatAddress } from "../description/address.ts";
import type { HeldAddresses } from "../request/held-addresses.ts";

/** Who holds which addresses of one network: ports, and claims that outlive them. Addresses are canonical texts. */
export class AddressBook {
  /** Nearly every address has one: a set for each would be most of what a plan of many pods allocates. */
  readonly #holders = new Map<string, string | Set<string>>();
  readonly #others: HeldAddresses | undefined;
  readonly #except: ReadonlySet<string>;

  /**
   * @param others What more ports hold.
   * @param except Names of ports that are among these and do not count.
   */
  constructor(others: HeldAddresses | undefined, except: ReadonlySet<string>) {
    this.#others = others;
    this.#except = except;
  }

  /** Notes that a port or claim holds an address; several may hold one. */
  hold(address: string, holder: string): void {
    const holders = this.#holders.get(address);
    if (holders === undefined) this.#holders.set(address, holder);
    else if (typeof holders !== "string") holders.add(holder);
    else if (holders !== holder) this.#holders.set(address, new Set([holders, holder]));
  }

  isHeld(address: string): boolean {
    return this.#holders.has(address) || this.#portsWith(address).length > 0;
  }

  /** The value to go on with after that of an address that is held, on the way to the next one that is not. */
  after(held: Address): bigint {
    // An address of a port that does not count may be as good as free.
    const canSkip = this.#except.size === 0 && this.#portsWith(formatAddress(held)).length > 0;
    return canSkip && this.#others !== undefined ? this.#others.endOfRun(held) : held.value + 1n;
  }

  /** Somebody who holds the address, other than the given ones. */
  holder(address: string, except: readonly string[]): string | undefined {
    let first: string | undefined;
    // They come in no order.
    for (const port of this.#portsWith(address)) {
      if (!except.includes(port) && (first === undefined || port < first)) first = port;
    }
    if (first !== undefined) return first;
    const holders = this.#holders.get(address);
    if (typeof holders === "string") return except.includes(holders) ? undefined : holders;
    for (const holder of holders ?? nobody) if (!except.includes(holder)) return holder;
    return undefined;
  }

  #portsWith(address: string): readonly string[] {
    const ports = this.#others?.holders(address) ?? nobody;
    return this.#except.size === 0 ? ports : ports.filter((port) => !this.#except.has(port));
  }
}

const nobody: readonly string[] = [];
