import { once } from "node:events";
import { connect } from "node:net";

/** Asks a server one thing over a connection of its own. Rejects with the server's words when it refuses. */
export async function ask(remote: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const socket = connect(remote.replace(/^unix:/, ""));
  try {
    await once(socket, "connect");
    socket.write(JSON.stringify({ id: 0, method, params }));
    let text = "";
    socket.setEncoding("utf8");
    for await (const chunk of socket) {
      text += chunk;
      // Nothing else was asked for, so the reply is all that comes, and it is whole when its last brace is there.
      if (!text.endsWith("}")) continue;
      const reply = parsed(text);
      if (reply === undefined) continue;
      if (reply.error !== null) throw new Error(`${method}: ${JSON.stringify(reply.error)}`);
      return reply.result;
    }
    throw new Error(`${remote} hung up`);
  } finally {
    socket.destroy();
  }
}

function parsed(text: string): { readonly result: unknown; readonly error: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How many rows of a table the server holds, as it says itself. */
export async function countRows(
  remote: string,
  table: string,
  where: readonly unknown[] = [],
): Promise<number> {
  const reply = await ask(remote, "transact", [
    "OVN_Northbound",
    { op: "select", table, where, columns: ["_uuid"] },
  ]);
  const [result] = reply as [{ readonly rows?: readonly unknown[] }];
  if (result.rows === undefined) throw new Error(`cannot count ${table}: ${JSON.stringify(result)}`);
  return result.rows.length;
}

/** Fails when a bench did not do to the database what it was to do: a figure for nothing is worse than none. */
export async function expectRows(remote: string, table: string, expected: number): Promise<void> {
  const found = await countRows(remote, table);
  if (found !== expected) {
    throw new Error(`the bench measured nothing: ${table} has ${found} rows on the server, not ${expected}`);
  }
}

/** The request that opens a monitor on everything, as every client of the bench has it open. */
export async function monitorRequest(remote: string): Promise<string> {
  const schema = (await ask(remote, "get_schema", ["OVN_Northbound"])) as {
    readonly tables: Readonly<Record<string, { readonly columns: Readonly<Record<string, unknown>> }>>;
  };
  const tables = Object.entries(schema.tables).map(([name, { columns }]) => [
    name,
    [{ columns: Object.keys(columns) }],
  ]);
  const params = [
    "OVN_Northbound",
    "bench",
    Object.fromEntries(tables),
    "00000000-0000-0000-0000-000000000000",
  ];
  return JSON.stringify({ id: "monitor", method: "monitor_cond_since", params });
}
