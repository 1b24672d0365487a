import assert from "node:assert/strict";
import { type DatabaseSchema, schemaToJson } from "../../../lib/ovsdb/index.ts";
import { waitFor } from "../../support/index.ts";
import { type Asked, schemaChanged } from "./fake-server.ts";
import { open, schema, serverWith } from "./support.ts";

/** Rows, as the monitor of the new schema has them. */
const content = { T: { "00000000-0000-4000-8000-000000000001": { initial: { name: "a" } } } };

const newer: DatabaseSchema = {
  ...schema,
  version: "2.0.0",
  tables: { ...schema.tables, U: { columns: {}, indexes: [], isRoot: true } },
};

const again = { reconnect: true, minBackoff: 1, maxBackoff: 5 };

describe("a Session whose database gets another schema", () => {
  it("learns of it, also right behind the reply with the one before", async () => {
    const server = serverWith();
    let current = schema;
    server.script = {
      ...server.script,
      get_schema: (asked) => {
        const reply = { id: asked.id, result: schemaToJson(current), error: null };
        current = newer;
        if (server.methods.filter((method) => method === "get_schema").length === 1)
          asked.connection.say(reply, schemaChanged);
        else asked.connection.say(reply);
      },
    };
    const { session, told } = open(server, again);
    const live = await session;
    await waitFor(() => live.state === "live");
    assert.equal(server.methods.filter((method) => method === "get_schema").length, 2);
    assert.deepEqual(told.events, ["schema", "snapshot"]);
    live.close();
  });

  it("reads the content once more, and not twice, when the server cancels both of its monitors", async () => {
    const server = serverWith();
    const { session, told } = open(server, again);
    const live = await session;
    const cancelled = { id: null, method: "monitor_canceled", params: ["ovn-northbound"] };
    server.connection.say(schemaChanged, cancelled);
    await waitFor(() => live.state === "live");
    assert.deepEqual(told.events, ["schema", "snapshot", "lost", "schema", "snapshot"]);
    assert.equal(server.methods.filter((method) => method === "get_schema").length, 2);
    live.close();
  });

  it("reads the content once more, on the same connection, when that is said right behind the content", async () => {
    const server = serverWith();
    let monitors = 0;
    const reply = ({ id }: Asked) => ({
      id,
      result: [false, "00000000-0000-0000-0000-000000000000", content],
      error: null,
    });
    server.script = {
      ...server.script,
      monitor_cond_since: (asked) => {
        monitors += 1;
        const cancelled = { id: null, method: "monitor_canceled", params: [asked.params[1] ?? null] };
        if (monitors === 1) asked.connection.say(reply(asked), cancelled);
        else asked.connection.say(reply(asked));
      },
    };
    const { session, told } = open(server, again);
    const live = await session;
    await waitFor(() => live.state === "live");
    assert.deepEqual(told.events, ["schema", "snapshot", "lost", "schema", "snapshot"]);
    assert.deepEqual([monitors, server.connections.length, live.counters.losses], [2, 1, 0]);
    live.close();
  });
});
