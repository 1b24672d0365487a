import type { Skipped } from "../../manifests/index.ts";
import type { Io } from "../io.ts";
import { foldLines } from "./fold.ts";
import { printable } from "./text.ts";

/** How the command calls itself at the beginning of its messages. */
export const PROGRAM = "ovn-northbound";

/** Says something on standard error, on one line. */
export function tell(io: Io, text: string): void {
  io.err(`${PROGRAM}: ${printable(text)}\n`);
}

/** Says what of the manifests is not used: a line each, unless many are not for the same reason. */
export function tellSkipped(io: Io, skipped: readonly Skipped[]): void {
  for (const line of skippedLines(skipped)) tell(io, line);
}

/** Things that are not used: objects, and fields of those that are. */
export function skippedLines(skipped: readonly Skipped[]): readonly string[] {
  return foldLines(
    skipped.map(({ file, line, document, field, kind, name, reason }) => {
      const word = field === undefined ? "skipped" : "ignored";
      const text = `${word}: ${file}:${line}: document ${document}: ${[kind, name].join(" ").trim()}: ${reason}`;
      return { text, word, saying: `${kind}: ${reason}` };
    }),
  );
}

/** Says what was named and is not in the database. */
export function tellAbsent(io: Io, absent: readonly string[]): void {
  const lines = absent.map((each) => ({ text: `absent: ${each}`, word: "absent", saying: "" }));
  for (const line of foldLines(lines)) tell(io, line);
}
