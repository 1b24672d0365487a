import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { planTopology } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { flows, nbctl } from "../support/northd.ts";
import { primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { requestFor } from "../support/topology.ts";

const options = { northbound: true, southbound: true, northd: true } as const;
const GROUP = "a8747502060113802905";

/** The cluster's own network of a node, which is not ours. */
const cluster = `
  ls-add n1
  set Logical_Switch n1 other_config:subnet=10.128.0.0/24
  lsp-add n1 default_other
  lsp-set-addresses default_other "0a:58:0a:80:00:09 10.128.0.9"`;

/** A pod's port on it that is closed, as an administrator would type it. */
const byHand = (tier: string): string => `
  lsp-add n1 default_web
  lsp-set-addresses default_web "0a:58:0a:80:00:07 10.128.0.7"
  lsp-set-port-security default_web "0a:58:0a:80:00:07 10.128.0.7"
  lsp-set-options default_web requested-chassis=chassis-of-n1
  pg-add ${GROUP} default_web
  ${tier} acl-add ${GROUP} from-lport 1000 'inport == @${GROUP}' drop
  ${tier} acl-add ${GROUP} to-lport 1000 'outport == @${GROUP}' drop
  ${tier} acl-add ${GROUP} from-lport 1001 'inport == @${GROUP} && (( arp && arp.tpa == 10.128.0.2 ))' allow
  ${tier} acl-add ${GROUP} to-lport 1001 'outport == @${GROUP} && (( arp && arp.spa == 10.128.0.2 ))' allow
  ${tier} acl-add ${GROUP} to-lport 1001 'outport == @${GROUP} && (ip4.src==10.128.0.2)' allow-related
  ${tier} acl-add ${GROUP} to-lport 1001 'outport == "default_web" && (arp || nd || (tcp.dst == 80))' allow-related
  ${tier} acl-add ${GROUP} from-lport 1001 'inport == "default_web" && (arp || nd)' allow`;

describeWithOvn("ovn-northd closes the ports of pods of primary networks as if an administrator did", () => {
  const ours = useSandbox(options);
  const theirs = useSandbox(options);

  it("with the same flows on the cluster's own network", async () => {
    await nbctl(ours.sandbox, cluster);
    await nbctl(theirs.sandbox, cluster);
    const own = async (from: typeof ours): Promise<string[]> =>
      (await flows(from.sandbox)).filter((line) => line.includes('"n1"'));
    const before = await own(ours);
    assert.deepEqual(before, await own(theirs));
    await using nb = await connectNorthbound(ours.sandbox.northbound.remote);
    const node = primaryNode("n1", 2, { subnets: { default: ["10.128.0.0/24"] } });
    const web = {
      name: "web",
      defaultPort: { ips: ["10.128.0.7/24"], openPorts: [{ protocol: "tcp", port: 80 } as const] },
    };
    await planTopology(nb, requestFor(primaryLayer3Brief([web], {}, [node]))).apply({ wait: "sb" });
    await nbctl(theirs.sandbox, byHand(nb.supports("ACL", "tier") ? "--tier=0" : ""));
    const made = await own(ours);
    assert.ok(made.length > before.length);
    assert.deepEqual(made, await own(theirs));
  });
});
