import assert from "node:assert/strict";
import { AddressBook } from "../../../lib/topology/addresses/address-book.ts";

describe("an address book", () => {
  const held = "10.1.0.5";

  /** A book in which these hold the address, one after the other. */
  function bookOf(...holders: readonly string[]): AddressBook {
    const book = new AddressBook(undefined, new Set());
    for (const holder of holders) book.hold(held, holder);
    return book;
  }

  it("knows who holds an address, one or several", () => {
    for (const holders of [["a"], ["a", "a"], ["a", "b"], ["a", "b", "a", "c"]]) {
      const book = bookOf(...holders);
      assert.ok(book.isHeld(held) && !book.isHeld("10.1.0.6"));
      assert.equal(book.holder(held, []), "a");
      assert.equal(book.holder(held, holders), undefined);
    }
  });

  it("finds each of several when all others are left out", () => {
    const book = bookOf("a", "b", "c");
    assert.equal(book.holder(held, ["b", "c"]), "a");
    assert.equal(book.holder(held, ["a", "c"]), "b");
    assert.equal(book.holder(held, ["a", "b"]), "c");
    assert.equal(book.holder("10.1.0.6", []), undefined);
  });
});
