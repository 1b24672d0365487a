import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { TimeoutError } from "../../../lib/jsonrpc/index.ts";
import { garbageCollector } from "../../support/collect-garbage.ts";
import { settle } from "../session/support.ts";
import { northboundWith, update, uuidA } from "./support.ts";

const named = (name: string) => ({ Logical_Switch: { [uuidA]: { modify: { name } } } });

describe("who waits for changes", () => {
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, "abort").length;

  it("with until() is asked no more once that has come or was given up, and leaves the signal alone", async () => {
    const { nb, server } = await northboundWith({ Logical_Switch: { [uuidA]: { initial: { name: "a" } } } });
    let looks = 0;
    const comes = (name: string): boolean => {
      looks += 1;
      return nb.tables.Logical_Switch.find({ name }).length > 0;
    };
    const come = nb.until(() => comes("b"), { signal });
    const late = assert.rejects(
      nb.until(() => comes("never"), { signal, timeout: 5 }),
      TimeoutError,
    );
    assert.deepEqual([listeners(), looks], [1, 2]);
    update(server, named("b"));
    assert.equal(await come, true);
    await late;
    const before = looks;
    update(server, named("c"));
    assert.deepEqual([looks, listeners()], [before, 0]);
    await nb.close();
  });

  it("with until() is asked no more once the condition of another has ended the wait", async () => {
    const { nb, server } = await northboundWith({ Logical_Switch: { [uuidA]: { initial: { name: "a" } } } });
    const controller = new AbortController();
    const gone = new Error("gone");
    const first = nb.until(() => {
      if (nb.tables.Logical_Switch.only().name === "a") return false;
      controller.abort(gone);
      return true;
    });
    let looks = 0;
    const second = nb.until(
      () => {
        looks += 1;
        return false;
      },
      { signal: controller.signal },
    );
    update(server, named("b"));
    await assert.rejects(second, gone);
    assert.deepEqual([await first, looks], [true, 1]);
    await nb.close();
  });

  it("with changes() leaves the signal alone once that has ended", async () => {
    const { nb } = await northboundWith({});
    const changes = nb.changes(undefined, { signal });
    assert.equal(listeners(), 1);
    await changes.return?.();
    assert.equal(listeners(), 0);
    await nb.close();
  });

  it("with changes() is kept no longer than that lasts", async () => {
    const { nb } = await northboundWith({});
    const changes = new WeakRef(nb.changes());
    await changes.deref()?.return?.();
    // What a WeakRef has given stays until the end of the turn.
    await settle();
    garbageCollector()();
    assert.equal(changes.deref(), undefined);
    await nb.close();
  });
});
