import { type DatabaseSchema, type RowUpdate, WrittenOperations } from "../../../lib/ovsdb/index.ts";
import { Session, type SessionOptions } from "../../../lib/session/index.ts";
import { FakeServer, type Script, standalone } from "./fake-server.ts";

export const schema: DatabaseSchema = {
  name: "D",
  version: "1.0.0",
  tables: {
    T: { columns: { name: { key: { type: "string" }, min: 1, max: 1 } }, indexes: [], isRoot: true },
  },
};

/** A transaction without operations. */
export const nothing: WrittenOperations = WrittenOperations.of([]);

export const uuid = "00000000-0000-4000-8000-000000000001";
export const inserted = { T: { [uuid]: { insert: { name: "a" } } } };

/** What a session told its owner, in order. */
export interface Told {
  readonly events: string[];
  readonly snapshots: (readonly RowUpdate[])[];
  readonly updates: (readonly RowUpdate[])[];
  readonly ends: Error[];
}

export function open(
  server: FakeServer,
  options: SessionOptions = {},
  remotes: string | readonly string[] = "unix:/x",
  database: string = schema.name,
  mayWait: () => boolean = () => false,
): { readonly session: Promise<Session>; readonly told: Told } {
  const told: Told = { events: [], snapshots: [], updates: [], ends: [] };
  const session = Session.open(
    database,
    remotes,
    {
      dial: server.dial,
      shuffle: false,
      syncIdleTimeout: 30_000,
      dialTimeout: 30_000,
      reconnect: false,
      ...options,
    },
    {
      onSchema: () => {
        told.events.push("schema");
        return { T: true };
      },
      onRows: () => {
        told.events.push("rows");
      },
      onSnapshot: (updates) => {
        told.events.push("snapshot");
        told.snapshots.push(updates);
      },
      onResume: (updates) => {
        told.events.push("resume");
        told.snapshots.push(updates);
      },
      onUpdate: (updates) => {
        told.events.push("update");
        told.updates.push(updates);
      },
      mayWait,
      onLost: () => {
        told.events.push("lost");
      },
      onEnd: (error) => {
        told.events.push("end");
        told.ends.push(error);
      },
    },
  );
  return { session, told };
}

/** A server as it should be, with some answers replaced. */
export function serverWith(script: Script = {}): FakeServer {
  return new FakeServer({ ...standalone(schema), ...script });
}

/** Answers transactions. */
export function transacting(answer: NonNullable<Script[string]>): Script {
  return { transact: answer };
}

/** Lets everything happen that needs no more than turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
