import { ask } from "./control.ts";
import { Daemon } from "./daemon.ts";
import { socketPath } from "./sandbox-directory.ts";

/** What an ovn-northd of a sandbox needs. */
export interface NorthdSpec {
  readonly directory: string;
  /** Socket of the northbound database. */
  readonly northbound: string;
  /** Socket of the southbound database. */
  readonly southbound: string;
  readonly timeout: number;
}

const selectGlobal = { op: "select", table: "SB_Global", where: [], columns: ["_uuid"] } as const;

/** Starts ovn-northd(8); resolves when it has read the northbound and written the southbound database once. */
export async function startNorthd(spec: NorthdSpec, signal?: AbortSignal): Promise<Daemon> {
  socketPath(spec.directory, "northd.ctl");
  const daemon = new Daemon({
    name: "northd",
    program: "ovn-northd",
    directory: spec.directory,
    timeout: spec.timeout,
    args: [`--ovnnb-db=unix:${spec.northbound}`, `--ovnsb-db=unix:${spec.southbound}`],
    // The `status` command says "active" as soon as northd holds the southbound lock, which proves nothing about
    // the northbound side. The row of SB_Global is made in the first round that had both databases.
    isReady: async (_northd, stop) => {
      const reply = await ask(spec.southbound, "transact", ["OVN_Southbound", selectGlobal], stop);
      const [selected] = reply as readonly { readonly rows?: readonly unknown[] }[];
      return selected?.rows?.length === 1;
    },
  });
  await daemon.start(signal);
  return daemon;
}
