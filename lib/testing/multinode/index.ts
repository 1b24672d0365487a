// Whole clusters; each file tells its part.
export { FakeMultinode } from "./fake-multinode.ts";
export type { FakeNode } from "./fake-node.ts";
export type { EnterCommand } from "./left-running.ts";
export type { ChassisOptions, Datapath, FakeMultinodeOptions, NodeKind } from "./options.ts";
export type { PhysicalHost, PhysicalHostOptions } from "./physical-host.ts";
export type { ClusterKeys } from "./pki.ts";
export type { Pod, PodInterfaceOptions, PodOptions, Route } from "./pod.ts";
export { type MultinodeProbe, probeMultinode } from "./probe.ts";
