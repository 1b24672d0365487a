/** A picture of how something grows. */
export interface Chart {
  readonly title: string;
  /** What the height means. */
  readonly unit: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [rows: number, value: number])[];
  }[];
}

const width = 640;
const height = 360;
const left = 60;
const right = 150;
const top = 50;
const bottom = 45;
const lineHeight = 16;
// Told apart also by those who see few colours, on white and on black (Okabe and Ito).
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/** Draws a chart as SVG: rows from left to right in powers of ten, the value upwards from zero. */
export function toSvg({ title, unit, series }: Chart): string {
  const all = series.flatMap(({ points }) => points);
  const rows = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const lowest = Math.log10(rows[0] ?? 1);
  const highest = Math.log10(rows.at(-1) ?? 10);
  const most = niceCeiling(Math.max(...all.map(([, y]) => y)));
  const x = (value: number): number =>
    left + ((Math.log10(value) - lowest) / (highest - lowest)) * (width - left - right);
  const y = (value: number): number => height - bottom - (value / most) * (height - top - bottom);
  const ends = apart(series.map(({ points }) => y(points.at(-1)?.[1] ?? 0)));
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * most);
  const elements = [
    `<title>${escaped(title)}, ${escaped(unit)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(left, 24, title, "start", 15),
    text(left, 42, unit, "start"),
    ...marks.flatMap((mark) => [
      `<line x1="${left}" y1="${at(y(mark))}" x2="${width - right}" y2="${at(y(mark))}" stroke="#dddddd"/>`,
      text(left - 8, y(mark) + 4, String(Number(mark.toPrecision(3))), "end"),
    ]),
    ...rows.map((row) => text(x(row), height - bottom + 18, row.toLocaleString("en"), "middle")),
    text((left + width - right) / 2, height - 8, "rows", "middle"),
    ...series.flatMap(({ name, points }, index) => {
      const colour = colours[index % colours.length] ?? "#000000";
      const line = points.map(([row, value]) => `${at(x(row))},${at(y(value))}`).join(" ");
      const [row] = points.at(-1) ?? [1];
      return [
        `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...points.map(
          ([each, high]) => `<circle cx="${at(x(each))}" cy="${at(y(high))}" r="3.5" fill="${colour}"/>`,
        ),
        text(x(row) + 10, (ends[index] ?? 0) + 4, name, "start", 12, colour),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif">
${elements.map((element) => `  ${element}\n`).join("")}</svg>
`;
}

/** Where names are written so that none covers another: as near as can be to where the lines end. */
function apart(heights: readonly number[]): number[] {
  const placed = [...heights];
  const fromTop = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  let free = Number.NEGATIVE_INFINITY;
  for (const index of fromTop) {
    free = Math.max(heights[index] ?? 0, free);
    placed[index] = free;
    free += lineHeight;
  }
  return placed;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end",
  size = 12,
  colour = "#333333",
): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" font-size="${size}" fill="${colour}">${escaped(content)}</text>`;
}

function at(coordinate: number): string {
  return coordinate.toFixed(1);
}

/** The next of 1, 2, 4, 6, 8, 10 times a power of ten, which four lines divide into plain numbers. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 4, 6, 8].find((step) => step * power >= value) ?? 10) as number) * power;
}
