import { type ConnectOptions, Database } from "../../../lib/database/index.ts";
import type { Json } from "../../../lib/jsonrpc/index.ts";
import { type NorthboundTables, northbound } from "../../../lib/schemas/index.ts";
import { FakeServer, type Script, standalone } from "../session/fake-server.ts";

export const [uuidA, uuidB, uuidC] = [1, 2, 3].map(
  (digit) => `00000000-0000-4000-8000-00000000000${digit}`,
) as [string, string, string];

/** Operations of a transaction, as they were sent. */
export type Sent = readonly { readonly op: string; readonly [member: string]: Json }[];

/** A northbound database on a scripted server; `answer` replies to its transactions, and `more` to others. */
export async function northboundWith(
  initial: Json,
  answer: (operations: Sent, server: FakeServer, reply: (result: Json) => void) => void = () => undefined,
  options: ConnectOptions = { reconnect: false },
  more: Script = {},
): Promise<{ nb: Database<NorthboundTables>; server: FakeServer; sent: Sent[] }> {
  const sent: Sent[] = [];
  const server: FakeServer = new FakeServer(standalone(northbound, initial));
  const script: Script = {
    transact: (asked) => {
      const operations = asked.params.slice(1) as unknown as Sent;
      sent.push(operations);
      answer(operations, server, (result) => asked.reply(result));
    },
  };
  server.script = { ...server.script, ...script, ...more };
  const nb = await Database.connect(northbound, "unix:/x", { dial: server.dial, ...options });
  return { nb, server, sent };
}

/** Says an update of version 3. */
export function update(server: FakeServer, tables: Json): void {
  server.connection.notify("update3", "ovn-northbound", "x", tables);
}

/** Results for operations that all go well. */
export function success(operations: Sent): Json {
  return operations.map(({ op, uuid }) => {
    if (op === "insert") return { uuid: ["uuid", uuid ?? uuidC] };
    if (op === "select") return { rows: [] };
    return op === "wait" || op === "comment" ? {} : { count: 1 };
  });
}
