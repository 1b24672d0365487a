import { type Dial, dialSocket, type Transport } from "../../lib/jsonrpc/index.ts";

/** Requests that went through a {@link countingDial}, by method, and their texts. */
export interface Requests {
  /** Each `transact` request for the northbound database, as it was sent. */
  readonly transacts: string[];
}

/** A dial that lets everything through and keeps the `transact` requests. */
export function countingDial(): { readonly dial: Dial; readonly requests: Requests } {
  const requests: Requests = { transacts: [] };
  const dial: Dial = async (endpoint, options) => {
    const inner = await dialSocket(endpoint, options);
    const transport: Transport = {
      send: (text) => {
        if (text.includes(`"params":["OVN_Northbound",{"op"`)) requests.transacts.push(text);
        inner.send(text);
      },
      get writableLength() {
        return inner.writableLength;
      },
      close: () => inner.close(),
      start: (handlers) => inner.start(handlers),
    };
    return transport;
  };
  return { dial, requests };
}

/**
 * A dial to a server that does not take uuids chosen by clients, as those before Open vSwitch 2.13: it answers such an
 * insert itself, as that server would.
 */
export function dialWithoutChosenUuids(): Dial {
  return async (endpoint, options) => {
    const inner = await dialSocket(endpoint, options);
    let deliver: (chunk: Uint8Array) => void = () => undefined;
    return {
      send: (text) => {
        const request = /"method":"transact"/.test(text) ? (JSON.parse(text) as Transact) : undefined;
        const index = request?.params.findIndex((each) => typeof each === "object" && "uuid" in each) ?? -1;
        if (request === undefined || index < 0) {
          inner.send(text);
          return;
        }
        const fault = {
          error: "syntax error",
          details: "Parsing ovsdb operation failed: Member 'uuid' is present but not allowed here.",
        };
        const result = [...Array.from({ length: index - 1 }, () => ({})), fault];
        const reply = JSON.stringify({ id: request.id, result, error: null });
        queueMicrotask(() => deliver(new TextEncoder().encode(reply)));
      },
      get writableLength() {
        return inner.writableLength;
      },
      close: () => inner.close(),
      start: (handlers) => {
        deliver = (chunk) => handlers.onData(chunk);
        inner.start(handlers);
      },
    };
  };
}

interface Transact {
  readonly id: number;
  readonly params: readonly (string | object)[];
}
