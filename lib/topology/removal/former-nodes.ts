import type { AnyRow, ReadView } from "../../database/index.ts";
import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import { OF_FORMER_NODES } from "../addresses/node-subnets.ts";
import { parseAddressSet } from "../addresses/port-addresses.ts";
import { fault } from "../description/spec-field.ts";
import {
  gatewayRouterName,
  transitRouterPortName,
  transitSwitchName,
  transitSwitchPortName,
} from "../naming/names.ts";
import { text, texts } from "../observe/observe.ts";
import type { Sight } from "../observe/sight.ts";
import type { NetworkRequest } from "../request/request.ts";

/** What nodes must not share, the field that it follows from, and how a port is called that has it. */
interface Trait {
  readonly field: "id" | "gateway.mac" | "transitAddresses";
  readonly stem: string;
}

/**
 * Checks that no node gets what a node has that is not in the request any more: numbers of nodes that were deleted are given out
 * again. Two ports with one MAC and one address would take each other's packets, as long as the rows of the former node are there.
 *
 * @param rows What the network is to hold.
 * @param removals What goes in the same transaction.
 * @throws SpecError naming both nodes, and the field that says it.
 */
export function checkFormerNodes(
  view: ReadView,
  { spec, nodes }: NetworkRequest,
  rows: readonly DesiredRow[],
  sight: Sight,
  removals: readonly Removal[],
): void {
  if (spec.topology !== "layer3") return;
  const named = new Set(nodes.map(({ name }) => name));
  const transit = transitSwitchPortName(spec.name, "");
  const ways = rows.flatMap(({ kind, name }) => (kind === "transit switch port" ? [name] : []));
  const isGrowing = ways.some((name) => view.find("Logical_Switch_Port", { name }).length === 0);
  // Nodes of other zones have no more than a port there; to look for them takes as long as there are nodes.
  const joined = isGrowing ? portsOf(view, sight, transitSwitchName(spec.name)) : [];
  const former = new Set([
    ...sight.nodes.flatMap(({ name }) => (named.has(name) ? [] : [name])),
    ...joined.flatMap((row) => {
      const name = text(row, "name");
      const node = name.startsWith(transit) ? name.slice(transit.length) : "";
      return node === "" || named.has(node) ? [] : [node];
    }),
  ]);
  if (former.size === 0) return;
  const going = new Set(removals.map(({ uuid }) => uuid));
  const gateway = gatewayRouterName(spec.name, "");
  const traits: readonly Trait[] = [
    { field: "id", stem: `rtoj-${gateway}` },
    { field: "gateway.mac", stem: `rtoe-${gateway}` },
    { field: "transitAddresses", stem: transitRouterPortName(spec.name, "") },
    { field: "transitAddresses", stem: transit },
  ];
  const owners = new Map<string, string>();
  for (const { name, columns } of rows) {
    const trait = traits.find(({ stem }) => name.startsWith(stem));
    const mac = trait === undefined ? undefined : macOf(columns ?? {});
    if (trait !== undefined && mac !== undefined)
      owners.set(`${trait.field} ${mac}`, name.slice(trait.stem.length));
  }
  for (const node of former)
    for (const { field, stem } of traits) {
      const table = stem === transit ? "Logical_Switch_Port" : "Logical_Router_Port";
      const [port] = view.find(table, { name: stem + node });
      const mac = port === undefined || going.has(port._uuid) ? undefined : macOf(port);
      const owner = mac === undefined ? undefined : owners.get(`${field} ${mac}`);
      if (owner === undefined) continue;
      const input = nodes.find(({ name }) => name === owner);
      const value = field === "gateway.mac" ? input?.gateway?.mac : input?.[field];
      throw fault(
        `nodes[${owner}].${field}`,
        value,
        `is that of node ${node}, which is not in the request and has rows in the database (${OF_FORMER_NODES})`,
      );
    }
}

function portsOf(view: ReadView, { switches }: Sight, name: string): readonly AnyRow[] {
  return switches
    .filter((row) => text(row, "name") === name)
    .flatMap((row) => texts(row, "ports"))
    .flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? []);
}

/** The MAC of a router's port, or of a switch's port to another zone. */
function macOf({ mac, addresses }: { readonly [column: string]: unknown }): string | undefined {
  if (typeof mac === "string") return mac;
  const [first] = Array.isArray(addresses) ? addresses : [addresses];
  // Here the addresses have lengths, with which nothing else is to be read.
  return typeof first === "string" ? parseAddressSet(first.split(" ")[0] ?? "")?.mac : undefined;
}
