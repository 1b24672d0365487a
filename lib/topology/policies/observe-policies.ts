import type { AnyRow, ReadView } from "../../database/index.ts";
import { parseAddress } from "../description/address.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { networkOf, switchesOfNetwork, text, texts } from "../observe/observe.ts";
import type { ObservedGroup, ObservedPolicies, ObservedSet } from "./observed-policies.ts";
import { LOGGING_METER } from "./policy-acl.ts";
import { NAMESPACE_TYPE, POLICY_TYPE, SELECTOR_TYPE } from "./policy-ids.ts";

const OWNER = "k8s.ovn.org/owner-controller";
const TYPE = "k8s.ovn.org/owner-type";

/** Reads what the database holds of a network's policies; of a network without any that takes two look-ups. */
export function observePolicies(view: ReadView, network: string): ObservedPolicies {
  return new NetworkPolicies(view, network);
}

/** A class, since most networks have none and are planned again and again: an object with functions of its own is slow to make. */
class NetworkPolicies implements ObservedPolicies {
  readonly sets: readonly ObservedSet[];
  readonly #view: ReadView;
  readonly #network: string;
  #groups: readonly ObservedGroup[] | undefined;
  #holders: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(view: ReadView, network: string) {
    this.#view = view;
    this.#network = network;
    const controller = controllerOf(network);
    this.sets = ownedBy(view, controller, "Address_Set", [SELECTOR_TYPE]).map((row) => ({
      uuid: row._uuid,
      name: text(row, "name"),
      addresses: texts(row, "addresses"),
    }));
  }

  /** Not read before somebody asks: they hold the ports of most pods. */
  get groups(): readonly ObservedGroup[] {
    const controller = controllerOf(this.#network);
    this.#groups ??= ownedBy(this.#view, controller, "Port_Group", [POLICY_TYPE, NAMESPACE_TYPE]).map((row) =>
      observeGroup(this.#view, controller, row),
    );
    return this.#groups;
  }

  get hasMeter(): boolean {
    return this.#view.find("Meter", { name: LOGGING_METER }).some((row) => texts(row, "bands").length > 0);
  }

  addressesOf(name: string): readonly string[] {
    return this.#ports(name).flatMap(addressesOfPort);
  }

  addressesKeptFor(name: string): readonly string[] {
    return this.#ports(name)
      .filter((row) => row["enabled"] === false && texts(row, "addresses").length === 0)
      .flatMap((row) => addressesIn(texts(row, "port_security")));
  }

  #ports(name: string): readonly AnyRow[] {
    return this.#view.find("Logical_Switch_Port", { name }).filter((row) => networkOf(row) === this.#network);
  }

  holders(): ReadonlyMap<string, readonly string[]> {
    this.#holders ??= findHolders(this.#view, this.#network);
    return this.#holders;
  }
}

function ownedBy(
  view: ReadView,
  controller: string,
  table: string,
  types: readonly string[],
): readonly AnyRow[] {
  return view
    .find(table, { external_ids: { [OWNER]: controller } })
    .filter((row) => types.includes(text(row, "external_ids", TYPE)));
}

function observeGroup(view: ReadView, controller: string, row: AnyRow): ObservedGroup {
  const acls = texts(row, "acls").flatMap((uuid) => view.byUuid("ACL", uuid) ?? []);
  const isOwn = (acl: AnyRow): boolean => text(acl, "external_ids", OWNER) === controller;
  return {
    uuid: row._uuid,
    name: text(row, "name"),
    type: text(row, "external_ids", TYPE),
    subject: text(row, "external_ids", "k8s.ovn.org/name"),
    direction: text(row, "external_ids", "direction"),
    ports: texts(row, "ports").flatMap((uuid) => {
      const port = view.byUuid("Logical_Switch_Port", uuid);
      return port === undefined ? [] : [{ uuid, name: text(port, "name") }];
    }),
    strangers: acls.filter((acl) => !isOwn(acl)).map((acl) => text(acl, "name") || acl._uuid),
    acls: acls.filter(isOwn).map((acl) => ({
      uuid: acl._uuid,
      id: text(acl, "external_ids", "k8s.ovn.org/id"),
      match: text(acl, "match"),
    })),
  };
}

function findHolders(view: ReadView, network: string): ReadonlyMap<string, readonly string[]> {
  const holders = new Map<string, string[]>();
  for (const row of switchesOfNetwork(view, network)) {
    for (const port of texts(row, "ports").flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? []))
      for (const address of addressesOfPort(port))
        holders.set(address, [...(holders.get(address) ?? []), text(port, "name")]);
  }
  return holders;
}

/** The addresses of a port as address sets have them. */
export function addressesOfPort(port: AnyRow): string[] {
  return addressesIn(texts(port, "addresses"));
}

/** Those in elements like `mac ip ip6`. */
function addressesIn(elements: readonly string[]): string[] {
  return elements.flatMap((element) =>
    element.split(/\s+/).filter((word) => parseAddress(word) !== undefined),
  );
}
