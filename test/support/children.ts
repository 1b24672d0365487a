import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a program once for each task, lets all of them go at the same moment, and returns what they say. */
export async function runChildren(
  remote: string,
  tasks: readonly object[],
  program: "apply-child" | "attach-child" = "apply-child",
): Promise<unknown[]> {
  const script = join(import.meta.dirname, `${program}.js`);
  const children = tasks.map((task) => {
    const args = [script, remote, JSON.stringify(task)];
    const child: Child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    return {
      child,
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      errors: errorsOf(child),
    };
  });
  try {
    for (const { lines, errors } of children) {
      const { value } = await lines.next();
      if (value !== "ready") throw new Error(`a child did not become ready: ${await errors}`);
    }
    for (const { child } of children) child.stdin.write("go\n");
    return await Promise.all(
      children.map(async ({ lines, errors }): Promise<unknown> => {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`a child failed: ${await errors}`);
        return JSON.parse(String(value));
      }),
    );
  } finally {
    for (const { child } of children) child.kill();
  }
}

async function errorsOf(child: Child): Promise<string> {
  let text = "";
  for await (const chunk of child.stderr) text += String(chunk);
  return text;
}
