import assert from "node:assert/strict";
import { type Dial, EndpointError } from "../../../lib/jsonrpc/index.ts";
import { inserted, open, serverWith } from "./support.ts";

describe("Session.open with several remotes", () => {
  it("tries the remotes in order, and says of each why it was of no use", async () => {
    const good = serverWith();
    const dial: Dial = (endpoint, options) => {
      if (endpoint.kind !== "unix") throw new Error("a test dials unix sockets");
      if (endpoint.path === "/dead") return Promise.reject(new EndpointError("unix:/dead", "nobody there"));
      return good.dial(endpoint, options);
    };
    const { session } = open(good, { dial }, ["unix:/dead", "unix:/good"]);
    assert.equal((await session).remote, "unix:/good");
    (await session).close();
    await assert.rejects(open(good, { dial }, "unix:/dead,unix:/dead").session, (error) => {
      assert.ok(error instanceof EndpointError && error.cause instanceof AggregateError && !error.retryable);
      assert.match(
        error.message,
        /no usable server among 2 remotes: unix:\/dead: nobody there; unix:\/dead: nobody there/,
      );
      return true;
    });
  });

  it("names each remote once, also where the reason does not", async () => {
    const proxy = serverWith({
      get_schema: (asked) => asked.connection.sayText("HTTP/1.1 400 Bad Request\r\n"),
    });
    const refuses = serverWith({ get_schema: (asked) => asked.refuse("not now") });
    const gone = new EndpointError("unix:/c", "unix:/c: nobody there");
    const dial: Dial = (endpoint, options) => {
      if (endpoint.kind !== "unix") throw new Error("a test dials unix sockets");
      if (endpoint.path === "/c") return Promise.reject(gone);
      return (endpoint.path === "/b" ? refuses : proxy).dial(endpoint, options);
    };
    await assert.rejects(open(proxy, { dial }, "unix:/a,unix:/b,unix:/c").session, (error) => {
      assert.ok(error instanceof EndpointError && error.cause instanceof AggregateError);
      assert.match(
        error.message,
        /among 3 remotes: unix:\/a: the peer sent "HTTP.*; unix:\/b: get_schema: [^;]*; unix:\/c: nobody there$/,
      );
      assert.deepEqual(
        error.cause.errors.map((each: Error) => each.name),
        ["ProtocolError", "RpcError", "EndpointError"],
      );
      return true;
    });
  });

  it("says of each remote its own reason, not that of the one before", async () => {
    const first = serverWith({ get_schema: (asked) => asked.connection.hangUp() });
    const second = serverWith({
      get_schema: (asked) => asked.refuse("unknown database"),
      list_dbs: (asked) => asked.reply([]),
    });
    const dial: Dial = (endpoint, options) =>
      (endpoint.kind === "unix" && endpoint.path === "/first" ? first : second).dial(endpoint, options);
    await assert.rejects(open(first, { dial }, "unix:/first,unix:/second").session, (error) => {
      assert.ok(error instanceof EndpointError && error.retryable, "a lost connection may come back");
      assert.match(error.message, /: the connection was lost; unix:\/second serves no database D/);
      return true;
    });
  });

  it("goes on to the next remote when the first one hangs up together with its snapshot", async () => {
    const bad = serverWith({
      monitor_cond_since: (asked) => {
        asked.reply([false, "x", inserted]);
        asked.connection.hangUp();
      },
    });
    const good = serverWith();
    const dial: Dial = (endpoint, options) =>
      (endpoint.kind === "unix" && endpoint.path === "/bad" ? bad : good).dial(endpoint, options);
    const { session, told } = open(good, { dial }, "unix:/bad,unix:/good");
    assert.equal((await session).state, "live");
    assert.deepEqual(told.ends, []);
    assert.deepEqual(
      told.snapshots.map((updates) => updates.length),
      [1, 0],
    );
    (await session).close();
  });
});
