import type { TlsFiles } from "../../lib/testing/index.ts";
import { layer3, type Network } from "../../lib/topology/index.ts";

/** What a client process is started with. */
export interface ClientTask {
  readonly remotes: string;
  readonly tls: TlsFiles;
  readonly nodes: readonly string[];
}

/** A pod that a client shall attach. */
export interface PodOrder {
  readonly name: string;
  readonly node: string;
}

/** What a client says: it is connected; it has attached a pod; what it has seen, when it is told to end. */
export type ClientMessage =
  | { readonly type: "ready" }
  | {
      readonly type: "attached";
      readonly pod: string;
      readonly port: string;
      readonly ips: readonly string[];
      /** From the order to the acknowledgement. */
      readonly milliseconds: number;
      /** Codes of the errors with which earlier attempts ended. */
      readonly errors: readonly string[];
    }
  | { readonly type: "violation"; readonly text: string }
  | { readonly type: "summary"; readonly looks: number; readonly refused: number; readonly resyncs: number };

/** The network that the pods are attached to: 1,022 addresses for each node. */
export const podNetwork: Network = layer3({
  name: "soak",
  nad: "default/soak",
  subnets: [{ cidr: "10.64.0.0/12", hostPrefix: 22 }],
});

/** How clients connect: as production does, but with little patience, since what is measured is how long they are lost. */
export const clientOptions = {
  probeInterval: 1_000,
  dialTimeout: 1_000,
  syncIdleTimeout: 5_000,
  minBackoff: 100,
  maxBackoff: 1_000,
} as const;
