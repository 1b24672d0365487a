import { Daemon } from "./daemon.ts";
import { socketPath } from "./sandbox-directory.ts";

/** What an ovn-northd of a sandbox needs. */
export interface NorthdSpec {
  readonly directory: string;
  /** Remote of the northbound database. */
  readonly northbound: string;
  /** Remote of the southbound database. */
  readonly southbound: string;
  readonly timeout: number;
}

/** Starts ovn-northd(8); resolves when it is connected to both databases and holds the lock that lets it write. */
export async function startNorthd(spec: NorthdSpec, signal?: AbortSignal): Promise<Daemon> {
  socketPath(spec.directory, "northd.ctl");
  const daemon = new Daemon({
    name: "northd",
    program: "ovn-northd",
    directory: spec.directory,
    timeout: spec.timeout,
    args: [`--ovnnb-db=${spec.northbound}`, `--ovnsb-db=${spec.southbound}`],
    // "standby" until it holds the lock, "paused" when told so.
    isReady: async (northd) => (await northd.appctl("status")).includes("active"),
  });
  await daemon.start(signal);
  return daemon;
}
