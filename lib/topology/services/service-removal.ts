import type { ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { networkOf, text } from "../observe/observe.ts";
import type { ServiceName } from "../request/deletion-request.ts";
import { balancersOfNetwork } from "./observe-services.ts";
import { balancerRemoval } from "./service-rows.ts";

/** The load balancers of services on networks that do not go as a whole. The cluster's own network is none of ours. */
export function removeServices(
  view: ReadView,
  services: readonly ServiceName[],
  goingNetworks: ReadonlySet<string>,
): { readonly removals: readonly Removal[]; readonly absent: readonly string[] } {
  const absent: string[] = [];
  const removals = services.flatMap(({ namespace, name }) => {
    const owner = `${namespace}/${name}`;
    const found = view
      .find("Load_Balancer", { external_ids: { "k8s.ovn.org/owner": owner, "k8s.ovn.org/kind": "Service" } })
      .filter((row) => networkOf(row) !== "");
    if (found.length === 0) absent.push(`service ${owner}`);
    return found
      .filter((row) => !goingNetworks.has(networkOf(row)))
      .map((row) => balancerRemoval(networkOf(row), { uuid: row._uuid, name: text(row, "name") }));
  });
  return { removals, absent };
}

/** All load balancers of a network's services. */
export function removeBalancers(view: ReadView, network: string): Removal[] {
  return balancersOfNetwork(view, network).map((row) =>
    balancerRemoval(network, { uuid: row._uuid, name: text(row, "name") }),
  );
}
