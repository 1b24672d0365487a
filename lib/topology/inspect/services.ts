import { type AnyRow, checkView, type ReadView } from "../../database/index.ts";
import { grouped } from "../naming/grouped.ts";
import { order } from "../naming/order.ts";
import type { ServiceOverview } from "../observe/network-overview.ts";
import { networkOf, stringMap, text } from "../observe/observe.ts";
import { ownerOf } from "../services/observe-services.ts";
import { byName } from "./summary.ts";

/** A service on a primary network, and where it is reached. */
export interface ServiceSummary extends ServiceOverview {
  /** The network that it is on. */
  readonly network: string;
  /** Addresses with port and protocol, as in `10.96.0.10:80/tcp`, in the order of their load balancers' names. */
  readonly addresses: readonly string[];
}

/**
 * Reads all services on primary networks of a northbound database, by namespace, name and network; also those that a network
 * left which is gone. Throws `UsageError` for what is no view.
 */
export function listServices(view: ReadView): readonly ServiceSummary[] {
  checkView(view);
  const rows = view
    .find("Load_Balancer", { external_ids: { "k8s.ovn.org/kind": "Service" } })
    // Those of the cluster's own network say none.
    .filter((row) => networkOf(row) !== "");
  return [...grouped(rows, networkOf)]
    .flatMap(([network, balancers]) =>
      [...grouped(balancers, ownerOf)].map(([owner, own]) => summary(owner, network, own)),
    )
    .toSorted(
      (a, b) => order(a.namespace, b.namespace) || order(a.name, b.name) || order(a.network, b.network),
    );
}

function summary(owner: string, network: string, balancers: readonly AnyRow[]): ServiceSummary {
  const [namespace = "", name = ""] = owner.split("/", 2);
  return {
    namespace,
    name,
    network,
    balancers: balancers.length,
    // By their names the one for all nodes comes before those for one.
    addresses: [...new Set(byName(balancers).flatMap(addressesOf))],
  };
}

function addressesOf(balancer: AnyRow): readonly string[] {
  // Without a protocol ovn-northd takes TCP (ovn-nb(5), Load_Balancer, protocol).
  const protocol = text(balancer, "protocol") || "tcp";
  return Object.keys(stringMap(balancer, "vips"))
    .sort()
    .map((vip) => `${vip}/${protocol}`);
}
