interface Listening {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls `aborted` when the signal aborts; returns what takes that back. An already aborted signal does nothing here.
 *
 * A signal gets one listener however many calls wait for it: Node.js takes more than ten for a leak and warns, and a
 * program that shares one signal among a thousand transactions does nothing wrong.
 */
export function onAbort(signal: AbortSignal | undefined, aborted: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const { calls, listener } = listening.get(signal) ?? listen(signal);
  // A function of its own, so that the same `aborted` may be given twice.
  const call = (): void => aborted();
  calls.add(call);
  return () => {
    calls.delete(call);
    if (calls.size > 0 || listening.get(signal)?.calls !== calls) return;
    signal.removeEventListener("abort", listener);
    listening.delete(signal);
  };
}

function listen(signal: AbortSignal): Listening {
  const calls = new Set<() => void>();
  const listener = (): void => {
    listening.delete(signal);
    // No copy: what one call leads to may take others back, as the end of a session does with all that waits on it.
    for (const call of calls) call();
  };
  signal.addEventListener("abort", listener, { once: true });
  const made = { calls, listener };
  listening.set(signal, made);
  return made;
}
