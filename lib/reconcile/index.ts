export type {
  Change,
  ColumnChange,
  DesiredRow,
  DesiredValue,
  OmittedColumn,
  RefTo,
  Removal,
  RowKind,
  RowKinds,
  RowPlan,
} from "./desired.ts";
