export type { ChangeBatch } from "./changes.ts";
export { Database, type TablesOf } from "./database.ts";
export type { ConnectOptions, TransactOptions, UntilOptions } from "./options.ts";
export type { TransactResult } from "./run.ts";
export { Table } from "./table.ts";
export { Deadline, delay, jitter } from "./timing.ts";
export type { Element, Transaction } from "./transaction.ts";
export type { MatchOf, ReferencedTable, Row, TableName, Tables, Target, WritableColumn } from "./types.ts";
export type { AnyRow, Match, ReadView } from "./view.ts";
