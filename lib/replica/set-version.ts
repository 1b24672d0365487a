/**
 * One version of a large set of strings, such as the `ports` of a switch with 20,000 ports.
 *
 * The newest version owns a real `Set`. A change moves that `Set` on to the next version and leaves behind, in the
 * old one, only what must be toggled to get it back. So a change costs what it changes, asking the newest version for
 * an element costs a hash look-up, and whoever still holds an old row can read it: the price is paid there.
 */
export class SetVersion {
  #live: Set<string> | undefined;
  #newer: SetVersion | undefined;
  #toggled: readonly string[] = [];
  #array: readonly string[] | undefined;

  constructor(elements: Iterable<string>) {
    this.#live = new Set(elements);
  }

  /** The version after toggling each element: absent ones come in, present ones go (the `modify` rule of update2). */
  toggle(elements: readonly string[]): SetVersion {
    const live = this.#live ?? new Set(this.toArray());
    const next = new SetVersion([]);
    toggleAll(live, elements);
    next.#live = live;
    this.#live = undefined;
    this.#newer = next;
    this.#toggled = elements;
    return next;
  }

  has(element: string): boolean {
    let toggles = 0;
    let version: SetVersion = this;
    while (version.#live === undefined && version.#newer !== undefined) {
      if (version.#toggled.includes(element)) toggles += 1;
      version = version.#newer;
    }
    return (version.#live?.has(element) ?? false) !== (toggles % 2 === 1);
  }

  /** The elements, frozen; the array is made once. */
  toArray(): readonly string[] {
    if (this.#array === undefined) {
      const chain: (readonly string[])[] = [];
      let version: SetVersion = this;
      while (version.#live === undefined && version.#newer !== undefined) {
        chain.push(version.#toggled);
        version = version.#newer;
      }
      const elements = new Set(version.#live);
      for (const toggled of chain.reverse()) toggleAll(elements, toggled);
      this.#array = Object.freeze([...elements]);
    }
    return this.#array;
  }

  /** Elements that `newer` has and this lacks, and the other way round, when `newer` is the very next version. */
  differenceTo(newer: SetVersion): {
    readonly added: readonly string[];
    readonly removed: readonly string[];
  } {
    const toggled =
      this.#newer === newer
        ? this.#toggled
        : [...new Set([...this.toArray(), ...newer.toArray()])].filter((e) => this.has(e) !== newer.has(e));
    return {
      added: toggled.filter((element) => newer.has(element)),
      removed: toggled.filter((element) => !newer.has(element)),
    };
  }
}

function toggleAll(set: Set<string>, elements: readonly string[]): void {
  for (const element of elements) {
    if (!set.delete(element)) set.add(element);
  }
}
