import type { AnyRow, ReadView } from "../../database/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { routerToSwitchPortName, transitToSwitchPortName } from "../naming/names.ts";
import type { Observed, ObservedPort, ObservedRouterPorts } from "../request/inputs.ts";
import { networkOf, stringMap, text, texts } from "./observe.ts";

/** Pods' ports that are planned: on which switches, and under which names. */
export interface Sites {
  readonly switchNames: ReadonlySet<string>;
  readonly portNames: ReadonlySet<string>;
}

/**
 * Reads what the database holds of one network, of its ports only what the planned ones have to do with: on a layer3 network
 * the other nodes' switches say nothing about their addresses. `switches` are those of the network, at least of the nodes.
 */
export function observeNetwork(
  view: ReadView,
  spec: NetworkSpec,
  nodes: readonly string[],
  sites: Sites,
  switches: readonly AnyRow[],
): Required<Pick<Observed, "ports" | "claims" | "routerPorts" | "gatewayChassis">> {
  const isLayer3 = spec.topology === "layer3";
  return {
    ports: sites.portNames.size === 0 ? [] : observeSites(view, spec, switches, sites),
    claims: (uuid) => view.byUuid("Logical_Switch_Port", uuid) !== undefined,
    routerPorts: observeRouterPorts(view),
    gatewayChassis: isLayer3
      ? observeGatewayChassis(
          view,
          nodes.map((node) => routerToSwitchPortName(spec.name, node)),
        )
      : observeGatewayChassis(view, [transitToSwitchPortName(spec.name)]),
  };
}

/** Who claims nodes' subnets. */
export function observeRouterPorts(view: ReadView): ObservedRouterPorts {
  return {
    nameOf: (uuid) => {
      const port = view.byUuid("Logical_Router_Port", uuid);
      return port && text(port, "name");
    },
    has: (name) => view.find("Logical_Router_Port", { name }).length > 0,
  };
}

function observeSites(
  view: ReadView,
  spec: NetworkSpec,
  switches: readonly AnyRow[],
  { switchNames, portNames }: Sites,
): ObservedPort[] {
  if (spec.topology !== "layer3") return switches.flatMap((row) => observePorts(view, row));
  const here = switches
    .filter((row) => switchNames.has(text(row, "name")))
    .flatMap((row) => observePorts(view, row));
  const seen = new Set(here.map(({ name }) => name));
  const elsewhere = [...portNames]
    .filter((name) => !seen.has(name))
    .flatMap((name) => observeElsewhere(view, spec.name, name, switchNames));
  return [...here, ...elsewhere];
}

/** The ports of that name on other switches of the network. */
export function observeElsewhere(
  view: ReadView,
  network: string,
  portName: string,
  switchNames: ReadonlySet<string>,
): ObservedPort[] {
  return view.find("Logical_Switch_Port", { name: portName }).flatMap((port) =>
    view
      .referrers(port._uuid, "Logical_Switch", "ports")
      .filter((row) => networkOf(row) === network && !switchNames.has(text(row, "name")))
      .map((row) => observePort(view, text(row, "name"), port)),
  );
}

/** What the ports on a switch tell. */
export function observePorts(view: ReadView, row: AnyRow): ObservedPort[] {
  return texts(row, "ports").flatMap((uuid) => {
    const port = view.byUuid("Logical_Switch_Port", uuid);
    return port === undefined ? [] : [observePort(view, text(row, "name"), port)];
  });
}

/** What was read of a version of a row before; a switch may have many thousand ports, and few change between two plans. */
const seenPorts = new WeakMap<AnyRow, ObservedPort>();

function observePort(view: ReadView, switchName: string, port: AnyRow): ObservedPort {
  const seen = seenPorts.get(port);
  if (seen?.switchName === switchName) return seen;
  const observed = readPort(view, switchName, port);
  // What stands in other rows may change without this one.
  if (text(port, "type") !== "router") seenPorts.set(port, observed);
  return observed;
}

/** What a port on a switch of that name tells. */
export function readPort(view: ReadView, switchName: string, port: AnyRow): ObservedPort {
  const dynamic = port["dynamic_addresses"];
  return {
    uuid: port._uuid,
    name: text(port, "name"),
    switchName,
    addresses: [...texts(port, "addresses"), ...otherAddresses(view, port)],
    portSecurity: texts(port, "port_security"),
    externalIds: stringMap(port, "external_ids"),
    options: stringMap(port, "options"),
    enabled: typeof port["enabled"] === "boolean" ? port["enabled"] : null,
    dynamicAddresses: typeof dynamic === "string" ? dynamic : null,
  };
}

/** A port to a router says only `router`, and a virtual one nothing; what they occupy stands elsewhere. */
function otherAddresses(view: ReadView, port: AnyRow): readonly string[] {
  switch (text(port, "type")) {
    case "router":
      return view
        .find("Logical_Router_Port", { name: text(port, "options", "router-port") })
        .flatMap((row) => texts(row, "networks"));
    case "virtual":
      return [text(port, "options", "virtual-ip")];
    default:
      return [];
  }
}

function observeGatewayChassis(
  view: ReadView,
  ports: readonly string[],
): NonNullable<Observed["gatewayChassis"]> {
  return ports.flatMap((name) => {
    const [port] = view.find("Logical_Router_Port", { name });
    if (port === undefined) return [];
    return texts(port, "gateway_chassis").flatMap((uuid) => {
      const row = view.byUuid("Gateway_Chassis", uuid);
      // One of another name was put there by somebody else.
      return row !== undefined && text(row, "name").startsWith(`${name}-`)
        ? [{ uuid, name: text(row, "name"), priority: Number(row["priority"]) }]
        : [];
    });
  });
}
