#!/usr/bin/env node
import { Interrupted, type Io } from "./io.ts";
import { run } from "./run.ts";

/** Takes the line back that shows the progress (ECMA-48: carriage return, erase in line). */
const CLEAR = "\r\u001b[K";

const interruption = new AbortController();
// Once: whoever presses Ctrl-C again does not want to wait for us to end well.
process.once("SIGINT", () => interruption.abort(new Interrupted(130)));
process.once("SIGTERM", () => interruption.abort(new Interrupted(143)));

// A reader that has seen enough, as in `ovn-northbound show | head`, is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`ovn-northbound: cannot write: ${error.message}\n`);
  });
}

process.exitCode = await run(process.argv.slice(2), processIo(interruption.signal));

function processIo(signal: AbortSignal): Io {
  let shown = "";
  const progress = (text: string): void => {
    if (!process.stderr.isTTY || text === shown) return;
    shown = text;
    process.stderr.write(`${CLEAR}${text}`);
  };
  return {
    env: process.env,
    width: process.stdout.columns,
    signal,
    out: (text) => {
      progress("");
      process.stdout.write(text);
    },
    err: (text) => {
      progress("");
      process.stderr.write(text);
    },
    progress,
    readStdin: () => readStdin(signal),
  };
}

async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  const stop = (): void => void process.stdin.destroy(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
