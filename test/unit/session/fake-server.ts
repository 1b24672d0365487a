import type { Dial, Endpoint, Json, Transport, TransportHandlers } from "../../../lib/jsonrpc/index.ts";
import { type DatabaseSchema, schemaToJson } from "../../../lib/ovsdb/index.ts";

/** A request of the client's, and ways to answer it. */
export interface Asked {
  readonly method: string;
  readonly params: readonly Json[];
  readonly id: Json;
  readonly connection: FakeConnection;
  reply(result: Json): void;
  refuse(error: Json): void;
}

/** What the server does with one method. Does nothing by default: no answer at all. */
export type Script = { readonly [method: string]: (asked: Asked) => void };

/** One connection of a client to a scripted server: the client's transport, held from the other side. */
export class FakeConnection implements Transport {
  readonly writableLength = 0;
  readonly asked: Asked[] = [];
  closed = false;
  #handlers: TransportHandlers | undefined;
  readonly #script: () => Script;

  constructor(script: () => Script) {
    this.#script = script;
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
  }

  send(text: string): void {
    if (this.closed) return;
    const { method, params, id } = JSON.parse(text) as { method?: string; params: Json[]; id: Json };
    // The client's answers to our probes have no method.
    if (method === undefined) return;
    const asked: Asked = {
      method,
      params,
      id,
      connection: this,
      reply: (result) => this.say({ id, result, error: null }),
      refuse: (error) => this.say({ id, error }),
    };
    this.asked.push(asked);
    // A server answers later, never within the call.
    setImmediate(() => {
      if (!this.closed) this.#script()[method]?.(asked);
    });
  }

  /** Messages in one chunk of bytes. */
  say(...messages: Json[]): void {
    this.sayText(messages.map((message) => JSON.stringify(message)).join(""));
  }

  sayText(text: string): void {
    if (!this.closed) this.#handlers?.onData(new TextEncoder().encode(text));
  }

  notify(method: string, ...params: Json[]): void {
    this.say({ id: null, method, params });
  }

  hangUp(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.#handlers?.onClose(error);
  }

  close(): void {
    this.hangUp();
  }
}

/** A server that does what a script says, reached by the `dial` option without any socket. */
export class FakeServer {
  /** May be replaced while it runs. */
  script: Script;
  readonly connections: FakeConnection[] = [];
  readonly dialled: Endpoint[] = [];

  constructor(script: Script) {
    this.script = script;
  }

  readonly dial: Dial = async (endpoint) => {
    this.dialled.push(endpoint);
    const connection = new FakeConnection(() => this.script);
    this.connections.push(connection);
    return connection;
  };

  /** The connection made last. */
  get connection(): FakeConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("nobody has dialled");
    return connection;
  }

  /** Methods asked for so far, on all connections. */
  get methods(): string[] {
    return this.connections.flatMap(({ asked }) => asked.map(({ method }) => method));
  }
}

/** A standalone server with this schema and these rows, as `<table-updates2>`; it answers everything up to the monitor. */
export function standalone(schema: DatabaseSchema, initial: Json = {}): Script {
  return {
    set_db_change_aware: (asked) => asked.reply({}),
    get_schema: (asked) => asked.reply(schemaToJson(schema)),
    monitor_cond_since: (asked) => asked.reply([false, "00000000-0000-0000-0000-000000000000", initial]),
    echo: (asked) => asked.reply(asked.params as Json),
    monitor_cancel: (asked) => asked.reply({}),
    // The one of no table, which tells of another schema.
    monitor: (asked) => asked.reply({}),
    monitor_cond: servedBy({ name: schema.name, model: "standalone", connected: true, leader: true }),
  };
}

/** Answers the monitor of `_Server` with the columns it asks for of this row of its table `Database`, and no other one. */
export function servedBy(row: Readonly<Record<string, Json>>): Script[string] {
  return (asked) => {
    if (asked.params[0] !== "_Server") {
      asked.refuse("unknown method");
      return;
    }
    const { Database: requests } = asked.params[2] as {
      readonly Database: readonly { readonly columns: readonly string[] }[];
    };
    const columns = requests[0]?.columns ?? [];
    const initial = Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column)));
    asked.reply({ Database: { [serverRow]: { initial } } });
  };
}

/** What `_Server` says anew, as the monitor of it tells. */
export function nowServedBy(connection: FakeConnection, changes: Json): void {
  connection.say(serverUpdate(changes));
}

/** The same as a message. */
function serverUpdate(changes: Json): Json {
  return {
    id: null,
    method: "update2",
    params: ["ovn-northbound-server", { Database: { [serverRow]: changes } }],
  };
}

/** Says that the database has another schema: before anything else that is of that schema. */
export const schemaChanged: Json = {
  id: null,
  method: "monitor_canceled",
  params: ["ovn-northbound-schema"],
};

const serverRow = "5e5e5e5e-0000-4000-8000-000000000001";
