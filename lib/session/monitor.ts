import {
  type CutOut,
  FrameText,
  type Json,
  type MemberTexts,
  type Notification,
  type Peer,
  ProtocolError,
  RpcError,
} from "../jsonrpc/index.ts";
import {
  isUuid,
  type MonitorTables,
  monitorRequests,
  normaliseUpdates,
  type RowUpdate,
  readUpdateText,
  SNAPSHOT_WRAPPER,
  UnsupportedError,
} from "../ovsdb/index.ts";
import { isMonitorRefusal, type MonitorRefusal, NotSyncedError } from "./errors.ts";
import { type ServerSchema, saysUnknown } from "./server-schema.ts";

/** The monitor methods from newest to oldest (ovsdb-server(7) 4.1.12 to 4.1.15); servers lack the newer ones. */
const METHODS = ["monitor_cond_since", "monitor_cond", "monitor"] as const;
type MonitorMethod = (typeof METHODS)[number];

/** "No transaction seen yet", for `monitor_cond_since`. */
const ZERO_ID = "00000000-0000-0000-0000-000000000000";

/** Characters of an id of a transaction in a message, with its quotes and a comma. */
const ID_TEXT = ZERO_ID.length + 3;

type Requests = ReturnType<typeof monitorRequests>;

/** What a monitor begins with. */
export interface MonitorContent {
  /** Whether the updates are what has changed since the monitor that it goes on from; else they are the whole content. */
  readonly resumed: boolean;
  /** Without the rows that were handed over before. */
  readonly updates: readonly RowUpdate[];
  /** How many rows it had, all in all. */
  readonly rows: number;
}

/** Told while a monitor is opened, in the order of arrival. */
export interface OpenHandlers {
  /** Rows of the snapshot, while it comes in; those that are not told so come with the reply. */
  onRows(texts: MemberTexts): unknown;
  /** The reply is here, and nothing that came after it has been handled: for {@link Monitor.opened}. */
  onOpen(monitor: Monitor, reply: Json, cut: CutOut | undefined): void;
  /** What was asked for cannot be had: answers with what to ask for instead; undefined: nothing, and the error is thrown. */
  onRefused?(error: MonitorRefusal): MonitorTables | undefined;
}

/** A monitor that is open on a connection. */
export class Monitor {
  readonly id: string;
  readonly #method: MonitorMethod;
  readonly #schema: ServerSchema;
  /** How its notifications begin, as ovsdb-server writes them. */
  readonly #head: string;
  #requests: Requests;
  /** Whether what is monitored is being changed, or may have been changed in part. */
  #changing = false;
  /** The last transaction whose changes were told. */
  #lastId = ZERO_ID;

  constructor(id: string, method: MonitorMethod, schema: ServerSchema, requests: Requests) {
    this.id = id;
    this.#method = method;
    this.#schema = schema;
    this.#requests = requests;
    const update = method === "monitor_cond_since" ? "update3" : "update2";
    this.#head = `{"id":null,"method":"${update}","params":[${JSON.stringify(id)},`;
  }

  /** Reads the reply to the request that opened it. */
  opened(reply: Json, cut: CutOut | undefined): MonitorContent {
    if (this.#method !== "monitor_cond_since") {
      checkCut(reply, cut);
      return content(false, normaliseUpdates(this.#method === "monitor" ? 1 : 2, reply), cut);
    }
    if (!Array.isArray(reply) || reply.length !== 3) {
      throw new ProtocolError("the reply to monitor_cond_since is not [found, last-txn-id, updates]");
    }
    const [found, lastId, updates = null] = reply as readonly Json[];
    this.#lastId = idOf(lastId);
    checkCut(updates, cut);
    if (found === true && cut !== undefined) {
      throw new ProtocolError("the reply to monitor_cond_since has a snapshot in place of what has changed");
    }
    return content(found === true, normaliseUpdates(2, updates), cut);
  }

  /**
   * Turns a notification of this monitor into row updates; `undefined` when it is not one of ours, or is text that has to be
   * parsed.
   */
  told(message: FrameText | Notification): readonly RowUpdate[] | undefined {
    return message instanceof FrameText
      ? this.#readText(message)
      : this.#read(message.method, message.params);
  }

  /** Whether a message is a notification of this monitor; of an old method's it is not known before it is parsed. */
  isTold({ text }: FrameText): boolean {
    return this.#method !== "monitor" && text.startsWith(this.#head);
  }

  #read(method: string, params: readonly Json[]): readonly RowUpdate[] | undefined {
    if (params[0] !== this.id) return undefined;
    switch (method) {
      case "update":
        return normaliseUpdates(1, params[1] ?? null);
      case "update2":
        return normaliseUpdates(2, params[1] ?? null);
      case "update3":
        this.#lastId = idOf(params[1]);
        return normaliseUpdates(2, params[2] ?? null);
      default:
        return undefined;
    }
  }

  #readText(message: FrameText): readonly RowUpdate[] | undefined {
    const { text } = message;
    if (!this.isTold(message)) return undefined;
    const since = this.#method === "monitor_cond_since";
    const id = this.#head.length;
    const from = since ? id + ID_TEXT : id;
    if (since && text.indexOf('",{', id + 1) + 2 !== from) return undefined;
    const updates = readUpdateText(message, from);
    // A server that is alone says the same id each time.
    if (updates !== undefined && since && !text.startsWith(this.#lastId, id + 1))
      this.#lastId = idOf(message.copy(id + 1, from - 2));
    return updates;
  }

  /**
   * The last transaction seen, if a monitor with this signature may go on from there. A server answers that of any
   * monitor, and leaves silent holes where another one was asked for.
   */
  resumeId(signature: string): string {
    return !this.#changing && signatureOf(this.#schema, this.#requests) === signature
      ? this.#lastId
      : ZERO_ID;
  }

  /**
   * Asks for other rows of the same tables and columns. The rows that come and go by it are told as updates before this
   * resolves. To be called again only when it is over. Throws `UnsupportedError` when the server only knows `monitor`, or
   * lacks a column of a condition; `ValidationError` for a value that its schema does not allow; `RpcError` when it refuses: it
   * may have changed some of the tables then; `NotSyncedError` when another monitor is needed: this one lacks a column of a
   * condition, or the server has cancelled it.
   */
  async change(peer: Peer, tables: MonitorTables): Promise<void> {
    const { schema } = this.#schema;
    const requests = monitorRequests(schema, tables);
    const changed = Object.keys(requests).filter(
      (table) => textOf(whereOf(requests[table])) !== textOf(whereOf(this.#requests[table])),
    );
    const [first] = changed;
    if (first === undefined) return;
    if (this.#method === "monitor") {
      throw new UnsupportedError(first, undefined, "monitor_cond_change, which the server lacks");
    }
    // Columns stay as they are: conditions may leave some of them, and not name others.
    const next = changed.map((table): readonly [string, Json] => {
      const columns = columnsOf(this.#requests[table]);
      if (columnsOf(requests[table]).some((column) => !columns.includes(column))) {
        throw new NotSyncedError(
          `the new conditions of ${table} are about columns that are not monitored yet`,
        );
      }
      return [table, [{ ...onlyOf(requests[table]), columns }]];
    });
    this.#changing = true;
    const conditions = changed.map((table) => [table, [{ where: whereOf(requests[table]) }]]);
    try {
      await peer.call("monitor_cond_change", [this.id, this.id, Object.fromEntries(conditions)]);
    } catch (error) {
      // That says nothing of the conditions.
      if (!(error instanceof RpcError && saysUnknown(error, "monitor session"))) throw error;
      throw new NotSyncedError("the server has cancelled the monitor", { cause: error });
    }
    this.#requests = { ...this.#requests, ...Object.fromEntries(next) };
    this.#changing = false;
  }
}

/** What to open a monitor with. */
export interface MonitorPlan {
  /** Another number for each on the same connection, from 0 on. */
  readonly round: number;
  readonly schema: ServerSchema;
  readonly tables: MonitorTables;
  /** What filled the replica that is held. */
  readonly last: Monitor | undefined;
}

/** Opens the one monitor of a connection, with the newest method that the server knows. */
export async function openMonitor(peer: Peer, plan: MonitorPlan, handlers: OpenHandlers): Promise<void> {
  try {
    await open(peer, plan, handlers);
  } catch (error) {
    if (!isMonitorRefusal(error)) throw error;
    const tables = handlers.onRefused?.(error);
    if (tables === undefined) throw error;
    await open(peer, { ...plan, tables }, handlers);
  }
}

async function open(
  peer: Peer,
  { round, schema, tables, last }: MonitorPlan,
  { onRows, onOpen }: OpenHandlers,
): Promise<void> {
  const id = round === 0 ? "ovn-northbound" : `ovn-northbound-${round}`;
  for (const method of METHODS) {
    try {
      const requests = monitorRequests(schema.schema, tables, method === "monitor" ? 1 : 2);
      const params: Json[] = [schema.schema.name, id, requests];
      if (method === "monitor_cond_since")
        params.push(last?.resumeId(signatureOf(schema, requests)) ?? ZERO_ID);
      await peer.call(method, params, {
        cut: { wrapper: SNAPSHOT_WRAPPER, onMembers: onRows },
        onReply: (reply, cut) => onOpen(new Monitor(id, method, schema, requests), reply, cut),
      });
      return;
    } catch (error) {
      if (method === "monitor" || !(error instanceof RpcError) || !saysUnknown(error, "method")) throw error;
    }
  }
}

function content(resumed: boolean, updates: readonly RowUpdate[], cut: CutOut | undefined): MonitorContent {
  return { resumed, updates, rows: updates.length + (cut?.members ?? 0) };
}

/** Rows that were handed over were taken for rows of the tables in the reply. */
function checkCut(updates: Json, cut: CutOut | undefined): void {
  for (const table of cut?.objects ?? []) {
    const there = typeof updates === "object" && updates !== null && Object.hasOwn(updates, table);
    if (!there)
      throw new ProtocolError(`the reply that opens a monitor has rows of ${table} where none belong`);
  }
}

/** From what is no id nothing can be resumed; asking for it might be refused, on this connection and on every later one. */
function idOf(json: Json | undefined): string {
  return typeof json === "string" && isUuid(json) ? json : ZERO_ID;
}

function signatureOf(schema: ServerSchema, requests: Requests): string {
  return `${schema.text}\n${textOf(requests)}`;
}

function textOf(request: Json | undefined): string {
  return JSON.stringify(request, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** The conditions of a table's request; none is all rows. */
function whereOf(request: Json | undefined): Json {
  return onlyOf(request).where ?? [];
}

function columnsOf(request: Json | undefined): readonly Json[] {
  return onlyOf(request).columns ?? [];
}

/** A table is asked for once. */
function onlyOf(request: Json | undefined): { readonly columns?: readonly Json[]; readonly where?: Json } {
  const [only] = (Array.isArray(request) ? request : []) as readonly (Json | undefined)[];
  return only !== null && typeof only === "object" ? (only as object) : {};
}
