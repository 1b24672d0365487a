import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectNorthbound } from "../../lib/index.ts";
import type { PhysicalHost, Pod } from "../../lib/testing/index.ts";
import { type Northbound, type PlannedAttachment, planTopology } from "../../lib/topology/index.ts";
import { requestOf } from "../support/article.ts";
import { describeWithCluster, type Place, useCluster } from "../support/multinode.ts";
import { projectRoot } from "../support/project.ts";
import { waitFor } from "../support/wait-for.ts";

const file = "examples/services/shop.yaml";
const manifests = readFileSync(join(projectRoot, file), "utf8");
const client = `
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop}
spec: {nodeName: node1}
`;

/** Says its own name to whoever connects. */
const server = `require("net").createServer((socket) => socket.on("error", () => {}).end(process.argv[1])).listen(8080, "::")`;
const asker = `
const socket = require("net").connect(Number(process.argv[2]), process.argv[1]);
socket.setTimeout(2000, () => process.exit(3)).on("error", () => process.exit(2)).pipe(process.stdout);`;

describeWithCluster("services of a primary network, with packets", () => {
  const ovn = useCluster({
    gateways: 0,
    chassis: [
      { name: "node1", chassisId: "9f2c6d1e-5b0a-4c7d-8e3f-0a1b2c3d4e5f" },
      { name: "node2", chassisId: "9f2c6d1e-5b0a-4c7d-8e3f-0a1b2c3d4e60" },
    ],
    physicalNetworks: ["physnet"],
  });
  let nb: Northbound;
  let machine: PhysicalHost;
  const pods = new Map<string, Pod>();
  const serving = new AbortController();
  const servers: Promise<unknown>[] = [];

  before(async () => {
    nb = await connectNorthbound(ovn.cluster.northbound);
    for (const { input, portName: port, mac, ips: addresses } of await apply(manifests)) {
      const via = addresses[0]?.replace(/\.\d+\/24$/, ".1") ?? "";
      const routes = [{ to: "default", via }];
      const pod = await ovn.cluster.addPod(input.node, { name: input.name, port, mac, addresses, routes });
      pods.set(input.name, pod);
      if (input.name === "client") continue;
      const { signal } = serving;
      servers.push(pod.exec(process.execPath, ["-e", server, input.name], { signal }).catch(() => {}));
    }
    machine = await ovn.cluster.addPhysicalHost({ name: "machine", addresses: ["172.18.0.1/16"] });
  });
  after(async () => {
    serving.abort();
    await Promise.all(servers);
    await nb?.close();
  });

  async function apply(text: string): Promise<readonly PlannedAttachment[]> {
    const request = requestOf([{ file, text: text + client }]);
    const { attachments } = await planTopology(nb, request).apply({ wait: "hv" });
    return attachments;
  }

  function pod(name: string): Pod {
    const found = pods.get(name);
    assert.ok(found, name);
    return found;
  }

  /** Connects again and again until each of these pods has answered, and nobody else. */
  async function answered(from: Place, address: string, port: number, by: readonly string[]): Promise<void> {
    const seen = new Set<string>();
    await waitFor(
      async () => {
        seen.add(await from.exec(process.execPath, ["-e", asker, address, String(port)]));
        return by.every((name) => seen.has(name));
      },
      { what: `answers of ${by.join(" and ")} at ${address}:${port}`, timeout: 60_000, interval: 10 },
    );
    assert.deepEqual([...seen].sort(), by.toSorted());
  }

  it("answer at the cluster's address, from both nodes", async () => {
    await answered(pod("client"), "10.96.0.10", 80, ["web-1", "web-2"]);
  });

  it("answer a pod that is itself behind them", async () => {
    await answered(pod("web-2"), "10.96.0.10", 80, ["web-1", "web-2"]);
  });

  it("answer from outside at the port of each node", async () => {
    for (const node of ["172.18.0.2", "172.18.0.3"]) {
      await answered(machine, node, 30080, ["web-1", "web-2"]);
    }
  });

  it("answer no more with the endpoint that is not ready", async () => {
    const last = manifests.lastIndexOf("ready: true");
    await apply(`${manifests.slice(0, last)}ready: false${manifests.slice(last + "ready: true".length)}`);
    // A dozen connections, with a port of its own each, which is what is hashed.
    for (let index = 0; index < 12; index += 1) {
      await answered(pod("client"), "10.96.0.10", 80, ["web-1"]);
    }
  });
});
