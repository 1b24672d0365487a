import assert from "node:assert/strict";
import { TimeoutError } from "../../../lib/jsonrpc/index.ts";
import { WaitList } from "../../../lib/session/wait-list.ts";

describe("WaitList", () => {
  it("gives turns in order, also to those who come after a turn that nobody wanted", async () => {
    const list = new WaitList<string>();
    list.next();
    const all = ["a", "b", "c"].map((name) => list.wait({}, "a turn", () => name));
    for (const _ of all) list.next();
    assert.equal(list.size, 0);
    list.next();
    all.push(list.wait({}, "a turn", () => "d"));
    list.next();
    assert.deepEqual(await Promise.all(all), ["a", "b", "c", "d"]);
  });

  it("lets nobody go whose time is over, although the timer had no chance to say so", async () => {
    const list = new WaitList<void>();
    const gone: string[] = [];
    const late = list.wait({ timeout: 1 }, "a turn", () => void gone.push("late"));
    const begun = performance.now();
    while (performance.now() - begun < 2);
    list.next();
    await assert.rejects(late, new TimeoutError("a turn", 1));
    assert.deepEqual([gone, list.size], [[], 0]);
  });

  it("does not begin to wait with a signal that is aborted already", async () => {
    const list = new WaitList<void>();
    const signal = AbortSignal.abort(new RangeError("enough"));
    const aborted = list.wait({ signal }, "a turn", () => assert.fail("went"));
    await assert.rejects(aborted, /enough/);
    assert.equal(list.size, 0);
  });
});
