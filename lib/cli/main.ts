#!/usr/bin/env node
import { Interrupted, type Io } from "./io.ts";
import { DEBUG_VARIABLE } from "./options.ts";
import { OrderedOutput } from "./ordered-output.ts";
import { onOneLine } from "./output/text.ts";
import { readStdin } from "./read-stdin.ts";
import { run } from "./run.ts";

/** Takes the line back that shows the progress (ECMA-48: carriage return, erase in line). */
const CLEAR = "\r\u001b[K";

/** Milliseconds that a reader has to take what is left, once somebody has interrupted the command. */
const PATIENCE = 500;

// Before anything else is loaded. Only for those who look: reading the maps takes longer than most commands.
if (process.env[DEBUG_VARIABLE] === "1") process.setSourceMapsEnabled(true);

const interruption = new AbortController();
// Once: whoever presses Ctrl-C again does not want to wait for us to end well.
process.once("SIGINT", () => interruption.abort(new Interrupted(130)));
process.once("SIGTERM", () => interruption.abort(new Interrupted(143)));

const unread = new AbortController();

const streams = [process.stdout, process.stderr];
const output = new OrderedOutput(streams);
let isWritten = true;

// A reader that has seen enough, as in `ovn-northbound show | head`, is no failure.
for (const stream of streams) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout) unread.abort();
    if (error.code === "EPIPE") return;
    if (isWritten && stream === process.stdout)
      process.stderr.write(`ovn-northbound: cannot write: ${error.message}\n`);
    isWritten = false;
  });
}

void run(process.argv.slice(2), processIo(interruption.signal)).then(async (exitCode) => {
  const written = output.end().then(() => (isWritten ? exitCode : 1));
  // Once all is written, and without waiting for Node.js to take everything down that goes with the process.
  process.exit(await Promise.race([written, impatience(interruption.signal)]));
});

/** The exit code of an interrupted command that has waited for its reader long enough: a paused pager may never take what is left. */
function impatience(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const wait = (): void => {
      const code = signal.reason instanceof Interrupted ? signal.reason.exitCode : 1;
      setTimeout(() => resolve(code), PATIENCE);
    };
    if (signal.aborted) wait();
    else signal.addEventListener("abort", wait);
  });
}

function processIo(signal: AbortSignal): Io {
  let shown = "";
  const progress = (text: string): void => {
    if (!process.stderr.isTTY || text === shown) return;
    shown = text;
    process.stderr.write(`${CLEAR}${onOneLine(text, process.stderr.columns)}`);
  };
  return {
    env: process.env,
    width: process.stdout.columns,
    begun: performance.now(),
    signal,
    unread: unread.signal,
    out: (text) => {
      progress("");
      output.write(process.stdout, text);
    },
    written: () => output.end(),
    err: (text) => {
      progress("");
      output.write(process.stderr, text);
    },
    progress,
    readStdin: () => readStdin(signal),
  };
}
