import { plainText, shorten } from "../naming/label-text.ts";
import type { GraphBox, GraphLink, GraphNetwork } from "./graph.ts";
import { networkTitle } from "./graph-style.ts";

/** A line of text with its size in pixels, and how far below the one before it stands. */
export interface Line {
  readonly text: string;
  readonly size: number;
  readonly bold: boolean;
  readonly step: number;
  readonly colour: string;
}

/** Pixels from one line of a label to the next. */
export const LABEL_LINE = 12;

/** Characters of a line. */
const LONGEST = 56;

/** What is written in a box. */
export function boxText({ title, name, lines }: GraphBox): readonly Line[] {
  return [
    line(title, { size: 12, bold: true, step: 15, colour: "#111827" }),
    ...(name === "" ? [] : [line(name, { size: 10, bold: false, step: 13, colour: "#4b5563" })]),
    ...lines.map((text) => line(text, { size: 11, bold: false, step: 14, colour: "#111827" })),
  ];
}

/** What is written above a network. */
export function headingText(network: GraphNetwork): Line {
  return line(networkTitle(network), { size: 12, bold: true, step: 0, colour: "#374151" });
}

/** What is written at a link. */
export function linkText({ labels }: GraphLink): readonly Line[] {
  return labels.map((text) => line(text, { size: 10, bold: false, step: LABEL_LINE, colour: "#374151" }));
}

function line(text: string, style: Omit<Line, "text">): Line {
  return { text: shorten(plainText(text), LONGEST), ...style };
}

/**
 * How wide a text is at most. Nobody can be asked what fonts there will be; this is what DejaVu Sans takes, which is wider
 * than most that stand in for sans-serif.
 */
export function textWidth(text: string, size: number, bold = false): number {
  const width = [...text].reduce((sum, character) => sum + characterWidth(character), 0);
  return width * size * (bold ? 1.12 : 1);
}

function characterWidth(character: string): number {
  if (/[ijlI|.,:;'!]/.test(character)) return 0.33;
  if (/[ ft()[\]/\\r-]/.test(character)) return 0.42;
  if (/[mwMW@%…→]/.test(character)) return 0.99;
  if (/[A-Z]/.test(character)) return 0.72;
  // Chinese, Japanese, Korean and symbols are as wide as high.
  return (character.codePointAt(0) ?? 0) >= 0x11_00 ? 1.05 : 0.64;
}
