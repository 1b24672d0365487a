/** What came into a set, and what went out of it. */
interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * One version of a large set of strings, such as the `ports` of a switch with 20,000 ports.
 *
 * The newest version owns a real `Set`. A change moves that `Set` on to the next version and leaves behind, in the
 * old one, only what must be toggled to get it back. So a change costs what it changes, asking the newest version for
 * an element costs a hash look-up, and whoever still holds an old row can read it: the price is paid there.
 *
 * An old version keeps alive what leads from it to the newest. Lest somebody who holds one row for ever holds every
 * change since, the chain is cut with a copy of the `Set` whenever it has grown as long as the set is large: still
 * constant work for each change, on average.
 */
export class SetVersion {
  /** The elements themselves; handed on to the next version by a change. */
  #live: Set<string> | undefined;
  /** The next version, and what it has otherwise than this one. */
  #newer: { readonly version: SetVersion; readonly toggled: readonly string[] } | undefined;
  /** Elements toggled since the chain was last cut. */
  #drift = 0;
  #array: readonly string[] | undefined;

  private constructor(live: Set<string>) {
    this.#live = live;
  }

  static of(elements: Iterable<string>): SetVersion {
    return new SetVersion(new Set(elements));
  }

  /** The version after toggling each element: absent ones come in, present ones go (the `modify` rule of update2). */
  toggle(elements: readonly string[]): SetVersion {
    const toggled = [...new Set(elements)];
    const live = this.#live;
    const drift = this.#drift + toggled.length;
    // Not the newest version, or a chain long enough: the next one gets a set of its own.
    if (live === undefined || drift > live.size) {
      const copy = new Set(live ?? this.toArray());
      toggleAll(copy, toggled);
      return new SetVersion(copy);
    }
    toggleAll(live, toggled);
    const next = new SetVersion(live);
    next.#drift = drift;
    this.#live = undefined;
    this.#newer = { version: next, toggled };
    return next;
  }

  has(element: string): boolean {
    let flipped = false;
    let version: SetVersion = this;
    while (version.#newer !== undefined) {
      if (version.#newer.toggled.includes(element)) flipped = !flipped;
      version = version.#newer.version;
    }
    return (version.#live?.has(element) ?? false) !== flipped;
  }

  /** The elements, frozen; the array is made once. */
  toArray(): readonly string[] {
    if (this.#array === undefined) {
      const chain: (readonly string[])[] = [];
      let version: SetVersion = this;
      while (version.#newer !== undefined) {
        chain.push(version.#newer.toggled);
        version = version.#newer.version;
      }
      const elements = new Set(version.#live);
      // In whichever order: what is toggled twice is as it was.
      for (const toggled of chain) toggleAll(elements, toggled);
      this.#array = Object.freeze([...elements]);
    }
    return this.#array;
  }

  /**
   * Elements that `newer` has and this lacks, and the other way round. Costs what was toggled in between, or where the
   * chain was cut in between, as much as comparing any two sets.
   */
  differenceTo(newer: SetVersion): Difference {
    const toggled = this.#toggledUntil(newer);
    if (toggled === undefined) return differenceOf(new Set(this.toArray()), new Set(newer.toArray()));
    return {
      added: toggled.filter((element) => newer.has(element)),
      removed: toggled.filter((element) => !newer.has(element)),
    };
  }

  /** What is toggled on the way to `newer`; `undefined` when the way does not lead there. */
  #toggledUntil(newer: SetVersion): readonly string[] | undefined {
    const toggled = new Set<string>();
    let version: SetVersion = this;
    while (version !== newer) {
      if (version.#newer === undefined) return undefined;
      toggleAll(toggled, version.#newer.toggled);
      version = version.#newer.version;
    }
    return [...toggled];
  }
}

/** Of two sets, and not by asking two versions: each answer of an old one costs as much as was changed since. */
function differenceOf(old: ReadonlySet<string>, newer: ReadonlySet<string>): Difference {
  return {
    added: [...newer].filter((element) => !old.has(element)),
    removed: [...old].filter((element) => !newer.has(element)),
  };
}

function toggleAll(set: Set<string>, elements: readonly string[]): void {
  for (const element of elements) {
    if (!set.delete(element)) set.add(element);
  }
}
