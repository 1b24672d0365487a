import { Interrupted, type Io } from "../../../lib/cli/io.ts";
import { run } from "../../../lib/cli/run.ts";

/** What a command line did. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An `Io` that keeps what is written. */
export class FakeIo implements Io {
  stdout = "";
  stderr = "";
  /** What the line of progress said, one after the other. */
  readonly progressed: string[] = [];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly width: number | undefined = undefined;
  readonly begun: number;
  readonly #stdin: string | Uint8Array;
  readonly #interruption = new AbortController();
  readonly unread: AbortSignal = new AbortController().signal;

  constructor(
    options: {
      readonly env?: Record<string, string>;
      readonly stdin?: string | Uint8Array;
    } = {},
  ) {
    this.begun = performance.now();
    // Nobody listens there, so that no test ever meets a database of this machine.
    this.env = { OVN_NB_DB: "unix:/nonexistent/nb.sock", ...options.env };
    this.#stdin = options.stdin ?? "";
  }

  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  interrupt(): void {
    this.#interruption.abort(new Interrupted(130));
  }

  out(text: string): void {
    this.stdout += text;
  }

  written(): Promise<void> {
    return Promise.resolve();
  }

  err(text: string): void {
    this.stderr += text;
  }

  progress(text: string): void {
    this.progressed.push(text);
  }

  readStdin(): Promise<Uint8Array> {
    const bytes = typeof this.#stdin === "string" ? new TextEncoder().encode(this.#stdin) : this.#stdin;
    return Promise.resolve(bytes);
  }
}

/** Runs a command line on a fake. */
export async function runCli(argv: readonly string[], io: FakeIo = new FakeIo()): Promise<Outcome> {
  const exitCode = await run(argv, io);
  return { exitCode, stdout: io.stdout, stderr: io.stderr };
}
