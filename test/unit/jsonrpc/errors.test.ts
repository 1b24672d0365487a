import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionLostError,
  EndpointError,
  OvsdbError,
  ProtocolError,
  RpcError,
  TimeoutError,
  TlsError,
  UsageError,
} from "../../../lib/jsonrpc/index.ts";

describe("errors", () => {
  const cases: readonly (readonly [OvsdbError, string, string, boolean])[] = [
    [new EndpointError("tcp:a:1", "m"), "EndpointError", "ERR_ENDPOINT", false],
    [new EndpointError("tcp:a:1", "m", { retryable: true }), "EndpointError", "ERR_ENDPOINT", true],
    [new TlsError("server-untrusted", "m"), "TlsError", "ERR_TLS", false],
    [new TlsError("hung-up", "m"), "TlsError", "ERR_TLS", true],
    [new ProtocolError("m"), "ProtocolError", "ERR_PROTOCOL", false],
    [new RpcError("echo", "unknown method"), "RpcError", "ERR_RPC", false],
    [new ConnectionLostError("m"), "ConnectionLostError", "ERR_CONNECTION_LOST", true],
    [new ClosedError("m"), "ClosedError", "ERR_CLOSED", false],
    [new TimeoutError("a reply", 5), "TimeoutError", "ERR_TIMEOUT", true],
    [new UsageError("m"), "UsageError", "ERR_USAGE", false],
  ];
  for (const [error, name, code, retryable] of cases) {
    it(`${name} has the code ${code} and is ${retryable ? "" : "not "}worth another try`, () => {
      assert.ok(error instanceof OvsdbError && error instanceof Error);
      assert.deepEqual([error.name, error.code, error.retryable], [name, code, retryable]);
    });
  }

  it("keeps the cause", () => {
    const cause = new Error("why");
    assert.equal(new ConnectionLostError("m", { cause }).cause, cause);
  });

  it("RpcError says what the server said, in any of its forms", () => {
    assert.match(new RpcError("m", "canceled").message, /^m: .*canceled$/);
    assert.match(
      new RpcError("m", { error: "syntax error", details: "no table" }).message,
      /syntax error \(no table\)$/,
    );
    assert.match(new RpcError("m", { error: "x" }).message, /: x$/);
    assert.match(new RpcError("m", [1n]).message, /\["1"\]$/);
  });
});
