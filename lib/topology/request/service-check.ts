import { formatAddress, parseAddress } from "../description/address.ts";
import { fault } from "../description/spec-field.ts";
import { order } from "../naming/order.ts";
import type { ServiceInput } from "./service-input.ts";

/** How faults of a service begin. */
export function servicePath({ namespace, name }: Pick<ServiceInput, "namespace" | "name">): string {
  return `services[${namespace}/${name}]`;
}

/**
 * The services in order.
 *
 * @throws SpecError for what Kubernetes would not have taken.
 */
export function checkedServices(services: readonly ServiceInput[]): readonly ServiceInput[] {
  const sorted = services.toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
  for (const [index, service] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && servicePath(before) === servicePath(service))
      throw fault(servicePath(service), service.name, "is there twice", service.source);
    checkService(service);
  }
  checkTaken(sorted);
  return sorted;
}

/** Two services at one address and port would be two load balancers of one vip, and nothing says which of them wins. */
function checkTaken(services: readonly ServiceInput[]): void {
  const owners = new Map<string, ServiceInput>();
  for (const service of services)
    for (const [index, { protocol = "TCP", port, nodePort = 0 }] of service.ports.entries()) {
      const taken = (field: string, value: number, what: string): void => {
        const owner = owners.get(what) ?? service;
        owners.set(what, owner);
        if (owner === service) return;
        const problem = `is that of ${servicePath(owner)} too (${what})`;
        throw fault(`${servicePath(service)}.ports[${index}].${field}`, value, problem, service.source);
      };
      for (const text of service.clusterIPs) {
        const address = parseAddress(text);
        if (address !== undefined) taken("port", port, `${protocol} ${formatAddress(address)} port ${port}`);
      }
      if (nodePort !== 0) taken("nodePort", nodePort, `${protocol} node port ${nodePort}`);
    }
}

function checkService(service: ServiceInput): void {
  const refuse = (field: string, value: unknown, problem: string): never => {
    throw fault(`${servicePath(service)}.${field}`, value, problem, service.source);
  };
  const { clusterIPs, externalIPs = [], ports, affinityTimeout, slices = [] } = service;
  // A slash would stand between namespace and name of another one (external id `k8s.ovn.org/owner`).
  for (const field of ["namespace", "name"] as const)
    if (!/^[^\p{Cc}/]+$/u.test(service[field])) refuse(field, service[field], "must be a name of Kubernetes");
  if (clusterIPs.length === 0) refuse("clusterIPs", clusterIPs, "must not be empty");
  for (const [field, list] of Object.entries({ clusterIPs, externalIPs }))
    for (const [index, address] of list.entries())
      if (parseAddress(address) === undefined) refuse(`${field}[${index}]`, address, "must be an IP address");
  const seen = new Set<string>();
  for (const [index, { name = "", protocol = "TCP", port, nodePort = 0 }] of ports.entries()) {
    if (!isPort(port)) refuse(`ports[${index}].port`, port, "must be a whole number from 1 to 65535");
    if (nodePort !== 0 && !isPort(nodePort))
      refuse(`ports[${index}].nodePort`, nodePort, "must be a whole number from 1 to 65535");
    // Kubernetes lets two protocols have one node port, and nobody else (ValidateService).
    const nodePortKey = `${protocol} node port ${nodePort}`;
    if (nodePort !== 0 && seen.has(nodePortKey))
      refuse(`ports[${index}].nodePort`, nodePort, `is that of another port of the service (${nodePortKey})`);
    seen.add(nodePortKey);
    for (const key of [`name ${name}`, `${protocol} ${port}`]) {
      if (seen.has(key))
        refuse(`ports[${index}]`, { name, protocol, port }, "has the name or the port of another one");
      seen.add(key);
    }
  }
  if (
    affinityTimeout !== undefined &&
    !(Number.isInteger(affinityTimeout) && affinityTimeout >= 1 && affinityTimeout <= 86_400)
  )
    refuse("affinityTimeout", affinityTimeout, "must be a whole number of seconds from 1 to 86400");
  for (const [at, slice] of slices.entries()) {
    for (const [index, { port }] of slice.ports.entries())
      if (!isPort(port))
        refuse(`slices[${at}].ports[${index}].port`, port, "must be a whole number from 1 to 65535");
    for (const [index, { addresses = [] }] of slice.endpoints.entries())
      for (const address of addresses)
        if (parseAddress(address)?.family !== slice.family)
          refuse(
            `slices[${at}].endpoints[${index}].addresses`,
            address,
            `must be addresses of IPv${slice.family}`,
          );
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
