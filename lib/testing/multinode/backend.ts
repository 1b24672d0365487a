import type { Enclosure } from "../daemon.ts";
import type { RunOptions } from "../run-program.ts";
import type { WellKnownDatabase } from "../schema-source.ts";

/** What the nodes of a cluster are; see {@link FakeMultinodeOptions.backend}. */
export type BackendKind = "namespaces" | "containers";

/**
 * What a cluster runs in. There is a hub, which has the bridges that nodes are joined by, and machines. Each machine's
 * network namespace has a name that the hub's programs know (ip-netns(8)); pods and physical hosts are such alone.
 */
export interface Backend {
  readonly kind: BackendKind;
  /** Process id, out here, of the process whose end ends the hub. */
  readonly pid: number;
  /** Makes machines, each with a network namespace of its own and nothing in it. */
  addMachines(names: readonly string[], signal: AbortSignal | undefined): Promise<void>;
  /** How to run a program in a machine, or in a network namespace of the hub, or, without a name, in the hub. */
  enclosure(place?: string): Enclosure;
  /** Runs a program there to its end. @returns its standard output */
  run(
    place: string | undefined,
    command: string,
    args: readonly string[],
    options?: RunOptions,
  ): Promise<string>;
  /** Runs a shell script in the hub; the first command that fails ends it. */
  script(text: string): Promise<string>;
  /** Path, in the machines, of the schema that their OVN or Open vSwitch brings. */
  schema(database: WellKnownDatabase): string;
  /** Commands that end what does not end with the hub, for who stops a cluster that was left running. */
  readonly endCommands: readonly (readonly string[])[];
  /** Ends everything; resolves when all of it is gone. */
  stop(): Promise<void>;
  /** Lets everything go on after this process. */
  release(): Promise<void>;
}
