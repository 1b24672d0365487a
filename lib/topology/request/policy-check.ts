import { type Cidr, containsRange, parseCidr } from "../description/address.ts";
import { cidrProblem } from "../description/cidr-problem.ts";
import type { PolicyBlock, PolicyInput, PolicyPeer, PolicyPort } from "./policy-input.ts";

/** One thing in a policy that cannot be used. */
export interface PolicyProblem {
  /** The field within the policy's `spec`: `ingress[0].ports[1].endPort`. */
  readonly path: string;
  readonly value: unknown;
  readonly problem: string;
}

/** What Kubernetes allows as the name of a port (IANA service names). */
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])(?!-)(?!.*--)[a-z0-9-]+(?<!-)$/;

/** The public `policyProblems` without its checks. */
export function policyProblems(policy: PolicyInput): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const add = (path: string, value: unknown, problem: string): void => {
    problems.push({ path, value, problem });
  };
  if (policy.policyTypes.length === 0)
    add("policyTypes", policy.policyTypes, "must name Ingress, Egress or both: else no pod is closed");
  for (const [direction, field, rules] of [
    ["ingress", "from", (policy.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))],
    ["egress", "to", (policy.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }))],
  ] as const) {
    for (const [index, { peers = [], ports = [] }] of rules.entries()) {
      for (const [at, peer] of peers.entries())
        checkPeer(`${direction}[${index}].${field}[${at}]`, peer, add);
      for (const [at, port] of ports.entries()) checkPort(`${direction}[${index}].ports[${at}]`, port, add);
    }
  }
  return problems;
}

type Add = (path: string, value: unknown, problem: string) => void;

function checkPeer(path: string, peer: PolicyPeer, add: Add): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (ipBlock !== undefined) {
    if (podSelector !== undefined || namespaceSelector !== undefined)
      add(path, peer, "must have either ipBlock or selectors");
    checkBlock(`${path}.ipBlock`, ipBlock, add);
  } else if (podSelector === undefined && namespaceSelector === undefined) {
    // Upstream takes it for everybody, Kubernetes refuses it.
    add(path, peer, "must have podSelector, namespaceSelector or ipBlock");
  }
}

function checkBlock(path: string, { cidr, except = [] }: PolicyBlock, add: Add): void {
  const whole = checkCidr(`${path}.cidr`, cidr, add);
  for (const [index, text] of except.entries()) {
    const part = checkCidr(`${path}.except[${index}]`, text, add);
    if (whole === undefined || part === undefined) continue;
    if (whole.family !== part.family || !containsRange(whole, part) || whole.prefix === part.prefix)
      add(`${path}.except[${index}]`, text, `must be a part of ${cidr}`);
  }
}

/** OVN takes a match with host bits in a range for a mistake, and would leave out the whole rule. */
function checkCidr(path: string, text: string, add: Add): Cidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) add(path, text, cidrProblem(text));
  return cidr;
}

function checkPort(path: string, { port, endPort }: PolicyPort, add: Add): void {
  if (typeof port === "number" && !isPort(port)) add(`${path}.port`, port, "must be from 1 to 65535");
  if (typeof port === "string" && !PORT_NAME.test(port))
    add(`${path}.port`, port, "is neither a number nor the name of a port");
  if (endPort === undefined) return;
  if (!isPort(endPort)) add(`${path}.endPort`, endPort, "must be from 1 to 65535");
  else if (typeof port !== "number") add(`${path}.endPort`, endPort, "needs a number in port");
  else if (endPort < port) add(`${path}.endPort`, endPort, `must not be less than port ${port}`);
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** How faults of a policy begin. */
export function pathOf({ namespace, name }: PolicyInput): string {
  return `policies[${namespace}/${name}]`;
}
