import type { ReadView } from "../database/index.ts";
import { UsageError } from "../jsonrpc/index.ts";
import type { ConstraintError } from "../ovsdb/index.ts";
import { NotSyncedError } from "../session/index.ts";
import type { Change } from "./desired.ts";

/** What ovsdb-server says of a unique index (ovsdb/transaction.c, duplicate_index_row), of the two rows in either order. */
const DUPLICATE = /^Transaction causes multiple rows in "([^"]+)" table to have identical values /;
const ROW = /row, with UUID ([0-9a-f-]{36}), (?!was inserted by this transaction)/;

/** A row that has what a plan wanted for another one. */
interface Holder {
  readonly table: string;
  readonly uuid: string;
}

/**
 * The refusals of one call's plans. A unique name that is taken may be taken for a moment, by somebody who writes the same; or for
 * good, by a row that plans do not see or cannot heed. Refused for good is the same plan that is refused again, unless what
 * refused it has changed in between: another row has the name now, or that row came or went.
 */
export class Refusals {
  #signature: string | undefined;
  #holder: Holder | undefined;
  /** Whether the replica held that row when the last plan had been made. */
  #wasThere: boolean | undefined;

  /** To be called when a plan has been made: what it could see is what is there now. */
  planned(view: () => ReadView): void {
    this.#wasThere = this.#holder === undefined ? undefined : isThere(view, this.#holder);
  }

  /** Whether a plan is refused for good. To be asked once for each refusal, before anything is waited for. */
  isLasting(error: ConstraintError, changes: readonly Change[], view: () => ReadView): boolean {
    const holder = holderIn(error);
    const signature = signatureOf(changes);
    const isSame = signature === this.#signature && holder?.uuid === this.#holder?.uuid;
    const wasThere = this.#wasThere;
    this.#signature = signature;
    this.#holder = holder;
    return isSame && (holder === undefined || isThere(view, holder) === wasThere);
  }
}

function holderIn({ details }: ConstraintError): Holder | undefined {
  const [, table] = DUPLICATE.exec(details) ?? [];
  const [, uuid] = ROW.exec(details) ?? [];
  return table === undefined || uuid === undefined ? undefined : { table, uuid };
}

/** Undefined where nothing is known, without a connection; a row that is not replicated is not there. */
function isThere(view: () => ReadView, { table, uuid }: Holder): boolean | undefined {
  try {
    return view().byUuid(table, uuid) !== undefined;
  } catch (error) {
    if (error instanceof NotSyncedError) return undefined;
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** What a plan does, without the random uuids in it. */
function signatureOf(changes: readonly Change[]): string {
  return JSON.stringify(
    changes.map(({ action, table, name, columns }) => [action, table, name, columns]),
    (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value),
  );
}
