// Whole clusters; each file tells its part.

export type { BackendKind } from "./backend.ts";
export { FakeMultinode } from "./fake-multinode.ts";
export type { FakeNode } from "./fake-node.ts";
export type { EnterCommand } from "./left-running.ts";
export type { ChassisOptions, Datapath, EngineName, FakeMultinodeOptions, NodeKind } from "./options.ts";
export type { PhysicalHost, PhysicalHostOptions } from "./physical-host.ts";
export type { Pod, PodInterfaceOptions, PodOptions, Route } from "./pod.ts";
export { type MultinodeProbe, type ProbeOptions, probeMultinode } from "./probe.ts";
export { probeUpstream, UpstreamMultinode } from "./upstream.ts";
export type { UpstreamOptions } from "./upstream-options.ts";
