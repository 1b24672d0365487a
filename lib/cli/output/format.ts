/** How results are printed; the first is what nobody has to ask for. */
export const FORMATS = ["text", "json", "yaml"] as const;
/** See {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** How pictures are printed. */
export const GRAPH_FORMATS = ["mermaid", "dot", "svg", "json", "yaml"] as const;
/** See {@link GRAPH_FORMATS}. */
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** Data for a program: JSON with two spaces, or YAML, with a line end. Integers that a JSON reader would round are texts. */
export async function formatData(data: unknown, format: Exclude<Format, "text">): Promise<string> {
  const plain: unknown = JSON.parse(JSON.stringify(data, (_key, value: unknown) => plainInteger(value)));
  if (format === "json") return `${JSON.stringify(plain, null, 2)}\n`;
  const { stringify } = await import("yaml");
  // Lines are not folded, so that a search for an address or a name finds it.
  // Readers of YAML 1.1 take `yes` and some MAC addresses for something else than texts, unless they are quoted.
  return stringify(plain, { lineWidth: 0, compat: "yaml-1.1" });
}

function plainInteger(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
