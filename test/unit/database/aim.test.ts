import assert from "node:assert/strict";
import { changesRows } from "../../../lib/database/aim.ts";
import type { Operation } from "../../../lib/ovsdb/index.ts";

/** Each operation of RFC 7047 section 5.2, and whether it changes rows. */
const operations: Readonly<Record<Operation["op"], boolean>> = {
  insert: true,
  select: false,
  update: true,
  mutate: true,
  delete: true,
  wait: false,
  commit: false,
  abort: false,
  comment: false,
  assert: false,
};

describe("changesRows", () => {
  // One that is taken for harmless would be sent a second time when its reply is lost.
  for (const [kind, expected] of Object.entries(operations))
    it(`is ${expected} of ${kind}`, () => assert.equal(changesRows(kind as Operation["op"]), expected));
});
