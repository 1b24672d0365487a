import { checkShape, maybe, oneOf, type ShapeOf } from "../description/input-shape.ts";
import { servicePath } from "./service-check.ts";
import type { ServiceInput, ServicePort } from "./service-input.ts";

const PROTOCOL: ShapeOf<ServicePort>["protocol"] = maybe(oneOf("TCP", "UDP", "SCTP"));

const SERVICE: ShapeOf<ServiceInput> = {
  namespace: "text",
  name: "text",
  clusterIPs: ["text"],
  externalIPs: maybe(["text"]),
  ports: [{ name: maybe("text"), protocol: PROTOCOL, port: "number", nodePort: maybe("number") }],
  externalTrafficPolicy: maybe(oneOf("Cluster", "Local")),
  internalTrafficPolicy: maybe(oneOf("Cluster", "Local")),
  affinityTimeout: maybe("number"),
  publishNotReadyAddresses: maybe("true or false"),
  slices: maybe([
    {
      family: oneOf(4, 6),
      ports: [{ name: maybe("text"), protocol: PROTOCOL, port: "number" }],
      endpoints: [
        {
          addresses: maybe(["text"]),
          pod: maybe("text"),
          node: maybe("text"),
          ready: maybe("true or false"),
          serving: maybe("true or false"),
          terminating: maybe("true or false"),
        },
      ],
    },
  ]),
  source: maybe("text"),
};

/** Throws `SpecError` for services of another shape. `path` is where they stand. */
export function checkServiceShapes(path: string, services: readonly ServiceInput[]): void {
  for (const [index, service] of services.entries()) {
    const isNamed = typeof service?.namespace === "string" && typeof service.name === "string";
    checkShape(isNamed ? servicePath(service) : `${path}[${index}]`, service, SERVICE, service?.source);
  }
}
