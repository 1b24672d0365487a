import { fault } from "../description/spec-field.ts";
import { nadOfKey } from "../naming/names.ts";
import { checkedList } from "../request/check-request.ts";

/** One entry of the annotation `k8s.v1.cni.cncf.io/network-status`, in the order and spelling CNI plugins use. */
export interface NetworkStatus {
  /** `namespace/name` of the NAD; on a primary network that of the cluster's own configuration, `ovn-kubernetes`. */
  readonly name: string;
  readonly interface: string;
  /** Without prefix length; absent when the port has a MAC only. */
  readonly ips?: readonly string[];
  readonly mac: string;
  /** Whether the pod's default route leads there: on primary networks. Absent: no. */
  readonly default?: true;
  readonly dns: Readonly<Record<string, never>>;
}

/**
 * The entries of a pod's network-status for its user-defined networks; that of the cluster's own network is not ours.
 *
 * Throws `SpecError` for what plain JavaScript may give instead: a status that lacks something is no use to whoever reads it.
 *
 * @param attachments In the order of the pod's annotation; addresses with or without length.
 */
export function networkStatus(
  attachments: readonly {
    /** NAD key, see `AttachmentInput.nad`. */
    readonly nad: string;
    /** Name of the interface in the pod, such as `net1`. */
    readonly interface: string;
    readonly ips: readonly string[];
    readonly mac: string;
    /** Whether it is the pod's primary network. Default: no. */
    readonly primary?: boolean | undefined;
  }[],
): NetworkStatus[] {
  return checkedList("attachments", attachments).map((attachment, index) => {
    checkAttached(`attachments[${index}]`, attachment);
    const ips = attachment.ips.map((ip) => ip.replace(/\/.*$/, ""));
    return {
      name: attachment.primary ? "ovn-kubernetes" : nadOfKey(attachment.nad),
      interface: attachment.interface,
      ...(ips.length > 0 && { ips }),
      mac: attachment.mac,
      ...(attachment.primary && { default: true as const }),
      dns: {},
    };
  });
}

function checkAttached(path: string, attachment: Parameters<typeof networkStatus>[0][number]): void {
  if (typeof attachment !== "object" || attachment === null)
    throw fault(path, attachment, "must be an object with nad, interface, ips and mac");
  for (const field of ["nad", "interface", "mac"] as const)
    if (typeof attachment[field] !== "string")
      throw fault(`${path}.${field}`, attachment[field], "must be a text");
  for (const [index, ip] of checkedList(`${path}.ips`, attachment.ips).entries())
    if (typeof ip !== "string") throw fault(`${path}.ips[${index}]`, ip, "must be a text");
  const { primary } = attachment;
  if (primary !== undefined && typeof primary !== "boolean")
    throw fault(`${path}.primary`, primary, "must be true or false");
}
