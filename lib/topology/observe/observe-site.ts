import type { ReadView } from "../../database/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import type { Observed } from "../request/inputs.ts";
import { observeNode } from "./observe.ts";
import { observeElsewhere, observePorts, observeRouterPorts, readPort } from "./observe-network.ts";
import { portsOfSwitch } from "./port-index.ts";
import type { SwitchPorts } from "./switch-ports.ts";

/**
 * Reads of a network only what a pod on this node has to do with: its switch, and the ports of these names wherever they are.
 * On a layer3 network the other nodes' switches say nothing about this one's addresses.
 */
export function observeSite(
  view: ReadView,
  spec: NetworkSpec,
  switchName: string,
  portNames: readonly string[],
): Observed {
  const homes = view.find("Logical_Switch", { name: switchName });
  const elsewhere = portNames.flatMap((name) =>
    observeElsewhere(view, spec.name, name, new Set([switchName])),
  );
  const [home, ...namesakes] = homes;
  const here =
    home === undefined || namesakes.length > 0
      ? { ports: homes.flatMap((row) => observePorts(view, row)) }
      : observeHome(view, switchName, portsOfSwitch(view, home), portNames);
  return {
    nodes: spec.topology === "layer3" ? homes.flatMap((row) => observeNode(view, spec.name, row)) : [],
    ...here,
    ports: [...here.ports, ...elsewhere],
    routerPorts: observeRouterPorts(view),
    claims: (uuid) => view.byUuid("Logical_Switch_Port", uuid) !== undefined,
  };
}

/** Of the ports on a switch those of these names, and those of which the index cannot know what they hold. */
function observeHome(
  view: ReadView,
  switchName: string,
  held: SwitchPorts,
  portNames: readonly string[],
): Pick<Observed, "ports" | "held"> {
  const uuids = new Set(held.elsewhere);
  for (const name of portNames) {
    for (const { _uuid } of view.find("Logical_Switch_Port", { name })) if (held.has(_uuid)) uuids.add(_uuid);
  }
  const ports = [...uuids].flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? []);
  return { ports: ports.map((port) => readPort(view, switchName, port)), held };
}
