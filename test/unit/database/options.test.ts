import assert from "node:assert/strict";
import { connectNorthbound } from "../../../lib/index.ts";
import { SESSION_OPTIONS } from "../../../lib/session/index.ts";
import { northboundWith } from "./support.ts";

describe("options that nobody reads", () => {
  const refused = (option: string, meant?: string): object => ({
    code: "ERR_USAGE",
    message: `option ${option} is not known${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  });

  it("of connecting are refused before anything is dialled, those within others too", async () => {
    const cases: readonly (readonly [object, string, string?])[] = [
      [{ timeout: 5 }, "timeout", "connectTimeout"],
      [{ leaderonly: false }, "leaderonly", "leaderOnly"],
      [{ tabels: {} }, "tabels", "tables"],
      [{ colour: "blue" }, "colour"],
      [{ tls: { verifyHostName: true } }, "tls.verifyHostName", "verifyHostname"],
      [{ tls: { ca_file: "x" } }, "tls.ca_file", "caFile"],
      [{ limits: { maxdepth: 5 } }, "limits.maxdepth", "maxDepth"],
    ];
    for (const [options, option, meant] of cases) {
      const dial = (): never => assert.fail("it dials");
      await assert.rejects(connectNorthbound("unix:/none", { ...options, dial }), refused(option, meant));
    }
  });

  it("count as absent where they are undefined", async () => {
    const unset = Object.fromEntries(
      Object.keys(SESSION_OPTIONS)
        .filter((option) => option !== "dial")
        .map((option) => [option, undefined]),
    );
    const { nb, sent } = await northboundWith({}, (_, __, reply) => reply([{}]), {
      ...unset,
      tables: undefined,
      tls: { caFile: undefined, verifyHostname: undefined },
      limits: { maxDepth: undefined },
    });
    assert.deepEqual([nb.status().synced, nb.tables.Logical_Switch.size], [true, 0]);
    const none = { timeout: undefined, signal: undefined };
    await nb.until(() => true, none);
    await nb.synced(none);
    const more = { ...none, wait: undefined, dryRun: undefined, lock: undefined, idempotent: undefined };
    await nb.transact((tx) => tx.comment("x"), more);
    assert.deepEqual(
      sent.map((operations) => operations.map(({ op }) => op)),
      [["comment"]],
    );
    await nb.changes(["Logical_Switch"], { signal: undefined, initial: undefined }).return?.();
    await nb.close();
  });

  it("of waiting, of changes, of locks and of inserts are refused", async () => {
    const { nb, sent } = await northboundWith({});
    const late = { timeout: 5, timeOuts: 5 };
    const waits: readonly (() => Promise<unknown>)[] = [
      () => nb.until(() => assert.fail("it runs"), late),
      () => nb.synced(late),
      () => nb.setConditions({}, late),
      () => nb.lock("mine", late),
    ];
    for (const wait of waits)
      await assert.rejects(wait, refused("timeOuts", "timeout"), `${wait} is refused`);
    const first = { initial: true, initials: true };
    assert.throws(() => nb.changes(["Logical_Switch"], first), refused("initials", "initial"));
    const steal = { timeout: 5, stael: true };
    await assert.rejects(nb.lock("mine", steal), refused("stael", "steal"));
    const chosen = { uid: "x" } as object;
    const insert = nb.transact((tx) => tx.insert("Logical_Switch", { name: "a" }, chosen));
    await assert.rejects(insert, refused("uid", "uuid"));
    assert.deepEqual(sent, []);
    assert.deepEqual(nb.status().locks, []);
    await nb.close();
  });

  it("are none when their value is undefined", async () => {
    const { nb } = await northboundWith({});
    const options = { timeout: 5000, timeOuts: undefined };
    assert.equal(await nb.until(() => 5, options), 5);
    await nb.close();
  });
});
