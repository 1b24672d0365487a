// The limit that ovsdb-server sets: replays prepared bytes, and of what comes back reads no more than it must.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { quantile } from "../statistics.ts";
import { machineTime, peakMemory, report, stopwatch, task } from "./measure.ts";
import { ReplyCounter } from "./reply-counter.ts";

interface RawTask {
  /** `replay` sends the file's lines, `sync` only opens the monitor, `follow` waits for an update with the marker. */
  readonly kind: "replay" | "sync" | "follow";
  readonly remote: string;
  /** The request that opens the monitor; without it none is opened. */
  readonly monitor?: string;
  readonly file: string;
  readonly inFlight: number;
  /** What is sent before, unmeasured, so that the server has done what it has for a client that rehearses. */
  readonly rehearsalFile?: string;
  readonly marker: string;
}

const given = task<RawTask>();
/** How a reply ends, in the order in which ovsdb-server prints the members. Data cannot hold it: quotes are escaped there. */
const endOfReply = Buffer.from('"error":null}');
const socket = connect(given.remote.replace(/^unix:/, ""));
await once(socket, "connect");

switch (given.kind) {
  case "replay":
    if (given.monitor !== undefined) await openMonitor(socket, given.monitor);
    if (given.rehearsalFile !== undefined)
      await replay(socket, readFileSync(given.rehearsalFile), given.inFlight);
    report(await replay(socket, readFileSync(given.file), given.inFlight));
    break;
  case "sync": {
    const stop = stopwatch();
    const bytes = await openMonitor(socket, given.monitor ?? "");
    report({ ...stop(), bytes, peakMb: peakMemory() });
    break;
  }
  case "follow": {
    await openMonitor(socket, given.monitor ?? "");
    console.log("ready");
    const stop = stopwatch();
    await marker(socket, Buffer.from(given.marker));
    report({ ...stop(), endedAt: machineTime() });
    break;
  }
}
socket.destroy();

/** Resolves with the number of bytes when the reply is there. Nothing else is under way, so it is whole when it ends. */
function openMonitor(connection: Socket, request: string): Promise<number> {
  connection.write(request);
  return new Promise((resolve) => {
    let bytes = 0;
    let tail = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk.subarray(-endOfReply.length)]).subarray(-endOfReply.length);
      if (!tail.equals(endOfReply)) return;
      connection.off("data", onData);
      resolve(bytes);
    };
    connection.on("data", onData);
  });
}

/** Sends all lines, with so many of them unanswered at any time. */
function replay(connection: Socket, lines: Buffer, width: number): Promise<Record<string, number>> {
  const ends = lineEnds(lines);
  const count = ends.length;
  const begin = (index: number): number => (index === 0 ? 0 : (ends[index - 1] ?? 0));
  const sentAt = new Float64Array(count);
  const times = new Float64Array(count);
  let sent = 0;
  let answered = 0;
  const send = (upTo: number): void => {
    const until = Math.min(upTo, count);
    if (until === sent) return;
    sentAt.fill(performance.now(), sent, until);
    connection.write(lines.subarray(begin(sent), ends[until - 1]));
    sent = until;
  };
  const startedAt = machineTime();
  const stop = stopwatch();
  const counter = new ReplyCounter();
  return new Promise((resolve) => {
    const onData = (chunk: Buffer): void => {
      const before = answered;
      answered += counter.count(chunk);
      for (let index = before; index < answered; index += 1) {
        times[index] = (performance.now() - (sentAt[index] ?? 0)) * 1000;
      }
      if (answered < count) {
        send(answered + width);
        return;
      }
      connection.off("data", onData);
      // The first third warms up.
      const warm = [...times.subarray(count / 3)];
      resolve({ ...stop(), startedAt, p50: quantile(warm, 0.5), p99: quantile(warm, 0.99) });
    };
    connection.on("data", onData);
    send(width);
  });
}

function lineEnds(lines: Buffer): number[] {
  const ends: number[] = [];
  for (let at = lines.indexOf(10); at !== -1; at = lines.indexOf(10, at + 1)) ends.push(at + 1);
  return [...ends, lines.length];
}

function marker(connection: Socket, text: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let rest = Buffer.alloc(0);
    connection.on("data", (chunk: Buffer) => {
      const seam = Buffer.concat([rest, chunk.subarray(0, text.length)]);
      if (chunk.includes(text) || seam.includes(text)) resolve();
      rest = Buffer.concat([rest, chunk.subarray(-text.length)]).subarray(-text.length);
    });
  });
}
