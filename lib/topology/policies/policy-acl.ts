import type { DesiredRow } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { keyedUuid } from "../naming/ids.ts";
import type { OwnerIds } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import type { LogSeverity, PolicyType } from "../request/policy-input.ts";

/** The Meter that limits the log of all ACLs. */
export const LOGGING_METER = "acl-logging";

/** Most characters that the schema and upstream allow in the name of an ACL. */
const LONGEST_NAME = 63;

/** The tier of policies; the ones before it are for what administrators say. */
const TIER = 2;

/** An ACL of a policy or of a namespace's default, in the port group of that name. */
export function policyAclRow(
  { name: network }: NetworkSpec,
  group: string,
  ids: OwnerIds,
  acl: {
    readonly type: PolicyType;
    readonly name: string;
    readonly priority: number;
    readonly match: string;
    readonly action: "drop" | "allow" | "allow-related" | "allow-stateless";
    /** Absent: nothing is logged. */
    readonly severity?: LogSeverity | undefined;
  },
): DesiredRow {
  const { type, name, priority, match, action, severity } = acl;
  const isEgress = type === "Egress";
  return {
    key: rowKey("ACL", ids.id),
    kind: "acl",
    name: ids.id,
    identity: {
      parent: rowKey("Port_Group", group),
      column: "acls",
      match: {},
      keys: { external_ids: { "k8s.ovn.org/id": ids.id } },
    },
    uuid: keyedUuid("ACL", "", ids.id),
    columns: {
      direction: isEgress ? "from-lport" : "to-lport",
      priority,
      match,
      action,
      tier: TIER,
      meter: LOGGING_METER,
      name: [...name].slice(0, LONGEST_NAME).join(""),
      log: severity !== undefined,
      ...(severity !== undefined && { severity }),
    },
    keys: { external_ids: ids.externalIds, options: isEgress ? { "apply-after-lb": "true" } : {} },
    // Tiers came with OVN 23.06. Without them all ACLs are compared by priority, in which ours do not clash.
    unsupported: { tier: "omit" },
    network,
  };
}

/** The Meter that those ACLs name, as upstream makes it; 20 packets a second is its default. */
export function loggingMeterRows(): DesiredRow[] {
  const band = { action: "drop", rate: 20 };
  return [
    {
      key: rowKey("Meter", LOGGING_METER),
      kind: "log meter",
      name: LOGGING_METER,
      columns: { unit: "pktps", fair: true, bands: [{ ref: "Meter_Band/drop 20" }] },
      unsupported: { fair: "omit" },
    },
    {
      key: "Meter_Band/drop 20",
      kind: "log meter band",
      name: "drop 20",
      identity: { parent: rowKey("Meter", LOGGING_METER), column: "bands", match: band },
      columns: band,
    },
  ];
}
