import type { AnyRow, ReadView } from "../../database/index.ts";
import { parseAddressSet } from "../addresses/port-addresses.ts";
import { type Cidr, containsAddress, parseCidr } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { nodeOfSwitch, text, texts } from "../observe/observe.ts";
import type { NetworkParts } from "../rows/built-network.ts";

/**
 * A note on the ports of pods that are not in the request, on switches that get other subnets: they keep addresses that fit none
 * of them, and nothing else tells. Looks at ports only where subnets change.
 *
 * @param switches Those of the network, as they are.
 * @param going Uuids of ports that are pruned.
 */
export function strandedNote(
  view: ReadView,
  spec: NetworkSpec,
  switches: readonly AnyRow[],
  built: NetworkParts,
  going: ReadonlySet<string>,
): string | undefined {
  const changing = changingSwitches(spec, switches, built);
  if (changing.length === 0) return undefined;
  const planned = new Set(built.attachments.map(({ portName }) => portName));
  let count = 0;
  for (const { row, subnets } of changing)
    for (const uuid of texts(row, "ports")) {
      const port = going.has(uuid) ? undefined : view.byUuid("Logical_Switch_Port", uuid);
      if (port === undefined || text(port, "external_ids", "k8s.ovn.org/nad") === "") continue;
      if (!planned.has(text(port, "name")) && isOutside(port, subnets)) count += 1;
    }
  if (count === 0) return undefined;
  const keep =
    count === 1
      ? "1 port of a pod that is not in the request keeps its address, which is"
      : `${count} ports of pods that are not in the request keep their addresses, which are`;
  return `network "${spec.name}": ${keep} outside of the subnets`;
}

/** A switch, and the subnets that it is to have. */
interface ChangingSwitch {
  readonly row: AnyRow;
  readonly subnets: readonly Cidr[];
}

function changingSwitches(
  spec: NetworkSpec,
  switches: readonly AnyRow[],
  built: NetworkParts,
): readonly ChangingSwitch[] {
  if (spec.topology === "layer3") {
    const nodes = built.nodes.filter(({ isNew }) => isNew);
    if (nodes.length === 0) return [];
    const changed = new Map(nodes.map(({ name, subnets }) => [name, subnets]));
    return switches.flatMap((row) => {
      const subnets = changed.get(nodeOfSwitch(spec.name, row) ?? "");
      return subnets === undefined
        ? []
        : [{ row, subnets: subnets.flatMap((each) => parseCidr(each) ?? []) }];
    });
  }
  if (spec.subnets.length === 0) return [];
  const wanted = built.rows.find(({ kind }) => kind === "layer2 switch" || kind === "localnet switch");
  const config = wanted?.keys?.["other_config"];
  if (wanted === undefined || config === undefined) return [];
  return switches.flatMap((row) => {
    const isSame = ["subnet", "ipv6_prefix"].every(
      (key) => text(row, "other_config", key) === (config[key] ?? ""),
    );
    return text(row, "name") !== wanted.name || isSame ? [] : [{ row, subnets: spec.subnets }];
  });
}

function isOutside(port: AnyRow, subnets: readonly Cidr[]): boolean {
  const addresses = texts(port, "addresses").flatMap((element) => parseAddressSet(element)?.addresses ?? []);
  return (
    addresses.length > 0 &&
    !addresses.some((address) => subnets.some((subnet) => containsAddress(subnet, address)))
  );
}
