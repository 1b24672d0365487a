const LONGEST_VALUE = 120;

/**
 * A value as it appears in a message: JSON on one line, cut when long, with every control character escaped so that a
 * manifest cannot play tricks on the terminal.
 */
export function describeValue(value: unknown): string {
  // JSON has no word for these two, and would say null.
  const text =
    typeof value === "number" && !Number.isFinite(value)
      ? String(value)
      : (JSON.stringify(value) ?? String(value));
  const visible = text.replace(
    /[\p{Cc}\p{Cf}]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return visible.length <= LONGEST_VALUE ? visible : `${visible.slice(0, LONGEST_VALUE)}...`;
}
