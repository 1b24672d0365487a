import { constantRows, type DesiredRow } from "../../reconcile/index.ts";
import { rowKey } from "../naming/row-key.ts";
import type { Profile } from "../request/inputs.ts";

const protocols = [
  "arp",
  "arp-resolve",
  "bfd",
  "event-elb",
  "icmp4-error",
  "icmp6-error",
  "reject",
  "tcp-reset",
];
const protocolsOf: Readonly<Record<Profile, readonly string[]>> = {
  "ovn-kubernetes": [...protocols, "svc-monitor"],
  "ovn-kubernetes-2023": protocols,
};

/** Name of the Copp row that every cluster router refers to. */
export const DEFAULT_COPP = "ovnkube-default";

/** Key of the Copp row that every cluster router refers to. */
export const defaultCopp: string = rowKey("Copp", DEFAULT_COPP);

const bandKey = "Meter_Band/drop 25";

/**
 * Control plane protection, which all networks of a cluster share (go-controller/pkg/ovn/copp.go): one Copp, one Meter
 * per protocol, one Meter_Band for all of them.
 */
export function sharedRows(profile: Profile): readonly DesiredRow[] {
  const known = rowsOf.get(profile) ?? constantRows(makeRows(profile));
  rowsOf.set(profile, known);
  return known;
}

/** They are the same for every network. */
const rowsOf = new Map<Profile, readonly DesiredRow[]>();

function makeRows(profile: Profile): DesiredRow[] {
  const meters = protocolsOf[profile].map((protocol): readonly [string, string] => [
    protocol,
    `${protocol}-rate-limiter`,
  ]);
  const [first] = meters.map(([, name]) => name);
  const band = { action: "drop", rate: 25 };
  return [
    ...meters.map(
      ([, name]): DesiredRow => ({
        key: rowKey("Meter", name),
        kind: "meter",
        name,
        columns: { unit: "pktps", fair: true, bands: [{ ref: bandKey }] },
        // Without it a meter counts all chassis together, which limits more than is wanted but harms nothing.
        unsupported: { fair: "omit" },
      }),
    ),
    {
      key: bandKey,
      kind: "meter band",
      name: "drop 25",
      identity: { parent: rowKey("Meter", `${first}`), column: "bands", match: band },
      columns: band,
    },
    {
      key: defaultCopp,
      kind: "copp",
      name: DEFAULT_COPP,
      keys: { meters: Object.fromEntries(meters) },
    },
  ];
}
