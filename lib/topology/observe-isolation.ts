import type { ReadView } from "../database/index.ts";
import { ISOLATION_GROUP } from "./isolation-ids.ts";
import { networkOf, stringMap, text, texts } from "./observe.ts";
import type { ObservedIsolation } from "./observed-isolation.ts";
import { LOGGING_METER } from "./policy-acl.ts";

/** Reads what the cluster's own network has for pods of primary ones; nothing before somebody asks. */
export function observeIsolation(view: ReadView): ObservedIsolation {
  return {
    get acls() {
      return view
        .find("Port_Group", { name: ISOLATION_GROUP })
        .flatMap((group) => texts(group, "acls"))
        .flatMap((uuid) => view.byUuid("ACL", uuid) ?? [])
        .map((acl) => ({
          uuid: acl._uuid,
          id: text(acl, "external_ids", "k8s.ovn.org/id"),
          match: text(acl, "match"),
        }));
    },
    get hasMeter() {
      return view.find("Meter", { name: LOGGING_METER }).some((row) => texts(row, "bands").length > 0);
    },
    hasSwitch: (node) => view.find("Logical_Switch", { name: node }).some((row) => networkOf(row) === ""),
    port: (name) => {
      const [row] = view.find("Logical_Switch_Port", { name });
      return (
        row && {
          uuid: row._uuid,
          network: networkOf(row),
          addresses: [...texts(row, "addresses"), ...texts(row, "port_security")],
          options: stringMap(row, "options"),
        }
      );
    },
  };
}
