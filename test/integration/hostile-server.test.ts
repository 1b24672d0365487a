import assert from "node:assert/strict";
import { connectNorthbound, OvsdbError, ProtocolError } from "../../lib/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

const unknown = "00000000-0000-4000-8000-00000000dead";
const switches = (change: string): string =>
  `{"id":null,"method":"update3","params":["ovn-northbound","x",{"Logical_Switch":{"${unknown}":${change}}}]}`;

/** Bytes that a stranger says in the name of a server that is in order. */
const insults: Readonly<Record<string, string | Uint8Array>> = {
  garbage: "\0\u0001\u0002",
  "a page of a web server": "HTTP/1.1 400 Bad Request\r\n\r\n<html>",
  "an alert of TLS": Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0a),
  "a message of JSON-RPC 2.0's kind, in an array": '[{"jsonrpc":"2.0","id":1,"result":{}}]',
  "a message that is not UTF-8": Buffer.concat([
    Buffer.from('{"id":null,"method":"update3","params":["'),
    Uint8Array.of(0xc3, 0x28, 0xff),
    Buffer.from('"]}'),
  ]),
  "a message nested too deep": `{"id":null,"method":"m","params":${"[".repeat(5_000)}`,
  "the reply to no request": '{"id":4711,"result":{},"error":null}',
  "a reply with an id that is no id": '{"id":{"__proto__":1},"result":{},"error":null}',
  "keys of Object.prototype": switches('{"__proto__":{"polluted":1}}'),
  "a table of the name __proto__": switches("{}").replace("Logical_Switch", "__proto__"),
  "a table that is none": switches('{"delete":null}').replace("Logical_Switch", "Nowhere"),
  "the deletion of a row that is not there": switches('{"delete":null}'),
  "the change of a row that is not there": switches('{"modify":{"name":"x"}}'),
  "a row that is a string": switches('{"insert":"x"}'),
  "an update without tables": '{"id":null,"method":"update3","params":["ovn-northbound","x"]}',
  "a half-open message": '{"id":null,"method":"update3","params":["ovn-northbound","x',
};

/** What is odd and no harm. */
const oddities: Readonly<Record<string, string>> = {
  "white space": " \r\n\t".repeat(1_000),
  "a notification that nobody knows":
    '{"id":null,"method":"__proto__","params":[{"__proto__":{"polluted":1}}]}',
  "the end of a monitor that goes on": '{"id":null,"method":"monitor_canceled","params":["ovn-northbound"]}',
  "an update of another's monitor": '{"id":null,"method":"update2","params":[["mine"],5]}',
  "a lock that nobody asked for":
    '{"id":null,"method":"locked","params":["x"]}{"id":null,"method":"stolen","params":[]}',
};

describeWithOvn("a handle on a connection into which a stranger speaks", () => {
  const ovn = useSandbox({ northbound: true, tcp: true });
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);

  before(() => process.on("unhandledRejection", note));
  after(() => process.off("unhandledRejection", note));
  afterEach(() => {
    assert.deepEqual(unhandled.splice(0), []);
    assert.equal(Reflect.get({}, "polluted"), undefined);
    assert.deepEqual(Object.keys(Object.prototype), []);
  });

  for (const [what, bytes] of Object.entries(insults)) {
    it(`survives ${what}: another connection, and the same rows as everybody's`, async () => {
      await using proxy = await startFaultProxy(ovn.sandbox.northbound.tcp);
      await using nb = await connectNorthbound(proxy.remote, {
        minBackoff: 1,
        maxBackoff: 10,
        probeInterval: 200,
      });
      proxy.setOpenFaults({ toClient: { inject: { afterFrames: 0, bytes } } });
      await using other = await connectNorthbound(ovn.sandbox.northbound.remote);
      await other.transact((tx) => tx.insert("Logical_Switch", { name: what }));
      await waitFor(() => proxy.counts.connections > 1, { timeout: 30_000 });
      await nb.synced({ timeout: 30_000 });
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: `${what}, and then` }));
      await other.until(
        (view) => view.tables.Logical_Switch.find({ name: `${what}, and then` }).length === 1,
      );
      assert.deepEqual(names(nb), names(other));
    });
  }

  for (const [what, bytes] of Object.entries(oddities)) {
    it(`passes over ${what}`, async () => {
      await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
      await using nb = await connectNorthbound(proxy.remote);
      proxy.setOpenFaults({ toClient: { inject: { afterFrames: 0, bytes } } });
      for (const name of ["first", "second"]) {
        await nb.transact((tx) => tx.insert("Logical_Switch", { name: `${what}: ${name}` }));
      }
      assert.equal(proxy.counts.connections, 1);
    });
  }

  it("connects nowhere, with a typed error, when all that it hears is an insult", async () => {
    for (const [what, bytes] of Object.entries(insults)) {
      await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote, {
        faults: { toClient: { inject: { afterFrames: 0, bytes } } },
      });
      const connected = connectNorthbound(proxy.remote, { syncIdleTimeout: 300 });
      await assert.rejects(
        connected.then(async (nb) => {
          await nb.close();
          // Updates of a monitor that is not open yet mean nothing.
          assert.ok(
            what.includes("row") ||
              what.includes("table") ||
              what.includes("number") ||
              what.includes("keys"),
          );
          throw new ProtocolError(what);
        }),
        OvsdbError,
        what,
      );
    }
  });
});

function names(nb: Awaited<ReturnType<typeof connectNorthbound>>): string[] {
  return [...nb.tables.Logical_Switch].map(({ name }) => name).sort();
}
