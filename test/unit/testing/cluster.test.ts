import assert from "node:assert/strict";
import { planClusterDatabase } from "../../../lib/testing/cluster-options.ts";
import { parseClusterStatus } from "../../../lib/testing/cluster-status.ts";
import { SandboxError } from "../../../lib/testing/errors.ts";

const answer = `4d72
Name: OVN_Northbound
Cluster ID: fb19 (fb197eba-25f5-4fc9-b63a-2c86e18b39c3)
Server ID: 4d72 (4d725ca4-df2e-4df5-b1c6-8195064c63de)
Address: unix:/sandbox/server-1.raft
Status: cluster member
Role: leader
Term: 12
Leader: self
Vote: self
`;

describe("the status of a cluster's member", () => {
  it("is read from what it says to people", () => {
    const { text, ...status } = parseClusterStatus(answer);
    assert.deepEqual(status, {
      role: "leader",
      term: 12,
      isMember: true,
      serverId: "4d725ca4-df2e-4df5-b1c6-8195064c63de",
    });
    assert.equal(text, answer);
    assert.equal(parseClusterStatus(answer.replace("cluster member", "joining cluster")).isMember, false);
  });

  it("is refused when something is not there", () => {
    assert.throws(() => parseClusterStatus("Role: leader\n"), SandboxError);
  });
});

describe("planClusterDatabase", () => {
  it("has three members and no relays by default", () => {
    const plan = planClusterDatabase({});
    assert.deepEqual(
      plan.servers.map(({ name, socketName }) => [name, socketName]),
      [
        ["server-1", "server-1.sock"],
        ["server-2", "server-2.sock"],
        ["server-3", "server-3.sock"],
      ],
    );
    assert.deepEqual(plan.relays, []);
    assert.equal(plan.programs.includes("openssl"), false);
    assert.equal(planClusterDatabase({ tls: true }).programs.includes("openssl"), true);
  });

  it("refuses what cannot be, by name", () => {
    assert.throws(() => planClusterDatabase({ servers: 0 }), /servers: 0/);
    assert.throws(() => planClusterDatabase({ relays: -1 }), /relays: -1/);
    assert.throws(() => planClusterDatabase({ servers: 2.5 }), /servers: 2.5/);
    assert.throws(() => planClusterDatabase({ electionTimer: 20 }), /electionTimer: 20/);
  });
});
