import { checkFunctions, checkObject, UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";
import { checkShape, each, maybe, oneOf, type Shape } from "./description/input-shape.ts";
import { checkFlags } from "./description/known-keys.ts";
import type { ObservedIsolation } from "./isolation/observed-isolation.ts";
import type { NetworkRows } from "./observe/profile.ts";
import type { ObservedPolicies } from "./policies/observed-policies.ts";
import { checkedPod } from "./request/check-pod.ts";
import { checkedList } from "./request/check-request.ts";
import type { AttachmentInput, Observed } from "./request/inputs.ts";
import { checkPodShape } from "./request/node-shape.ts";
import type { BuiltAttachment } from "./rows/built-network.ts";
import type { ObservedServices } from "./services/observe-services.ts";

// What plain JavaScript may give the builders. Plans, which have checked their requests and looked at the database themselves, call
// the builders without. `SpecError` tells the place, and `UsageError` what is no part of a description.

const MAP = each("text");

const OBSERVED: Shape = {
  nodes: [{ name: "text", subnets: ["text"] }],
  others: maybe("any"),
  ports: [
    {
      ...{ uuid: "text", name: "text", switchName: "text", addresses: ["text"], portSecurity: ["text"] },
      ...{ externalIds: MAP, options: maybe(MAP), enabled: maybe("any"), dynamicAddresses: maybe("any") },
    },
  ],
  held: maybe("any"),
  claims: "any",
  leaving: maybe("any"),
  groups: maybe([{ uuid: "text", name: "text", loadBalancers: ["text"], users: maybe(["text"]) }]),
  gatewayChassis: maybe([{ uuid: "text", name: "text", priority: maybe("number") }]),
  routerPorts: maybe("any"),
  reserved: maybe("any"),
  routers: maybe([
    {
      name: "text",
      children: [
        {
          uuid: "text",
          column: oneOf("static_routes", "policies", "nat"),
          node: maybe("text"),
          values: each("any"),
        },
      ],
    },
  ]),
  former: maybe("any"),
  dhcp: maybe([{ uuid: "text", id: "text", options: MAP, users: "any" }]),
};

/** What the database holds of a network. */
export function checkObserved(observed: Observed): void {
  checkShape("observed", observed, OBSERVED);
  checkCallable("observed", observed, ["claims"]);
  checkFunctions(observed, ["leaving", "reserved"]);
}

const ACL: Shape = { uuid: "text", id: "text", match: "text" };

const OBSERVED_POLICIES: Shape = {
  groups: [
    {
      ...{ uuid: "text", name: "text", type: "text", subject: "text", direction: "text" },
      ...{ ports: [{ uuid: "text", name: "text" }], strangers: ["text"], acls: [ACL] },
    },
  ],
  sets: [{ uuid: "text", name: "text", addresses: ["text"] }],
  hasMeter: "true or false",
  addressesOf: "any",
  addressesKeptFor: "any",
  holders: "any",
};

/** The same of its policies. */
export function checkObservedPolicies(observed: ObservedPolicies): void {
  checkShape("observed", observed, OBSERVED_POLICIES);
  checkCallable("observed", observed, ["addressesOf", "addressesKeptFor", "holders"]);
}

const OBSERVED_SERVICES: Shape = {
  balancers: [{ uuid: "text", name: "text", owner: "text", holders: ["text"] }],
  addressesOf: "any",
};

/** The same of its services. */
export function checkObservedServices(observed: ObservedServices): void {
  checkShape("observed", observed, OBSERVED_SERVICES);
  checkCallable("observed", observed, ["addressesOf"]);
}

const OBSERVED_ISOLATION: Shape = { acls: [ACL], hasMeter: "true or false", hasSwitch: "any", port: "any" };

/** The same of the cluster's own network. */
export function checkObservedIsolation(observed: ObservedIsolation): void {
  checkShape("observed", observed, OBSERVED_ISOLATION);
  checkCallable("observed", observed, ["hasSwitch", "port"]);
}

function checkCallable<X extends object>(path: string, given: X, names: readonly (keyof X & string)[]): void {
  for (const name of names)
    if (typeof given[name] !== "function")
      throw new UsageError(`${path}.${name} is a function, and not ${sketch(given[name])}`);
}

const NETWORK_ROWS: Shape = {
  switches: [{ name: "text", externalIds: MAP, otherConfig: MAP }],
  nodeSwitches: maybe({ count: "number", withRole: "number" }),
  routers: [{ name: "text", externalIds: MAP }],
  ports: [{ name: "text", options: MAP }],
  groups: maybe(["text"]),
};

/** Rows as plain data. */
export function checkNetworkRows(rows: NetworkRows): void {
  checkShape("rows", rows, NETWORK_ROWS);
}

/** Pods; what else they have to say is looked at where it is read. */
export function checkPods(path: string, pods: readonly AttachmentInput[]): void {
  for (const [index, pod] of checkedList(path, pods).entries()) {
    const place = `${path}[${index}]`;
    checkPodShape(() => place, checkedPod(place, pod));
  }
}

const BUILT: Shape = {
  input: "any",
  ...{ portName: "text", addresses: "text", mac: "text", ips: ["text"], switchKey: "text" },
  ...{ exclusive: "true or false", unseen: "true or false", isRemote: "true or false" },
};

/** Pods with what `buildNetwork` decided for them. */
export function checkBuilt(attachments: readonly BuiltAttachment[]): void {
  for (const [index, attachment] of checkedList("attachments", attachments).entries()) {
    const place = `attachments[${index}]`;
    checkShape(place, attachment, BUILT);
    checkPodShape(() => `${place}.input`, checkedPod(`${place}.input`, attachment.input));
  }
}

/** What a builder is to do besides; all of it true or false. */
export function checkScope<X extends object>(scope: X, flags: readonly (keyof X & string)[]): void {
  checkObject("scope", scope);
  checkFlags(scope, flags);
}

/** Built rows: of each only that it is one. */
export function checkRows(path: string, rows: readonly object[]): void {
  for (const [index, row] of checkedList(path, rows).entries()) checkObject(`${path}[${index}]`, row);
}
