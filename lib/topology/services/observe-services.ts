import type { AnyRow, ReadView } from "../../database/index.ts";
import { rowKey } from "../naming/row-key.ts";
import { networkOf, text, texts } from "../observe/observe.ts";

/** A Load_Balancer of a service as the database shows it. */
export interface ObservedBalancer {
  readonly uuid: string;
  readonly name: string;
  /** `namespace/name` of the service. */
  readonly owner: string;
  /** Keys of the switches, routers and groups that have it. */
  readonly holders: readonly string[];
}

/** What the database holds of a network's services. */
export interface ObservedServices {
  readonly balancers: readonly ObservedBalancer[];
  /** The addresses of a pod on the network by its port. */
  readonly addressesOf: (namespace: string, pod: string) => readonly string[];
}

/** A database without services. */
export const noServicesObserved: ObservedServices = Object.freeze({ balancers: [], addressesOf: () => [] });

const OWNER = "k8s.ovn.org/owner";
const HOLDERS = [
  ["Logical_Switch", "load_balancer"],
  ["Logical_Router", "load_balancer"],
  ["Load_Balancer_Group", "load_balancer"],
] as const;

/** The load balancers that say that they are of a service on the network. */
export function balancersOfNetwork(view: ReadView, network: string): readonly AnyRow[] {
  return view
    .find("Load_Balancer", { external_ids: { "k8s.ovn.org/network": network } })
    .filter((row) => isServices(row, network));
}

/** Whether a load balancer says that it is of a service on the network. */
export function isServices(balancer: AnyRow, network: string): boolean {
  return networkOf(balancer) === network && text(balancer, "external_ids", "k8s.ovn.org/kind") === "Service";
}

/** The service of a load balancer, `namespace/name`. */
export function ownerOf(balancer: AnyRow): string {
  return text(balancer, "external_ids", OWNER);
}

/** Reads what the database holds of a network's services. A pod whose port is among `leaving` has no address any more. */
export function observeServices(
  view: ReadView,
  network: string,
  leaving: ReadonlySet<string> = new Set(),
): ObservedServices {
  return {
    balancers: balancersOfNetwork(view, network).map((row) => ({
      uuid: row._uuid,
      name: text(row, "name"),
      owner: ownerOf(row),
      holders: HOLDERS.filter(([table, column]) => view.supports(table, column)).flatMap(([table, column]) =>
        view.referrers(row._uuid, table, column).map((holder) => rowKey(table, text(holder, "name"))),
      ),
    })),
    addressesOf: (namespace, pod) =>
      view
        .find("Logical_Switch_Port", {
          external_ids: { "k8s.ovn.org/network": network, namespace, pod: "true" },
        })
        // No key holds the pod's name; it is the rest of the port's.
        .filter(
          (port) =>
            !leaving.has(port._uuid) &&
            networkOf(port) === network &&
            text(port, "name").endsWith(`_${namespace}_${pod}`),
        )
        .flatMap((port) => texts(port, "addresses").flatMap((set) => set.split(" ").slice(1))),
  };
}
