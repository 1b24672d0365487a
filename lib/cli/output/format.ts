/** How results are printed; the first is what nobody has to ask for. */
export const FORMATS = ["text", "json", "yaml"] as const;
/** See {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** How what was written is told. */
export const WRITE_FORMATS = ["text", "name", "json", "yaml"] as const;
/** See {@link WRITE_FORMATS}. */
export type WriteFormat = (typeof WRITE_FORMATS)[number];

/** How lists are printed. */
export const GET_FORMATS = ["text", "wide", "name", "json", "yaml"] as const;
/** See {@link GET_FORMATS}. */
export type GetFormat = (typeof GET_FORMATS)[number];

/** How pictures are printed. */
export const GRAPH_FORMATS = ["mermaid", "dot", "svg", "json", "yaml"] as const;
/** See {@link GRAPH_FORMATS}. */
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** Data for a program: JSON with two spaces, or YAML, with a line end. Integers that a JSON reader would round are texts. */
export async function formatData(data: unknown, format: Exclude<Format, "text">): Promise<string> {
  if (format === "json") return `${formatJson(data, 2)}\n`;
  const plain: unknown = JSON.parse(formatJson(data));
  const { stringify } = await import("yaml");
  // Lines are not folded, so that a search for an address or a name finds it.
  // Readers of YAML 1.1 take `yes` and some MAC addresses for something else than texts, unless they are quoted.
  return stringify(plain, { lineWidth: 0, compat: "yaml-1.1" });
}

/** The same as JSON alone, on one line unless it is told how far to indent. */
export function formatJson(data: unknown, indentation?: number): string {
  return JSON.stringify(data, (_key, value: unknown) => plainInteger(value), indentation);
}

function plainInteger(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
