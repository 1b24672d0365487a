import type { Json } from "../../../lib/jsonrpc/index.ts";
import { type FakeServer, servedBy } from "../session/fake-server.ts";
import { northboundWith, type Sent, uuidA } from "./support.ts";

export const row = { name: "OVN_Northbound", connected: true };
const cid = ["uuid", "c1c1c1c1-0000-4000-8000-000000000001"];
/** What a server says of itself. */
export const leader = { ...row, model: "clustered", leader: true, cid };
export const follower = { ...leader, leader: false };
export const relay = { ...row, model: "relay", leader: false };
const initial = {
  Logical_Switch: { [uuidA]: { initial: { name: "n", external_ids: ["map", [["n", "1"]]] } } },
};

/** What a member says of the second execution of a transaction; of a first one it says something else. */
export const again = '"wait" timed out after 3 ms';
export const first = '"where" clause test failed';

export type Answer = (operations: Sent, reply: (result: Json) => void, server: FakeServer) => void;

/** A database with one switch whose server says this of itself, and answers what is not about `_Server` by `answer`. */
export async function served(
  serverRow: Readonly<Record<string, Json>>,
  answer: Answer,
  leaderOnly = serverRow === leader,
) {
  const asked: Sent[] = [];
  const connected = await northboundWith(
    initial,
    (operations, server, reply) => {
      if (operations.some(({ table }) => table === "Database")) {
        reply([{ rows: [{ index: 7 }] }]);
        return;
      }
      asked.push(operations);
      answer(operations, reply, server);
    },
    { leaderOnly, minBackoff: 1, maxBackoff: 2 },
    { monitor_cond: servedBy(serverRow) },
  );
  return { ...connected, asked };
}

/** Results up to a failed operation. */
export function failed(operations: Sent, op: string, error: string, details: string): Json {
  const index = operations.findIndex((operation) => operation.op === op);
  return operations.map((_, at) => (at < index ? {} : at === index ? { error, details } : null));
}

export function isWrite(operations: Sent): boolean {
  return operations.some(({ op }) => !["select", "wait", "commit"].includes(op));
}
