import type { AnyRow } from "../../database/index.ts";
import { namePrefix } from "../naming/names.ts";
import { text } from "./observe.ts";

/** Which pod a port is for, and by which NAD. */
export interface PodOfPort {
  readonly namespace: string;
  readonly name: string;
  /** NAD key. */
  readonly nad: string;
}

/** Whether a port is a pod's. */
export function isPodPort(port: AnyRow): boolean {
  return text(port, "external_ids", "pod") === "true";
}

/** Tells for each of many ports which pod it is for. The prefix of a NAD is made once: a network has thousands of ports, and few NADs. */
export function podPorts(): (port: AnyRow) => PodOfPort {
  const prefixes = new Map<string, string>();
  return (port) => {
    const namespace = text(port, "external_ids", "namespace");
    const nad = text(port, "external_ids", "k8s.ovn.org/nad");
    let nadPrefix = prefixes.get(nad);
    if (nadPrefix === undefined) {
      nadPrefix = namePrefix(nad);
      prefixes.set(nad, nadPrefix);
    }
    // No key holds the pod's name; it is the rest of the port's.
    const portName = text(port, "name");
    const prefix = `${nadPrefix}${namespace}_`;
    return {
      namespace,
      name: portName.startsWith(prefix) ? portName.slice(prefix.length) : portName,
      nad,
    };
  };
}
