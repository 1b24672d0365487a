import type { DesiredRow } from "../../reconcile/index.ts";
import { bareAddress } from "../description/interface-address.ts";
import { gatewayRouterName, linkPortName, transitRouterName } from "../naming/names.ts";
import { innerPortRow } from "../primary/gateway-router.ts";
import { transitPortKey } from "../primary/primary-layer2.ts";
import { joinsOf, linksOf, type ZoneNode } from "../request/zone-node.ts";
import { type NetworkContext, networkIds } from "../rows/network-context.ts";
import { routeRow } from "../rows/unnamed-rows.ts";

/**
 * The gateway router of a node of another zone, seen from the transit router, which is one in all zones: a port without its
 * peer, and the way to its join addresses (go-controller/pkg/ovn/layer2_user_defined_network_controller.go).
 */
export function remoteGatewayRows(context: NetworkContext, node: ZoneNode): DesiredRow[] {
  const { spec } = context;
  const router = transitRouterName(spec.name);
  const links = linksOf(spec, node);
  const joins = joinsOf(spec, node);
  const port = innerPortRow(context, router, {
    name: linkPortName(gatewayRouterName(spec.name, node.name)),
    addresses: links.map((link) => link.router),
    options: { "requested-tnl-key": transitPortKey(node.id), "requested-chassis": node.chassis },
  });
  return [
    {
      ...port,
      keys: { ...port.keys, external_ids: { ...networkIds(context, {}), "k8s.ovn.org/node": node.name } },
    },
    ...links.flatMap(({ gateway }) => {
      const join = joins.find(({ address }) => address.family === gateway.address.family);
      return join === undefined
        ? []
        : [
            routeRow(context, router, {
              prefix: bareAddress(join),
              nexthop: bareAddress(gateway),
              node: node.name,
            }),
          ];
    }),
  ];
}
