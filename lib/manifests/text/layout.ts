import type { FieldPath } from "./field-path.ts";

/** Where the fields of one parsed document stand in its file. Lines count from 1. */
export interface Layout {
  /** The line of the field, or of the nearest thing around it when the field does not exist. */
  lineOf(path: FieldPath): number;
  /** The line on which a character of the string at `path` stands; of what is behind its last visible one that one's line. */
  lineInText(path: FieldPath, offset: number): number;
}
