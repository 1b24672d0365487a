import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Seconds that any client may take for anything. */
const limit = 300;

/** What a client says it measured. Which of these are there depends on what it was asked to do. */
export interface Measured {
  /** Time of what was measured, from its start to its end. */
  readonly seconds: number;
  /** CPU that the client used meanwhile, user and system. */
  readonly cpuSeconds: number;
  readonly [figure: string]: number;
}

/** A client that runs in a process of its own, so that CPU and memory are its own. */
export interface Client {
  readonly program: string;
  readonly args: readonly string[];
}

/** A client of the bench that is written in TypeScript, by the name of its file. */
export function nodeClient(name: string): Client {
  const file = fileURLToPath(new URL(`clients/${name}.js`, import.meta.url));
  const profile = process.env["BENCH_CPU_PROFILE"];
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}/${name}`];
  return { program: process.execPath, args: [...flags, file] };
}

/** A peer that is written in Python, by the name of its file. */
export function pythonClient(name: string): Client {
  return {
    program: "/usr/bin/python3",
    args: [fileURLToPath(new URL(`../../bench/peers/${name}.py`, import.meta.url))],
  };
}

/** Runs a client to its end and returns what it printed in its last line. */
export async function runClient(client: Client, task: Readonly<Record<string, unknown>>): Promise<Measured> {
  return (await startClient(client, task)).result;
}

/**
 * Starts a client and resolves when it prints its first line. A client that takes part in something prints "ready" then;
 * others print nothing but the result.
 */
export async function startClient(
  client: Client,
  task: Readonly<Record<string, unknown>>,
): Promise<{ readonly result: Promise<Measured> }> {
  const child = spawn(client.program, [...client.args, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: limit * 1000,
  });
  let printed = "";
  const firstLine = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (printed.includes("\n")) resolve();
    });
    child.once("close", resolve);
  });
  const result = once(child, "close").then(([code]) => {
    if (code !== 0)
      throw new Error(
        `${client.args.join(" ")} ended with ${code}; its task was ${JSON.stringify(task).slice(0, 200)}`,
      );
    const line = printed.trim().split("\n").at(-1) ?? "";
    return JSON.parse(line) as Measured;
  });
  // Whoever waits for the first line hears of a failure later, from the result.
  result.catch(() => undefined);
  await firstLine;
  return { result };
}
