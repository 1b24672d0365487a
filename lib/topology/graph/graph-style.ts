import type { GraphBoxKind, GraphNetwork } from "./graph.ts";

/** Colours of boxes: light enough for black text, and told apart by their edges. */
export const COLOURS: Readonly<Record<GraphBoxKind, { readonly fill: string; readonly line: string }>> = {
  physical: { fill: "#e5e7eb", line: "#4b5563" },
  gateway: { fill: "#fef3c7", line: "#d97706" },
  router: { fill: "#ffedd5", line: "#ea580c" },
  switch: { fill: "#dbeafe", line: "#2563eb" },
  pods: { fill: "#dcfce7", line: "#16a34a" },
  ports: { fill: "#f3f4f6", line: "#6b7280" },
  remote: { fill: "#ede9fe", line: "#7c3aed" },
  services: { fill: "#cffafe", line: "#0891b2" },
  policies: { fill: "#fee2e2", line: "#dc2626" },
};

/** What stands above a network. */
export function networkTitle({ name, topology, role }: GraphNetwork): string {
  if (name === "") return "of no network";
  return [name, [topology, role].filter((word) => word !== "").join(", ")]
    .filter((word) => word !== "")
    .join(" · ");
}
