/// <reference types="node" preserve="true" />
/**
 * The test kit: real OVN and Open vSwitch daemons for tests, in a private directory, in some tens of milliseconds.
 *
 * @packageDocumentation
 */

export type { ClusterWaitOptions, DatabaseCluster, LeaderOptions } from "./cluster.ts";
export { startCluster } from "./cluster.ts";
export type { ClusterOptions } from "./cluster-options.ts";
export type { ClusterStatus } from "./cluster-status.ts";
export type { Daemon } from "./daemon.ts";
export type { DatabaseServer, TcpAddress } from "./database-server.ts";
export type { CommandFailure } from "./errors.ts";
export { CommandError, MissingProgramsError, SandboxError } from "./errors.ts";
export type { FaultProxy, FaultProxyOptions, UntilOptions } from "./fault-proxy.ts";
export { startFaultProxy } from "./fault-proxy.ts";
export type { DirectionFaults, DropReply, Faults, ProxyConnection, Rewrite } from "./faults.ts";
export type {
  BackendKind,
  ChassisOptions,
  Datapath,
  EngineName,
  EnterCommand,
  FakeMultinodeOptions,
  FakeNode,
  MultinodeProbe,
  NodeKind,
  PhysicalHost,
  PhysicalHostOptions,
  Pod,
  PodInterfaceOptions,
  PodOptions,
  ProbeOptions,
  Route,
  UpstreamOptions,
} from "./multinode/index.ts";
export { FakeMultinode, probeMultinode, probeUpstream, UpstreamMultinode } from "./multinode/index.ts";
export type { SandboxOptions } from "./options.ts";
export type { MissingProgram, ProgramName } from "./programs.ts";
export { describeMissing, missingPrograms } from "./programs.ts";
export type { DirectionCounts, ProxyCounts } from "./proxy-counts.ts";
export type { Direction, ProxyMessage } from "./proxy-message.ts";
export type { RunOptions } from "./run-program.ts";
export type { Sandbox } from "./sandbox.ts";
export { startSandbox } from "./sandbox.ts";
export type { SchemaJson, SchemaSource, TableJson, WellKnownDatabase } from "./schema-source.ts";
export { installedSchema } from "./schema-source.ts";
export { stopSandbox } from "./stop-sandbox.ts";
export type { TlsFiles, TlsMaterial } from "./tls-material.ts";
export { makeTlsMaterial } from "./tls-material.ts";
