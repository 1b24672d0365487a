/** How many lines that say the same are shown, and counted where there are more. */
const SHOWN = 5;

/** A line of a list that may be long. */
export interface Line {
  readonly text: string;
  /** The word it begins with; empty for none. */
  readonly word: string;
  /** What it says, without where and of whom. */
  readonly saying: string;
}

/** The lines, without most of those that say the same: among thousands of them nobody finds the one that says something else. */
export function foldLines(lines: readonly Line[]): readonly string[] {
  const groups = new Map<string, { total: number; told: number }>();
  const groupOf = ({ word, saying }: Line): { total: number; told: number } => {
    const key = JSON.stringify([word, saying]);
    const group = groups.get(key) ?? { total: 0, told: 0 };
    groups.set(key, group);
    return group;
  };
  for (const line of lines) groupOf(line).total += 1;
  return lines.flatMap((line) => {
    const group = groupOf(line);
    group.told += 1;
    // A line that counts one would be no shorter.
    if (group.told <= SHOWN || group.total === SHOWN + 1) return [line.text];
    if (group.told > SHOWN + 1) return [];
    return [[line.word, `${group.total - SHOWN} more`, line.saying].filter((part) => part !== "").join(": ")];
  });
}
