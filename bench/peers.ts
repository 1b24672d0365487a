import { execFileSync } from "node:child_process";
import type { Bench } from "./bench.ts";
import { type Client, type Measured, pythonClient } from "./client-process.ts";

/** Clients of others, each a program in bench/peers. */
const peers = {
  "python3-ovs": { client: pythonClient("idl"), needs: ["/usr/bin/python3", "-c", "import ovs.db.idl"] },
  ovsdbapp: { client: pythonClient("app"), needs: ["/usr/bin/python3", "-c", "import ovsdbapp"] },
  "ovn-nbctl daemon": { client: pythonClient("nbctl_daemon"), needs: ["ovn-nbctl", "--version"] },
  "ovn-nbctl": { client: pythonClient("nbctl"), needs: ["ovn-nbctl", "--version"] },
} as const;

export type PeerName = keyof typeof peers;

/** Those of the peers named that are to be measured and are there. */
export function peersOf(
  bench: Bench,
  names: readonly PeerName[],
  measure: (client: Client) => Promise<Measured>,
): Record<string, () => Promise<Measured>> {
  if (!bench.options.peers) return {};
  return Object.fromEntries(
    names.filter((name) => isThere(bench, name)).map((name) => [name, () => measure(peers[name].client)]),
  );
}

function isThere(bench: Bench, name: PeerName): boolean {
  const [program, ...args] = peers[name].needs;
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    bench.skip(name, `${program} ${args.join(" ")} fails; scripts/install-peers.sh installs what is missing`);
    return false;
  }
}
