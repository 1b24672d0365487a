import { parseJson, writeJson } from "../jsonrpc/index.ts";
import type { Operation } from "./operations.ts";

/**
 * The operations of one transaction as the text in which they are sent; as data for those who ask, which is hardly ever
 * anybody but a caller that reports a failure.
 */
export class WrittenOperations {
  /** As they stand in the `params` of a `transact`, with commas between them. */
  readonly text: string;
  /** What each of them is, in their order. */
  readonly kinds: readonly Operation["op"][];
  /**
   * Position of a change of one row without which all of the operations do nothing. Nothing guards that row then: the count
   * in the reply tells whether it was there.
   */
  readonly anchor: number | undefined;
  #list: readonly Operation[] | undefined;

  /** The text must be JSON that ovsdb-server takes: nothing looks at it any more. */
  constructor(text: string, kinds: readonly Operation["op"][], anchor?: number) {
    this.text = text;
    this.kinds = kinds;
    this.anchor = anchor;
  }

  /** Throws `UsageError` naming the place of a value that cannot be sent, as in `params[1].row.name`. */
  static of(operations: readonly Operation[]): WrittenOperations {
    return WrittenOperations.#none.with(operations);
  }

  static readonly #none = new WrittenOperations("", []);

  /** These, and more of them. Throws as `of` does. */
  with(operations: readonly Operation[]): WrittenOperations {
    if (operations.length === 0) return this;
    // The first of the params is the name of the database.
    const texts = operations.map((operation, index) =>
      writeJson(operation, `params[${this.length + index + 1}]`),
    );
    return this.followedBy(
      new WrittenOperations(
        texts.join(","),
        operations.map(({ op }) => op),
      ),
    );
  }

  /** These, and then the others. */
  followedBy(others: WrittenOperations): WrittenOperations {
    if (this.length === 0) return others;
    if (others.length === 0) return this;
    return new WrittenOperations(`${this.text},${others.text}`, [...this.kinds, ...others.kinds]);
  }

  get length(): number {
    return this.kinds.length;
  }

  /** As data. */
  get list(): readonly Operation[] {
    this.#list ??= parseJson(`[${this.text}]`) as unknown as readonly Operation[];
    return this.#list;
  }
}
