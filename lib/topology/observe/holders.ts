const nobody: readonly string[] = [];

/** Names of ports by what they hold, an address or a MAC. Nearly always it is one port's. */
export class Holders {
  readonly #names = new Map<string, string[]>();

  /** In no order. They change with what is added and removed later. */
  of(held: string): readonly string[] {
    return this.#names.get(held) ?? nobody;
  }

  add(held: string, name: string): void {
    const names = this.#names.get(held);
    if (names === undefined) this.#names.set(held, [name]);
    else names.push(name);
  }

  /** Takes out one that is there. Says whether nobody holds it any more. */
  remove(held: string, name: string): boolean {
    const names = this.#names.get(held) ?? [];
    names.splice(names.indexOf(name), 1);
    if (names.length === 0) this.#names.delete(held);
    return names.length === 0;
  }
}
