/** What became of something, in kubectl's words. */
export type WatchEvent = "ADDED" | "MODIFIED" | "DELETED";

/** A thing that may be told of again. */
export interface Tellable<T> {
  /** Who it is; two that are the same are told together. */
  readonly subject: string;
  readonly item: T;
}

/** What is to be told. */
export interface Difference<T> extends Tellable<T> {
  readonly event: WatchEvent;
}

type Subjects<T> = ReadonlyMap<string, { readonly text: string; readonly items: readonly T[] }>;

/** Remembers what was told last of each thing. */
export class Told<T> {
  #last: Subjects<T> = new Map();

  /**
   * What differs now: first what went, as it was, then what came and changed, in order.
   *
   * @param before What the things were, where they are not all there are; then nothing is remembered.
   */
  differences(things: readonly Tellable<T>[], before?: readonly Tellable<T>[]): readonly Difference<T>[] {
    const now = bySubject(things);
    const last = before === undefined ? this.#last : bySubject(before);
    if (before === undefined) this.#last = now;
    const as =
      (event: WatchEvent, subject: string) =>
      (item: T): Difference<T> => ({ event, subject, item });
    return [
      ...[...last].flatMap(([subject, { items }]) =>
        now.has(subject) ? [] : items.map(as("DELETED", subject)),
      ),
      ...[...now].flatMap(([subject, { text, items }]) => {
        const before = last.get(subject);
        if (before?.text === text) return [];
        return items.map(as(before === undefined ? "ADDED" : "MODIFIED", subject));
      }),
    ];
  }
}

function bySubject<T>(things: readonly Tellable<T>[]): Subjects<T> {
  const subjects = new Map<string, { text: string; items: T[] }>();
  for (const { subject, item } of things) {
    const known = subjects.get(subject) ?? { text: "", items: [] };
    known.text += `${JSON.stringify(item)}\n`;
    known.items.push(item);
    subjects.set(subject, known);
  }
  return subjects;
}
