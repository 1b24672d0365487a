import {
  closeTransport,
  type DialOptions,
  dialSocket,
  type Endpoint,
  formatEndpoint,
  TimeoutError,
  type Transport,
} from "../jsonrpc/index.ts";
import { onAbort } from "./on-abort.ts";
import { DEFAULT_DIAL_TIMEOUT, type SessionOptions } from "./options.ts";
import { startTimer } from "./timers.ts";

/**
 * Opens one connection in the time that a remote is given.
 *
 * Ends in time also when a dial of the user's own does not heed its signal; what such a dial brings later is closed.
 */
export async function dialInTime(
  endpoint: Endpoint,
  options: SessionOptions,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  const { dial = dialSocket, dialTimeout: timeout = DEFAULT_DIAL_TIMEOUT, tls } = options;
  const stop = new AbortController();
  const stopListening = onAbort(signal, () => stop.abort(signal?.reason));
  const stopTimer = startTimer(timeout, () =>
    stop.abort(new TimeoutError(`a connection to ${formatEndpoint(endpoint)}`, timeout)),
  );
  const dialOptions: DialOptions = { signal: stop.signal, ...(tls === undefined ? {} : { tls }) };
  try {
    return await new Promise<Transport>((resolve, reject) => {
      stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
      dial(endpoint, dialOptions).then((transport) => {
        if (stop.signal.aborted) closeTransport(transport);
        else resolve(transport);
      }, reject);
    });
  } finally {
    stopTimer();
    stopListening();
  }
}
