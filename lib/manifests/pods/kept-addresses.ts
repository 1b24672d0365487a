import { type PodRecord, parseAddress } from "../../topology/index.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import type { Selection } from "./selections.ts";

/**
 * What of a pod's requests counts. What it was given once it keeps, and its interface has, whatever it asks for since, or asked
 * for where that was not heard (OVN-Kubernetes, `allocatePodAnnotationWithRollback`): a port with other addresses would not be
 * that interface's.
 */
export function requestsThatCount(
  object: KubernetesObject,
  { mac, ips = [], source }: Selection,
  recorded: PodRecord | undefined,
  problems: Problems,
): Pick<Selection, "mac" | "ips"> {
  const { ips: given = [], mac: givenMac } = recorded ?? {};
  const had = new Set(given.map(bare));
  const keeps = (what: string, asked: string, has: string): void =>
    problems.ignore(object, source, `the pod asks for ${what} ${asked}, and keeps what it was given, ${has}`);
  const isOther = given.length > 0 && ips.some((text) => !had.has(bare(text)));
  if (isOther) keeps(ips.length > 1 ? "the addresses" : "the address", ips.join(", "), given.join(", "));
  const isOtherMac = givenMac !== undefined && mac !== undefined && mac !== givenMac;
  if (isOtherMac) keeps("the MAC address", mac, givenMac);
  return {
    ...(mac === undefined || isOtherMac ? {} : { mac }),
    ...(ips.length === 0 || isOther ? {} : { ips }),
  };
}

/** An address without its length, however it is spelt. */
function bare(text: string): string {
  const [address = ""] = text.trim().split("/", 1);
  const parsed = parseAddress(address);
  return parsed === undefined ? address : `${parsed.family} ${parsed.value}`;
}
