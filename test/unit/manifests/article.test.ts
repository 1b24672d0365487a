import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { readManifests } from "../../../lib/manifests/index.ts";

const folder = "examples/article";

describe("examples/article", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  const set = readManifests(files.map((file) => ({ file, text: readFileSync(`${folder}/${file}`, "utf8") })));

  it("has the article's three networks", () => {
    assert.deepEqual(
      set.networks.map(({ spec, nads }) => [
        nads.join(),
        spec.name,
        spec.topology,
        spec.subnets.map(({ text, hostPrefix }) =>
          hostPrefix === undefined ? text : `${text}/${hostPrefix}`,
        ),
        spec.excludes.map(({ text }) => text),
        spec.mtu,
      ]),
      [
        ["kube-system/l2-network", "l2-network", "layer2", ["10.22.0.0/16"], ["10.22.200.0/24"], 1400],
        ["kube-system/l3-network", "l3-network", "layer3", ["10.33.0.0/16/24"], [], 1400],
        [
          "kube-system/localnet-network",
          "localnet-network",
          "localnet",
          ["192.168.100.0/24"],
          ["192.168.100.1/32", "192.168.100.10/32", "192.168.100.101/32", "192.168.100.102/32"],
          1500,
        ],
      ],
    );
  });

  it("has its nodes with the subnets that its switches show", () => {
    assert.deepEqual(
      set.nodes.map(({ name, subnets }) => [name, subnets]),
      [
        ["master001", { "l3-network": ["10.33.0.0/24"] }],
        ["work001", { "l3-network": ["10.33.2.0/24"] }],
        ["work002", { "l3-network": ["10.33.1.0/24"] }],
      ],
    );
    const chassis = new Set(set.nodes.map(({ chassisId }) => chassisId));
    assert.ok(!chassis.has(undefined) && chassis.size === 3);
  });

  it("has its six pods, of which two have been given addresses before", () => {
    const recorded = (last: number): object => ({
      ips: [`192.168.100.${last}/24`],
      mac: `0a:58:c0:a8:64:0${last}`,
    });
    const none = undefined;
    assert.deepEqual(
      set.pods.map(({ name, uid, node, attachments: [only, ...more] }) => [
        name,
        node,
        only?.network,
        only?.interface,
        only?.input.recorded,
        more.length,
        uid,
      ]),
      [
        ["nginx1-l2", "work001", "l2-network", "eth1", none, 0, "f4bb6a91-019b-4612-b6aa-88fc663dd515"],
        ["nginx1-l3", "work001", "l3-network", "eth1", none, 0, "a7fad855-9a37-4918-8aaa-b10627cdfe91"],
        [
          "nginx1-lo",
          "work001",
          "localnet-network",
          "eth1",
          recorded(4),
          0,
          "1c22a591-3c56-4663-b9b2-983effab96b1",
        ],
        ["nginx2-l2", "work002", "l2-network", "eth1", none, 0, "56ffc5ab-b5eb-456e-b5cc-b77252c29ae3"],
        ["nginx2-l3", "work002", "l3-network", "eth1", none, 0, "5d9c1b7e-24f6-4e83-9a0d-c83f51b264aa"],
        [
          "nginx2-lo",
          "work002",
          "localnet-network",
          "eth1",
          recorded(5),
          0,
          "daecc092-6d3e-4b22-a5aa-59eb6b430029",
        ],
      ],
    );
    assert.deepEqual(set.skipped, []);
  });
});
