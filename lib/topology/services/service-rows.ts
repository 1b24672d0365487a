import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { loadBalancerUuid } from "../naming/ids.ts";
import { rowKey } from "../naming/row-key.ts";
import type { ServiceInput } from "../request/service-input.ts";
import type { Balancer } from "./service-balancers.ts";

/** With this timeout a client keeps its endpoint by a hash over addresses, which needs no memory (Kubernetes, `MaxClientIPServiceAffinitySeconds`). */
const FOREVER = 86_400;

/** The row of a load balancer (go-controller/pkg/ovn/controller/services/loadbalancer.go). `hairpin` is undefined without nodes. */
export function balancerRow(
  spec: NetworkSpec,
  hairpin: string | undefined,
  { namespace, name, affinityTimeout = 0 }: ServiceInput,
  balancer: Balancer,
): DesiredRow {
  return {
    key: rowKey("Load_Balancer", balancer.name),
    kind: "load balancer",
    name: balancer.name,
    uuid: loadBalancerUuid(balancer.name),
    columns: {
      protocol: balancer.protocol.toLowerCase(),
      vips: { map: balancer.vips },
      selection_fields: affinityTimeout === FOREVER ? ["ip_src", "ip_dst"] : [],
    },
    keys: {
      options: {
        reject: "true",
        event: "false",
        skip_snat: String(balancer.skipSnat),
        neighbor_responder: "none",
        ...(hairpin !== undefined && { hairpin_snat_ip: hairpin }),
        ...(affinityTimeout > 0 &&
          affinityTimeout < FOREVER && { affinity_timeout: String(affinityTimeout) }),
      },
      external_ids: {
        "k8s.ovn.org/kind": "Service",
        "k8s.ovn.org/owner": `${namespace}/${name}`,
        "k8s.ovn.org/network": spec.name,
        "k8s.ovn.org/role": spec.role,
      },
    },
    network: spec.name,
  };
}

/** A load balancer goes; switches, routers and groups forget it by themselves. */
export function balancerRemoval(
  network: string,
  { uuid, name }: { readonly uuid: string; readonly name: string },
): Removal {
  return { table: "Load_Balancer", uuid, name, kind: "load balancer", network };
}
