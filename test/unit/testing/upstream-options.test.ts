import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineScript } from "../../../lib/testing/multinode/upstream-engine.ts";
import {
  checkoutOf,
  upstreamEnvironment,
  upstreamNodes,
} from "../../../lib/testing/multinode/upstream-options.ts";

const place = {
  engine: "/tmp/x/engine",
  image: "localhost/x:1",
  shared: "/tmp/x/data",
  switchDirectory: "/tmp/x",
  datapath: "netdev",
} as const;

describe("the options of an ovn-fake-multinode", () => {
  it("name its nodes as its script does", () => {
    assert.deepEqual(upstreamNodes({}), {
      central: ["ovn-central-az1"],
      relays: [],
      gateways: ["ovn-gw-1"],
      chassis: ["ovn-chassis-1", "ovn-chassis-2"],
    });
    assert.deepEqual(upstreamNodes({ central: 3, relays: 1, gateways: 0, chassis: 1, fakeVms: true }), {
      central: ["ovn-central-az1-1", "ovn-central-az1-2", "ovn-central-az1-3"],
      relays: ["ovn-central-az1-relay-1"],
      gateways: ["ovn-gw-1"],
      chassis: ["ovn-chassis-1", "ovn-chassis-2"],
    });
  });

  it("become the variables that it reads", () => {
    const usual = upstreamEnvironment({}, place);
    assert.equal(usual["RUNC_CMD"], "/tmp/x/engine");
    assert.equal(usual["ENABLE_SSL"], "yes");
    assert.equal(usual["OVN_DB_CLUSTER"], "no");
    assert.equal(usual["CREATE_FAKE_VMS"], "no");
    assert.equal(usual["FAKENODE_MNT_DIR"], "/tmp/x/data");
    assert.equal(usual["OVN_DP_TYPE"], "netdev");
    assert.deepEqual([usual["GW_COUNT"], usual["CHASSIS_COUNT"], usual["RELAY_COUNT"]], ["1", "2", "0"]);
    const more = upstreamEnvironment({ central: 3, relays: 2, chassis: 5, tls: false, fakeVms: true }, place);
    assert.equal(more["OVN_DB_CLUSTER"], "yes");
    assert.equal(more["CENTRAL_COUNT"], "1");
    assert.equal(more["ENABLE_SSL"], "no");
    assert.equal(more["CREATE_FAKE_VMS"], "yes");
    assert.deepEqual([more["GW_COUNT"], more["CHASSIS_COUNT"], more["RELAY_COUNT"]], ["1", "5", "2"]);
  });

  it("lead to a checkout, or are refused by name", () => {
    const path = mkdtempSync(join(tmpdir(), "checkout-"));
    try {
      assert.throws(() => checkoutOf({ path: "" }), /OVN_FAKE_MULTINODE_PATH/);
      assert.throws(() => checkoutOf({ path }), /no checkout .* ovn_cluster\.sh/);
      writeFileSync(join(path, "ovn_cluster.sh"), "");
      assert.equal(checkoutOf({ path }), path);
    } finally {
      rmSync(path, { recursive: true });
    }
  });

  it("leave the engine alone where the kernel switches packets", () => {
    assert.match(engineScript("docker", "system"), /exec docker run --network=none --ulimit=\S+ /);
    assert.doesNotMatch(engineScript("docker", "system"), /br-eth/);
    assert.match(engineScript("podman", "netdev"), /podman exec -i "\$1" sh -s/);
  });
});
