import type { ReadView } from "../../database/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { layer2SwitchName, loadBalancerGroupNames, nodeSwitchName } from "../naming/names.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { networkOf, stringMap, text, texts } from "../observe/observe.ts";
import type { FormerWays } from "../request/inputs.ts";
import { hopsToNode } from "./ways-to-node.ts";

/**
 * What of a primary network the database holds for these nodes as they were.
 *
 * @param remote Those of other zones: what the switch over all zones has for a node is that of the one that is here.
 */
export function observeFormerWays(
  view: ReadView,
  spec: NetworkSpec,
  nodes: readonly string[],
  remote: ReadonlySet<string>,
): FormerWays {
  const switches =
    spec.topology === "layer3"
      ? nodes.map((node) => nodeSwitchName(spec.name, node))
      : nodes.filter((node) => !remote.has(node)).map(() => layer2SwitchName(spec.name));
  return {
    hops: new Set(nodes.flatMap((node) => hopsToNode(view, spec.name, node))),
    acls: switches.flatMap((name) => aclsOf(view, spec.name, name)),
    routerGroups: view.supports("Load_Balancer_Group")
      ? view
          .find("Load_Balancer_Group", { name: loadBalancerGroupNames(spec.name).routers })
          .map(({ _uuid }) => _uuid)
      : [],
  };
}

function aclsOf(view: ReadView, network: string, name: string): FormerWays["acls"] {
  return view
    .find("Logical_Switch", { name })
    .filter((row) => networkOf(row) === network)
    .flatMap((row) => texts(row, "acls").flatMap((uuid) => view.byUuid("ACL", uuid) ?? []))
    .flatMap((acl) => {
      const ids = stringMap(acl, "external_ids");
      const isOurs =
        ids["k8s.ovn.org/owner-controller"] === controllerOf(network) &&
        ids["k8s.ovn.org/owner-type"] === "NetpolNode";
      return isOurs
        ? [{ uuid: acl._uuid, id: text(acl, "external_ids", "k8s.ovn.org/id"), switchName: name }]
        : [];
    });
}
