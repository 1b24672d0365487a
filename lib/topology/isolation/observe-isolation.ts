import type { ReadView } from "../../database/index.ts";
import { networkOf, stringMap, text, texts } from "../observe/observe.ts";
import { LOGGING_METER } from "../policies/policy-acl.ts";
import { ISOLATION_GROUP } from "./isolation-ids.ts";
import type { ObservedIsolation } from "./observed-isolation.ts";

/** Reads what the cluster's own network has for pods of primary ones; nothing before somebody asks. */
export function observeIsolation(view: ReadView): ObservedIsolation {
  return new DefaultNetwork(view);
}

/** A class, since it is made for each plan and hardly ever asked: an object with functions of its own is slow to make. */
class DefaultNetwork implements ObservedIsolation {
  readonly #view: ReadView;

  constructor(view: ReadView) {
    this.#view = view;
  }

  get acls(): ObservedIsolation["acls"] {
    return this.#view
      .find("Port_Group", { name: ISOLATION_GROUP })
      .flatMap((group) => texts(group, "acls"))
      .flatMap((uuid) => this.#view.byUuid("ACL", uuid) ?? [])
      .map((acl) => ({
        uuid: acl._uuid,
        id: text(acl, "external_ids", "k8s.ovn.org/id"),
        match: text(acl, "match"),
      }));
  }

  get hasMeter(): boolean {
    return this.#view.find("Meter", { name: LOGGING_METER }).some((row) => texts(row, "bands").length > 0);
  }

  hasSwitch(node: string): boolean {
    return this.#view.find("Logical_Switch", { name: node }).some((row) => networkOf(row) === "");
  }

  port(name: string): ReturnType<ObservedIsolation["port"]> {
    const [row] = this.#view.find("Logical_Switch_Port", { name });
    return (
      row && {
        uuid: row._uuid,
        network: networkOf(row),
        addresses: [...texts(row, "addresses"), ...texts(row, "port_security")],
        options: stringMap(row, "options"),
      }
    );
  }
}
