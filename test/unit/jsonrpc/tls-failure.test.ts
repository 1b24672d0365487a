import assert from "node:assert/strict";
import { parseEndpoints } from "../../../lib/jsonrpc/index.ts";
import { tlsError } from "../../../lib/jsonrpc/tls-failure.ts";

/** What becomes of an error of OpenSSL's with this code. */
function reasonOf(code: string, certified: boolean): string {
  const [endpoint] = parseEndpoints("ssl:127.0.0.1:6641");
  assert.ok(endpoint !== undefined);
  return tlsError({ endpoint, certified }, Object.assign(new Error("alert"), { code })).reason;
}

describe("the server's alerts", () => {
  // The first is how Node.js 20 with OpenSSL 3.0 calls them, the second Node.js 24 with OpenSSL 3.5.
  for (const protocol of ["SSLV3", "SSL/TLS"]) {
    it(`are known as OpenSSL calls them with ${protocol}`, () => {
      const alert = (name: string, certified = true): string =>
        reasonOf(`ERR_SSL_${protocol}_ALERT_${name}`, certified);
      assert.equal(alert("CERTIFICATE_EXPIRED"), "client-expired");
      assert.equal(alert("BAD_CERTIFICATE"), "client-untrusted");
      assert.equal(alert("HANDSHAKE_FAILURE", false), "client-missing");
      assert.equal(alert("HANDSHAKE_FAILURE"), "handshake");
      assert.equal(alert("UNEXPECTED_MESSAGE", false), "handshake");
    });
  }

  it("are known by later protocols' names", () => {
    assert.equal(reasonOf("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", false), "client-missing");
    assert.equal(reasonOf("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", true), "client-untrusted");
  });
});
