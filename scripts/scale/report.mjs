// What the scenarios share: clocks, tables, and their sections of docs/scale.md.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

/** The first line of a section: how, when and on what its numbers were made. */
export function madeBy(command, load) {
  const date = new Date().toISOString().slice(0, 10);
  return `Made by \`${command}\` on ${date}: ${cpus().length} processors (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node.js ${process.version}; load ${load} before the start. One run; seconds, MiB and bytes.`;
}

export function loadNow() {
  return loadavg()[0].toFixed(2);
}

/** A table in Markdown. */
export function table(head, rows) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  return [row(head), `|${"---|".repeat(head.length)}`, ...rows.map(row)].join("\n");
}

export function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(2);
}

export function mebibytes(bytes) {
  return Math.round(bytes / 2 ** 20);
}

/** Puts a section in the place of the one with the same heading, or at the end; "-" prints it. */
export function report(output, heading, text) {
  const section = `## ${heading}\n\n${text.trim()}\n`;
  if (output === "-") {
    console.log(section);
    return;
  }
  const [top, ...sections] = readFileSync(output, "utf8").split(/^(?=## )/m);
  const index = sections.findIndex((each) => each.startsWith(`## ${heading}\n`));
  sections.splice(index < 0 ? sections.length : index, 1, section);
  writeFileSync(output, [top, ...sections].map((each) => `${each.trim()}\n`).join("\n"));
  console.error(`Wrote ${output}`);
}

export async function timed(what, work) {
  const start = performance.now();
  const result = await work();
  const milliseconds = performance.now() - start;
  console.error(`  ${what}: ${seconds(milliseconds)} s`);
  return [result, milliseconds];
}

/** Bytes that processes have now, with their part of what they share (proc(5), Pss). */
export function memoryOf(pids) {
  return pids
    .map(
      (pid) => Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) * 1024,
    )
    .reduce((sum, one) => sum + one, 0);
}
