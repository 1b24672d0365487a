import * as v from "valibot";
import { map, withoutNulls } from "../objects/check.ts";
import { isAddress } from "../text/address-text.ts";

const address = v.pipe(v.string(), v.check(isAddress, "must be an IP address"));
const protocol = v.optional(v.picklist(["TCP", "UDP", "SCTP"], "must be one of TCP, UDP, SCTP"));
const port = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isInteger(value) && value >= 1 && value <= 65_535,
    "must be a whole number from 1 to 65535",
  ),
);
const nodePort = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
    "must be a whole number from 0 to 65535",
  ),
);
const traffic = v.optional(v.picklist(["Cluster", "Local"], "must be Cluster or Local"));
const seconds = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isInteger(value) && value >= 1 && value <= 86_400,
    "must be a whole number of seconds from 1 to 86400",
  ),
);

/** What has to be known of a Service before it is known whether it is one for us. */
export const ServiceKindSchema: v.GenericSchema<
  unknown,
  { readonly type?: string | undefined; readonly clusterIP?: string | undefined }
> = withoutNulls(map({ type: v.optional(v.string()), clusterIP: v.optional(v.string()) }));

/** `spec` of a Service with addresses (Kubernetes, `ServiceSpec`). */
export interface ServiceSpec {
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | undefined;
  readonly clusterIP: string;
  readonly clusterIPs?: readonly string[] | undefined;
  readonly externalIPs?: readonly string[] | undefined;
  readonly ports?:
    | readonly {
        readonly name?: string | undefined;
        readonly protocol?: "TCP" | "UDP" | "SCTP" | undefined;
        readonly port: number;
        readonly nodePort?: number | undefined;
      }[]
    | undefined;
  readonly sessionAffinity?: "None" | "ClientIP" | undefined;
  readonly sessionAffinityConfig?:
    | { readonly clientIP?: { readonly timeoutSeconds?: number | undefined } | undefined }
    | undefined;
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
  readonly internalTrafficPolicy?: "Cluster" | "Local" | undefined;
  readonly publishNotReadyAddresses?: boolean | undefined;
}

/** See {@link ServiceSpec}. */
export const ServiceSpecSchema: v.GenericSchema<unknown, ServiceSpec> = withoutNulls(
  map({
    type: v.optional(
      v.picklist(["ClusterIP", "NodePort", "LoadBalancer"], "must be ClusterIP, NodePort or LoadBalancer"),
    ),
    clusterIP: address,
    clusterIPs: v.optional(v.array(address)),
    externalIPs: v.optional(v.array(address)),
    ports: v.optional(
      v.array(map({ name: v.optional(v.string()), protocol, port, nodePort: v.optional(nodePort) })),
    ),
    sessionAffinity: v.optional(v.picklist(["None", "ClientIP"], "must be None or ClientIP")),
    sessionAffinityConfig: v.optional(
      map({ clientIP: v.optional(map({ timeoutSeconds: v.optional(seconds) })) }),
    ),
    externalTrafficPolicy: traffic,
    internalTrafficPolicy: traffic,
    publishNotReadyAddresses: v.optional(v.boolean()),
  }),
);

/** `status` of a Service: the addresses that a load balancer outside of the cluster gave it; some give names instead. */
export const ServiceStatusSchema: v.GenericSchema<
  unknown,
  {
    readonly loadBalancer?:
      | { readonly ingress?: readonly { readonly ip?: string | undefined }[] | undefined }
      | undefined;
  }
> = withoutNulls(
  map({ loadBalancer: v.optional(map({ ingress: v.optional(v.array(map({ ip: v.optional(address) }))) })) }),
);

/** An EndpointSlice (Kubernetes, `discovery.k8s.io`). */
export interface SliceObject {
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly ports?:
    | readonly {
        readonly name?: string | undefined;
        readonly protocol?: "TCP" | "UDP" | "SCTP" | undefined;
        readonly port?: number | undefined;
      }[]
    | undefined;
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?:
          | {
              readonly ready?: boolean | undefined;
              readonly serving?: boolean | undefined;
              readonly terminating?: boolean | undefined;
            }
          | undefined;
        readonly nodeName?: string | undefined;
        readonly targetRef?:
          | {
              readonly kind?: string | undefined;
              readonly name?: string | undefined;
              readonly namespace?: string | undefined;
            }
          | undefined;
      }[]
    | undefined;
}

/** See {@link SliceObject}. */
export const SliceSchema: v.GenericSchema<unknown, SliceObject> = withoutNulls(
  map({
    addressType: v.picklist(["IPv4", "IPv6", "FQDN"], "must be IPv4, IPv6 or FQDN"),
    ports: v.optional(v.array(map({ name: v.optional(v.string()), protocol, port: v.optional(port) }))),
    endpoints: v.optional(
      v.array(
        map({
          addresses: v.array(v.string()),
          conditions: v.optional(
            map({
              ready: v.optional(v.boolean()),
              serving: v.optional(v.boolean()),
              terminating: v.optional(v.boolean()),
            }),
          ),
          nodeName: v.optional(v.string()),
          targetRef: v.optional(
            map({
              kind: v.optional(v.string()),
              name: v.optional(v.string()),
              namespace: v.optional(v.string()),
            }),
          ),
        }),
      ),
    ),
  }),
);
