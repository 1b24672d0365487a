import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Namespaces share /etc: a script that is not ours would write the machine's resolv.conf.
const script = `#!/bin/sh
case "$1" in
  bound | renew)
    ip address replace "$ip/$mask" dev "$interface"
    for gateway in $router; do
      ip route replace default via "$gateway" dev "$interface"
      break
    done
    ;;
  deconfig)
    ip -4 address flush dev "$interface"
    ip link set "$interface" up
    ;;
esac
`;

/** Path of the script by which udhcpc(8) configures a pod's interface. */
export function leaseScript(directory: string): string {
  const path = join(directory, "udhcpc-script");
  if (!existsSync(path)) {
    writeFileSync(path, script, { mode: 0o755 });
  }
  return path;
}
