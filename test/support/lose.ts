import type { Json } from "../../lib/jsonrpc/index.ts";
import type { FaultProxy, ProxyMessage } from "../../lib/testing/index.ts";

/** Loses the next reply to a transaction on the open connection: it is carried out, and the connection ends. */
export function loseReply(proxy: FaultProxy): void {
  proxy.setOpenFaults({ dropReply: { method: "transact", cut: true } });
}

/** The same of the first transaction on the open connection that has an operation of this kind. */
export function loseReplyTo(proxy: FaultProxy, op: string): void {
  let id: Json | undefined;
  proxy.setOpenFaults({
    toServer: {
      rewrite: (message) => {
        if (hasOperation(message, op)) id = message["id"];
        return message;
      },
    },
    toClient: {
      rewrite: (message, connection) => {
        if (id === undefined || message["id"] !== id) return message;
        connection.cut();
        return undefined;
      },
    },
  });
}

/**
 * Ends the open connection when a transaction comes that has an operation of this kind; the server never gets it. `then`
 * runs before the client can notice.
 */
export function loseRequest(proxy: FaultProxy, op: string, then: () => void = () => undefined): void {
  proxy.setOpenFaults({
    toServer: {
      rewrite: (message, connection) => {
        if (!hasOperation(message, op)) return message;
        then();
        connection.cut();
        return undefined;
      },
    },
  });
}

/** Whether a message is a transaction with an operation of this kind. */
export function hasOperation({ method, params }: ProxyMessage, op: string): boolean {
  return (
    method === "transact" &&
    Array.isArray(params) &&
    params.some((each) => typeof each === "object" && each !== null && "op" in each && each.op === op)
  );
}

/** Lets a server alone say of itself that it is a relay of a cluster. */
export function asRelay(message: ProxyMessage): ProxyMessage {
  const text = JSON.stringify(message);
  return JSON.parse(text.replaceAll('"leader":true,"model":"standalone"', '"leader":false,"model":"relay"'));
}

/**
 * Loses the first transaction in which at least two are together, or its reply, with the connection.
 *
 * @param countIn How many are in a transaction.
 * @returns what tells whether that has happened
 */
export function loseFirstCrowd(
  proxy: FaultProxy,
  what: "reply" | "request",
  countIn: (message: ProxyMessage) => number,
): () => boolean {
  let isLost = false;
  proxy.setOpenFaults({
    toServer: {
      rewrite: (message, connection) => {
        if (message["method"] !== "transact" || countIn(message) < 2 || isLost) return message;
        isLost = true;
        if (what === "reply") connection.setFaults({ dropReply: { method: "transact", cut: true } });
        else connection.cut();
        return what === "reply" ? message : undefined;
      },
    },
  });
  return () => isLost;
}
