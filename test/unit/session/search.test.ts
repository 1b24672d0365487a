import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { EndpointError, formatEndpoint } from "../../../lib/jsonrpc/index.ts";
import { Remotes } from "../../../lib/session/remotes.ts";
import { Search } from "../../../lib/session/search.ts";
import { waitFor } from "../../support/index.ts";
import { watchTimers } from "../../support/watch-timers.ts";

/** A search among one remote, which can be used at the attempt of that number. */
function setup(usable: number, minBackoff: number) {
  const stop = new AbortController();
  const seen: (number | undefined)[] = [];
  const remotes = new Remotes("tcp:10.0.0.1", false, "OVN_Northbound");
  const search = new Search(remotes, { minBackoff, maxBackoff: minBackoff }, stop.signal, {
    attempt: async (endpoint) => {
      seen.push(search.nextPass);
      if (seen.length >= usable) return undefined;
      return { error: new EndpointError(formatEndpoint(endpoint), "refused"), answered: false };
    },
    onRefusal: () => undefined,
    onPause: () => undefined,
  });
  const listeners = (): number => getEventListeners(stop.signal, "abort").length;
  return { stop, search, seen, listeners };
}

describe("Search", () => {
  it("knows of no next pass during a pass, and listens to its end in pauses only", async () => {
    const { search, seen, listeners } = setup(4, 1);
    await search.run();
    assert.deepEqual([seen, search.nextPass], [[undefined, undefined, undefined, undefined], undefined]);
    assert.equal(listeners(), 0);
  });

  it("ends a pause at once when it is told to hurry, or to stop, and leaves no timer", async () => {
    const { stop, search, seen, listeners } = setup(3, 60_000);
    using timers = watchTimers();
    const found = search.run();
    await waitFor(() => search.nextPass !== undefined);
    assert.ok((search.nextPass ?? 0) > performance.now() + 20_000);
    assert.equal(listeners(), 1);
    search.hurry();
    await waitFor(() => seen.length === 2 && search.nextPass !== undefined);
    stop.abort(new RangeError("closed"));
    await assert.rejects(found, /closed/);
    assert.deepEqual([seen.length, listeners(), timers.running.size], [2, 0, 0]);
  });
});
