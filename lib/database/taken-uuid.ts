import type { OperationError, WrittenOperations } from "../ovsdb/index.ts";
import type { AnyRow } from "../replica/index.ts";
import { NotSyncedError } from "../session/index.ts";
import type { Link } from "./link.ts";

/**
 * A chosen uuid that an insert was refused for, since a row has it. To run a function again that sees this row and takes its uuid
 * all the same would not end. One that sees none, since the row has gone for a moment, is only slower than others.
 */
export class TakenUuid {
  readonly #link: Link;
  #uuid: string | undefined;
  #table: string | null = null;
  /** The row, if it was there and the same when the function began and when it ended. */
  #seen: AnyRow | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /** To be called before the function runs. */
  begin(): void {
    this.#seen = this.#row();
  }

  /** To be called after it. */
  end(): void {
    if (this.#row() !== this.#seen) this.#seen = undefined;
  }

  /** Whether an attempt failed as the one before it, and the function could know. */
  isChosenAgain(error: OperationError, operations: WrittenOperations): boolean {
    const failed = error.operationIndex === null ? undefined : operations.list[error.operationIndex];
    const uuid = error.error === "duplicate uuid" && failed?.op === "insert" ? failed.uuid : undefined;
    const isSame = uuid !== undefined && uuid === this.#uuid && this.#seen !== undefined;
    this.#uuid = uuid;
    this.#table = error.table;
    return isSame;
  }

  #row(): AnyRow | undefined {
    const uuid = this.#uuid;
    if (uuid === undefined) return undefined;
    try {
      for (const store of this.#link.replica.tables) if (store.name === this.#table) return store.row(uuid);
    } catch (error) {
      // Without a connection nothing is seen.
      if (!(error instanceof NotSyncedError)) throw error;
    }
    return undefined;
  }
}
