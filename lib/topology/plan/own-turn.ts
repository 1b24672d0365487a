let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that the caller has for itself, after those who asked before.
 *
 * When a lost connection is there again, everybody who waits for it goes on in the same moment. A thousand plans in one turn
 * would keep replies and probes unread for so long that the server gives the connection up again; and each of them, made
 * after the replies to the earlier ones, begins with what those have changed.
 */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
