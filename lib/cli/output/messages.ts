import type { Skipped } from "../../manifests/index.ts";
import type { Io } from "../io.ts";
import { printable } from "./text.ts";

/** How the command calls itself at the beginning of its messages. */
export const PROGRAM = "ovn-northbound";

/** Says something on standard error, on one line. */
export function tell(io: Io, text: string): void {
  io.err(`${PROGRAM}: ${printable(text)}\n`);
}

/** Says what of the manifests is not used, a line each. */
export function tellSkipped(io: Io, skipped: readonly Skipped[]): void {
  for (const each of skipped) tell(io, skippedLine(each));
}

/** One thing that is not used: an object, or a field of one that is. */
export function skippedLine({ file, line, document, field, kind, name, reason }: Skipped): string {
  const word = field === undefined ? "skipped" : "ignored";
  return `${word}: ${file}:${line}: document ${document}: ${[kind, name].join(" ").trim()}: ${reason}`;
}
