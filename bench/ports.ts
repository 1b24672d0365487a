import { createHash } from "node:crypto";

/** A row of Logical_Switch_Port as all workloads have it: six external_ids, two options. */
export interface Port {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly port_security: readonly string[];
  readonly external_ids: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export function portName(index: number): string {
  return `default_pod-${String(index).padStart(6, "0")}`;
}

export function port(index: number): Port {
  const octets = [index >> 16, (index >> 8) & 255, index & 255];
  const mac = `0a:58:0a:${octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":")}`;
  const address = `${mac} 10.${octets.join(".")}`;
  return {
    name: portName(index),
    addresses: [address],
    port_security: [address],
    external_ids: {
      namespace: `namespace-${index % 50}`,
      pod: "true",
      "k8s.ovn.org/name": `pod-${index}`,
      "k8s.ovn.org/nad": "default/bench",
      "k8s.ovn.org/network": "bench",
      "k8s.ovn.org/topology": "layer3",
    },
    options: { "iface-id-ver": uuidOf(`pod ${index}`), "requested-chassis": `node-${index % 100}` },
  };
}

export function switchName(index: number): string {
  return `switch-${index}`;
}

/** Spread over all bits: ovsdb-server hashes the first 32 of them, and no others. */
export function uuidOf(name: string): string {
  const hash = createHash("sha1").update(name).digest("hex");
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
