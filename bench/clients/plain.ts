// What is left of a client in Node.js that plans, checks and finds nothing: it makes JSON of operations, parses all that
// comes back, and keeps the rows in maps. The difference to ours is what the library costs.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { machineTime, report, stopwatch, task } from "./measure.ts";

interface PlainTask {
  /** `replay` sends the operations of the file's lines, `follow` waits for an update with the marker. */
  readonly kind: "replay" | "follow";
  readonly remote: string;
  /** The request that opens the monitor. */
  readonly monitor: string;
  readonly file: string;
  readonly inFlight: number;
  readonly marker: string;
}

interface Message {
  readonly id: unknown;
  readonly result?: unknown;
  readonly params?: readonly unknown[];
}

type Row = Record<string, unknown>;
type RowUpdate = Readonly<Record<"initial" | "insert" | "modify" | "delete", Row | null | undefined>>;
type Updates = Readonly<Record<string, Readonly<Record<string, RowUpdate>>>>;

const given = task<PlainTask>();
const tables = new Map<string, Map<string, Row>>();
const socket = connect(given.remote.replace(/^unix:/, ""));
await once(socket, "connect");
socket.setEncoding("utf8");

let onReply: () => void = () => undefined;
let onUpdate: (text: string) => void = () => undefined;
let rest = "";
socket.on("data", (chunk: string) => {
  // No string of the bench has these two next to each other, so they part messages; a client for all data must look closer.
  const texts = (rest + chunk).split("}{");
  rest = "";
  const last = texts.length - 1;
  texts.forEach((text, index) => {
    const whole = `${index === 0 ? "" : "{"}${text}${index === last ? "" : "}"}`;
    const message = index < last ? (JSON.parse(whole) as Message) : parsed(whole);
    if (message === undefined) rest = whole;
    else read(message, whole);
  });
});
await openMonitor();

if (given.kind === "replay") {
  const transactions = readFileSync(given.file, "utf8")
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly params: readonly unknown[] }).params);
  report(await replay(transactions, given.inFlight));
} else {
  console.log("ready");
  const stop = stopwatch();
  await new Promise<void>((resolve) => {
    onUpdate = (text) => text.includes(given.marker) && resolve();
  });
  report({ ...stop(), endedAt: machineTime() });
}
socket.destroy();

function openMonitor(): Promise<void> {
  return new Promise((resolve) => {
    onReply = resolve;
    socket.write(given.monitor);
  });
}

/** The last message of a chunk, if it has come as a whole. */
function parsed(text: string): Message | undefined {
  if (!text.endsWith("]}") && !text.endsWith('"error":null}')) return undefined;
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}

function read({ id, result, params }: Message, text: string): void {
  if (params !== undefined) {
    keep(params[2] as Updates);
    onUpdate(text);
    return;
  }
  if (id === "monitor") keep((result as readonly unknown[])[2] as Updates);
  else if (JSON.stringify(result).includes('"error"')) throw new Error(`a transaction failed: ${text}`);
  onReply();
}

function keep(updates: Updates): void {
  for (const [name, changes] of Object.entries(updates)) {
    const table = tables.get(name) ?? new Map<string, Row>();
    tables.set(name, table);
    for (const [uuid, { initial, insert, modify, delete: gone }] of Object.entries(changes)) {
      if (gone !== undefined) table.delete(uuid);
      else table.set(uuid, { ...table.get(uuid), ...(initial ?? insert ?? modify) });
    }
  }
}

/** Sends all transactions, with so many of them unanswered at any time. */
function replay(
  transactions: readonly (readonly unknown[])[],
  width: number,
): Promise<Readonly<Record<string, number>>> {
  let sent = 0;
  let unsent = "";
  const flush = (): void => {
    socket.write(unsent);
    unsent = "";
  };
  const send = (): void => {
    if (sent === transactions.length) return;
    if (unsent === "") setImmediate(flush);
    unsent += JSON.stringify({ id: sent, method: "transact", params: transactions[sent] });
    sent += 1;
  };
  let answered = 0;
  const stop = stopwatch();
  return new Promise((resolve) => {
    onReply = () => {
      answered += 1;
      if (answered < transactions.length) return send();
      resolve({ ...stop() });
    };
    for (let index = 0; index < width; index += 1) send();
  });
}
