import { checkView, type ReadView } from "../../database/index.ts";
import { order } from "../naming/order.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import type { PolicyOverview } from "../observe/network-overview.ts";
import { networksOf, text, texts } from "../observe/observe.ts";
import { POLICY_TYPE } from "../policies/policy-ids.ts";

/** A policy on one of the networks that it is about. */
export interface PolicySummary extends PolicyOverview {
  readonly network: string;
}

/**
 * Reads the policies of all networks of a northbound database, by network, namespace and name: those of `listNetworks`, without
 * the rest. Throws `UsageError` for what is no view.
 */
export function listPolicies(view: ReadView): readonly PolicySummary[] {
  checkView(view);
  return networksOf(view).flatMap((network) =>
    policiesOf(view, network).map((policy) => ({ ...policy, network })),
  );
}

/** The policies of a network. */
export function policiesOf(view: ReadView, network: string): readonly PolicyOverview[] {
  return view
    .find("Port_Group", { external_ids: { "k8s.ovn.org/owner-controller": controllerOf(network) } })
    .filter((row) => text(row, "external_ids", "k8s.ovn.org/owner-type") === POLICY_TYPE)
    .map((row) => {
      const [namespace = "", name = ""] = text(row, "external_ids", "k8s.ovn.org/name").split(":", 2);
      const ports = texts(row, "ports").flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? []);
      return {
        namespace,
        name,
        ports: ports.map((port) => text(port, "name")).sort(),
        acls: texts(row, "acls").length,
      };
    })
    .toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
}
