import type { ReadView } from "../../database/index.ts";
import { UsageError } from "../../jsonrpc/index.ts";

/** Throws `UsageError` for what is no view, as plain JavaScript may give: the database itself is none. */
export function checkView(view: ReadView): void {
  if (
    typeof view === "object" &&
    view !== null &&
    typeof view.find === "function" &&
    typeof view.rows === "function"
  )
    return;
  throw new UsageError("view must be that of a database, nb.view");
}
