import assert from "node:assert/strict";
import { AddressBook } from "../../../lib/topology/addresses/address-book.ts";
import { parseAddress } from "../../../lib/topology/description/address.ts";
import type { HeldAddresses } from "../../../lib/topology/request/held-addresses.ts";

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

  it("goes past a run of held addresses at once, unless one of those ports does not count", () => {
    const ports = new Map([
      ["10.1.0.5", ["a"]],
      ["10.1.0.6", ["b"]],
    ]);
    const others: HeldAddresses = {
      holders: (address) => ports.get(address) ?? [],
      portsWithMac: () => [],
      endOfRun: ({ value }) => value + 2n,
    };
    const first = parseAddress(held);
    assert.ok(first);
    assert.equal(new AddressBook(others, new Set()).after(first), first.value + 2n);
    const book = new AddressBook(others, new Set(["b"]));
    assert.equal(book.after(first), first.value + 1n);
    assert.ok(book.isHeld(held) && !book.isHeld("10.1.0.6"));
  });
});
