import type { ReadView } from "../../database/index.ts";
import type { NetworkRequest } from "../request/request.ts";
import type { BuiltAttachment } from "../rows/built-network.ts";
import { type BuiltServices, buildServices, noServices } from "./build-services.ts";
import { observeServices } from "./observe-services.ts";

/** Makes the rows of a network's services on what a database holds; without a request nobody looks at it. `leaving`: uuids of ports that go. */
export function planServices(
  view: ReadView,
  { spec, nodes, services }: NetworkRequest,
  attachments: readonly BuiltAttachment[],
  { prune, leaving }: { readonly prune: boolean; readonly leaving: ReadonlySet<string> },
): BuiltServices {
  if (services === undefined) return noServices;
  // Groups came with OVN 21.12 (schema 5.34).
  const groups =
    view.supports("Load_Balancer_Group") && view.supports("Logical_Switch", "load_balancer_group");
  const observed = observeServices(view, spec.name, leaving);
  return buildServices(spec, nodes, attachments, services, observed, { prune, groups });
}
