const nobody: readonly string[] = [];

/** Names of ports by what they hold, an address or a MAC. Nearly always it is one port's. */
export class Holders {
  readonly #names = new Map<string, readonly string[]>();

  /** In no order. */
  of(held: string): readonly string[] {
    return this.#names.get(held) ?? nobody;
  }

  add(held: string, name: string): void {
    this.#names.set(held, [...this.of(held), name]);
  }

  /** Takes out one that is there. Says whether nobody holds it any more. */
  remove(held: string, name: string): boolean {
    const names = this.of(held);
    const left = names.toSpliced(names.indexOf(name), 1);
    if (left.length > 0) this.#names.set(held, left);
    else this.#names.delete(held);
    return left.length === 0;
  }
}
