/** All that the command line touches of the process it runs in; `main.ts` makes the real one. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Columns for help texts; undefined where the output is no terminal. */
  readonly width: number | undefined;
  /** When the command began, as `performance.now()` tells it. */
  readonly begun: number;
  /** Aborts when the user interrupts the command; its reason is an `Interrupted`. */
  readonly signal: AbortSignal;
  /** Aborts when standard output takes nothing any more: nobody reads it, or its disk is full. */
  readonly unread: AbortSignal;
  /** Writes to standard output: results. */
  out(text: string): void;
  /** Resolves once all that was written is taken, or cannot be. */
  written(): Promise<void>;
  /** Writes to standard error: messages. */
  err(text: string): void;
  /** Shows what is going on, on a terminal only; the next text, or any output, takes its place. */
  progress(text: string): void;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array>;
}

/** A signal asked the command to end. */
export class Interrupted extends Error {
  /** What a shell reports for a process that the signal ended. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("interrupted");
    this.name = "Interrupted";
    this.exitCode = exitCode;
  }
}
