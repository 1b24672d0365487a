/** Something that wants to be at a place, and has a height around it. */
export interface Wish {
  /** Where its centre would best be. */
  readonly centre: number;
  /** From the centre to either side. */
  readonly half: number;
}

/**
 * Places things below each other, in the order they come, as near to where they want to be as they can without touching:
 * the sum of the squares of what they are off is least (pool adjacent violators).
 */
export function spread(wishes: readonly Wish[], gap: number): readonly number[] {
  // With what must be above taken away, all would have to be in order only.
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, { half }] of wishes.entries()) {
    const before = wishes[index - 1];
    if (before !== undefined) offset += before.half + gap + half;
    offsets.push(offset);
  }
  const blocks: { sum: number; size: number }[] = [];
  for (const [index, { centre }] of wishes.entries()) {
    let block = { sum: centre - (offsets[index] ?? 0), size: 1 };
    for (let last = blocks.at(-1); last !== undefined && mean(last) >= mean(block); last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, size: last.size + block.size };
    }
    blocks.push(block);
  }
  const places = blocks.flatMap((block) => Array.from({ length: block.size }, () => mean(block)));
  return places.map((place, index) => place + (offsets[index] ?? 0));
}

function mean({ sum, size }: { readonly sum: number; readonly size: number }): number {
  return sum / size;
}
