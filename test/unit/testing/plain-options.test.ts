import assert from "node:assert/strict";
import { planClusterDatabase } from "../../../lib/testing/cluster-options.ts";
import {
  describeMissing,
  installedSchema,
  makeTlsMaterial,
  missingPrograms,
  startFaultProxy,
  stopSandbox,
} from "../../../lib/testing/index.ts";
import { planCluster } from "../../../lib/testing/multinode/options.ts";
import { planSandbox } from "../../../lib/testing/options.ts";

const usage = (message: string): object => ({ code: "ERR_USAGE", message });

// As plain JavaScript gives them: Node.js said so, or a daemon's log, or nobody.
describe("what the test kit takes, of another type", () => {
  const nowhere = "/nowhere/at/all";

  it("is refused among the options of a sandbox and of a cluster, before anything starts", () => {
    const both: readonly (readonly [object, string])[] = [
      [{ timeout: "5000" }, 'timeout is a number, and not "5000"'],
      [{ timeout: -1 }, "timeout is a number, and not -1"],
      [{ keepDirectory: "no" }, 'keepDirectory: "no" is neither true nor false'],
      [{ parentDirectory: 5 }, "parentDirectory is the path of a directory, and not 5"],
      [{ parentDirectory: "" }, 'parentDirectory is the path of a directory, and not ""'],
      [{ tcp: "localhost" }, 'tcp is true, false, "127.0.0.1" or "::1", and not "localhost"'],
      [{ tls: null }, "tls is true, false or { caFile, certFile, keyFile }, and not null"],
      [
        { tls: { caFile: "a" } },
        'tls is true, false or { caFile, certFile, keyFile }, and not {"caFile":"a"}',
      ],
    ];
    for (const [option, message] of both) {
      assert.throws(() => planSandbox({ northbound: true, ...option }), usage(message));
      assert.throws(() => planClusterDatabase(option), usage(message));
    }
    for (const [option, message] of [
      [{ northd: "false" }, 'northd: "false" is neither true nor false'],
      [{ databases: "x" }, 'databases is an object, and not "x"'],
    ] as const)
      assert.throws(() => planSandbox({ northbound: true, ...option } as never), usage(message));
    const absent = { code: "ERR_SANDBOX", message: `parentDirectory: there is no directory ${nowhere}` };
    for (const plan of [planClusterDatabase, planCluster])
      assert.throws(() => plan({ parentDirectory: nowhere }), absent);
  });

  it("is refused among the options of a fake multinode", () => {
    for (const [option, message] of [
      [{ chassis: "2" }, 'chassis is a number of nodes, or a list of their names, and not "2"'],
      [{ tls: "yes" }, 'tls: "yes" is neither true nor false'],
      [{ datapath: "kernel" }, 'datapath is one of auto, system, netdev, dummy, and not "kernel"'],
      [{ backend: "docker" }, 'backend is one of auto, namespaces, containers, and not "docker"'],
      [{ engine: "lxc" }, 'engine is one of podman, docker, and not "lxc"'],
      [{ physicalNetworks: "public" }, 'physicalNetworks is a list of texts, and not "public"'],
      [{ mounts: [5] }, "mounts is a list of texts, and not [5]"],
    ] as const)
      assert.throws(() => planCluster(option as never), usage(message));
    assert.throws(() => planCluster({ chassis: [{} as never] }), {
      code: "ERR_SANDBOX",
      message: /^undefined cannot be a name here/,
    });
  });

  it("is refused among those of a proxy, and among its faults", async () => {
    for (const [options, message] of [
      [{ listen: "udp" }, 'listen is one of unix, tcp, and not "udp"'],
      [{ seed: "1" }, 'seed is a number, and not "1"'],
      [{ directory: 5 }, "directory is the path of a directory, and not 5"],
      [{ faults: { both: { delay: "100" } } }, 'delay is a number, and not "100"'],
      [{ faults: { toServer: { cutAfterBytes: -1 } } }, "cutAfterBytes is a number, and not -1"],
      [{ faults: { toClient: { hold: "false" } } }, 'hold: "false" is neither true nor false'],
      [{ faults: { both: { rewrite: "x" } } }, 'rewrite: "x" is not a function'],
      [{ faults: { dropReply: { from: "server" } } }, 'from is one of request, reply, and not "server"'],
      [{ faults: { dropReply: { nth: "2" } } }, 'nth is a number, and not "2"'],
    ] as const)
      await assert.rejects(startFaultProxy("tcp:127.0.0.1:1", options as never), usage(message));
  });

  it("is refused where a directory, a database or programs are named", async () => {
    await assert.rejects(stopSandbox(undefined as never), usage("directory is a path, and not nothing"));
    await assert.rejects(
      makeTlsMaterial(undefined as never),
      usage("directory is the path of a directory, and not nothing"),
    );
    await assert.rejects(makeTlsMaterial(nowhere), { code: "ERR_SANDBOX" });
    assert.throws(
      () => installedSchema("OVN_Northbound" as never),
      usage(
        'the schemas that are installed are of northbound, southbound, openvswitch, and not of "OVN_Northbound"',
      ),
    );
    for (const [given, message] of [
      ["ovsdb-server", 'programs are a list, and not "ovsdb-server"'],
      [["ovs-server"], '"ovs-server" is not a program that a sandbox can use'],
      [[null], "null is not a program that a sandbox can use"],
    ] as const)
      assert.throws(() => missingPrograms(given as never), usage(message));
    assert.throws(
      () => describeMissing(["ovsdb-server"] as never),
      usage('what is missing is what missingPrograms() gives, and not "ovsdb-server"'),
    );
    assert.throws(() => planSandbox({ northbound: true, parentDirectory: nowhere }), { code: "ERR_SANDBOX" });
  });
});
