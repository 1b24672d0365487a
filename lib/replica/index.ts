export { joinKeys, valueKey } from "./atom-key.ts";
export { noPairsWanted, nothingWanted } from "./condition.ts";
export type { Journal, JournalEntry } from "./journal.ts";
export { Replica } from "./replica.ts";
export { RowChange } from "./row-change.ts";
export { RowMark } from "./row-mark.ts";
export type { AnyRow, Match } from "./rows.ts";
export { knownTables, monitorTables, notMonitored, selectTables, type TableSelection } from "./selection.ts";
export { TableStore } from "./table-store.ts";
