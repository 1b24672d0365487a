import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClosedError, ConnectionLostError } from "../../../lib/jsonrpc/index.ts";
import { Counters, Events, type Log, type LogEntry, readCounters } from "../../../lib/session/index.ts";
import { settle } from "./support.ts";

function logged(): { readonly log: Log; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return { log: (entry) => void entries.push(entry), entries };
}

describe("Events", () => {
  it("tells the log, in order, and afterwards", async () => {
    const { log, entries } = logged();
    const events = new Events("D", log);
    events.state("live", { remote: "unix:/x" });
    events.note("debug", "remote", { remote: "unix:/y" });
    events.state("waiting", { remote: "unix:/x", reason: new ConnectionLostError("gone") });
    assert.deepEqual(entries, []);
    await settle();
    assert.deepEqual(
      entries.map(({ level, event, database, fields }) => [level, event, database, fields]),
      [
        ["info", "state", "D", { state: "live", remote: "unix:/x" }],
        ["debug", "remote", "D", { remote: "unix:/y" }],
        [
          "warn",
          "state",
          "D",
          { state: "waiting", remote: "unix:/x", reason: "gone", code: "ERR_CONNECTION_LOST" },
        ],
      ],
    );
  });

  it("calls an end that was asked for no error", async () => {
    const { log, entries } = logged();
    const events = new Events("D", log);
    events.state("ended", { remote: "", reason: new ClosedError("closed") });
    events.state("ended", { remote: "", reason: new ConnectionLostError("lost") });
    await settle();
    assert.deepEqual(
      entries.map(({ level }) => level),
      ["info", "error"],
    );
  });

  it("tells sessions apart", async () => {
    const { log, entries } = logged();
    for (const database of ["A", "B"]) new Events(database, log).state("live", { remote: "" });
    await settle();
    assert.equal(new Set(entries.map(({ session }) => session)).size, 2);
  });

  it("publishes to subscribers, with the error as it is", async () => {
    const reason = new ConnectionLostError("gone");
    const messages: unknown[] = [];
    const onMessage = (message: unknown): void => void messages.push(message);
    subscribe("ovn-northbound:state", onMessage);
    const events = new Events("D", undefined);
    events.state("waiting", { remote: "unix:/x", reason });
    await settle();
    unsubscribe("ovn-northbound:state", onMessage);
    events.state("live", { remote: "unix:/x" });
    await settle();
    assert.equal(messages.length, 1);
    const { time, session, ...message } = messages[0] as Record<string, unknown>;
    assert.ok(time instanceof Date && typeof session === "number");
    assert.deepEqual(message, { database: "D", state: "waiting", remote: "unix:/x", reason });
  });

  it("has a channel for each kind of event", async () => {
    const seen: string[] = [];
    const names = ["state", "resync", "transaction", "lock"].map((kind) => `ovn-northbound:${kind}`);
    const onMessage = (_message: unknown, name: string | symbol): void => void seen.push(String(name));
    for (const name of names) subscribe(name, onMessage);
    const events = new Events("D", undefined);
    events.state("live", { remote: "" });
    events.resync({ kind: "fast", remote: "", rows: 1, milliseconds: 2 });
    events.transaction({ outcome: "committed", attempts: 1, operations: 1, milliseconds: 1 });
    events.lock({ name: "l", change: "acquired", remote: "" });
    await settle();
    for (const name of names) unsubscribe(name, onMessage);
    assert.deepEqual(seen, names);
  });

  it("warns of a lock that is lost, and of no other change of one", async () => {
    const { log, entries } = logged();
    const events = new Events("D", log);
    for (const change of ["acquired", "lost", "released"] as const)
      events.lock({ name: "l", change, remote: "" });
    await settle();
    assert.deepEqual(
      entries.map(({ level, fields }) => [level, fields["change"]]),
      [
        ["info", "acquired"],
        ["warn", "lost"],
        ["info", "released"],
      ],
    );
  });

  it("survives a log that throws or rejects, and says so once", async () => {
    const warnings: string[] = [];
    const onWarning = ({ name, message }: Error): void => {
      if (name === "OvnNorthboundWarning") warnings.push(message);
    };
    process.on("warning", onWarning);
    const events = new Events("D", () => {
      throw new Error("full disk");
    });
    const rejecting = new Events("D", async () => {
      throw new Error("no network");
    });
    for (const each of [events, events, rejecting]) each.state("live", { remote: "" });
    await settle();
    process.off("warning", onWarning);
    assert.deepEqual(warnings, [
      "the log function of ovn-northbound threw: Error: full disk",
      "the log function of ovn-northbound threw: Error: no network",
    ]);
  });

  it("tells what one entry led to after the others", async () => {
    const order: string[] = [];
    const events = new Events("D", ({ event }) => {
      order.push(event);
      if (event === "first") events.note("info", "third", {});
    });
    events.note("info", "first", {});
    events.note("info", "second", {});
    await settle();
    assert.deepEqual(order, ["first", "second", "third"]);
  });
});

describe("Counters", () => {
  it("are read as they are now", () => {
    const counters = new Counters();
    const before = readCounters(counters);
    counters.redials += 1;
    assert.equal(before.redials, 0);
    assert.equal(readCounters(counters).redials, 1);
    assert.ok(Object.values(before).every((value) => value === 0));
    assert.equal(JSON.parse(JSON.stringify(before)).committed, 0);
  });
});
