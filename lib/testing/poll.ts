import { SandboxError } from "./errors.ts";

const interval = 10;

/**
 * Resolves when the condition gives true; a throw means "not yet".
 *
 * @throws SandboxError that says what was waited for and the last fault, after `timeout` milliseconds.
 */
export async function pollUntil(
  what: string,
  timeout: number,
  condition: (signal: AbortSignal) => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.timeout(timeout);
  const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  let fault: unknown;
  while (!stop.aborted) {
    try {
      if (await condition(stop)) {
        return;
      }
      fault = undefined;
    } catch (error) {
      fault = error;
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  signal?.throwIfAborted();
  const why = fault instanceof Error ? ` (${fault.message})` : "";
  throw new SandboxError(`not so after ${timeout} ms: ${what}${why}`, { cause: fault });
}
