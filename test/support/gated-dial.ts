import { type Dial, dialSocket } from "../../lib/jsonrpc/index.ts";

/** Holds back what would change the database. */
export interface Gate {
  readonly dial: Dial;
  /** How many requests are held back. */
  readonly held: number;
  close(): void;
  /** Sends what was held back, and holds back nothing more. */
  open(): void;
}

/** A dial that lets everything through until its gate is closed, and then all but transactions that change something. */
export function gatedDial(): Gate {
  let isClosed = false;
  let waiting: (() => void)[] = [];
  const dial: Dial = async (endpoint, options) => {
    const inner = await dialSocket(endpoint, options);
    return {
      send: (text) => {
        if (isClosed && /"op":"(insert|update|mutate|delete)"/.test(text))
          waiting.push(() => inner.send(text));
        else inner.send(text);
      },
      get writableLength() {
        return inner.writableLength;
      },
      close: () => inner.close(),
      start: (handlers) => inner.start(handlers),
    };
  };
  return {
    dial,
    get held() {
      return waiting.length;
    },
    close() {
      isClosed = true;
    },
    open() {
      isClosed = false;
      const sent = waiting;
      waiting = [];
      for (const send of sent) send();
    },
  };
}
