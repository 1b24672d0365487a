import { limits } from "./container-engine.ts";
import type { EngineName } from "./options.ts";

/**
 * A shell script that stands in for podman or docker towards upstream's script (its RUNC_CMD), for what that leaves to
 * the engine's defaults and to a kernel with Open vSwitch's module:
 *
 * - containers get limits that this process may hand on, and no network of the engine's, as upstream's nodes use their
 *   own interfaces only;
 * - with packets switched in userspace, no checksum is left to a network card that is not there, and tunnels start
 *   from a userspace bridge that has the node's address.
 */
export function engineScript(engine: EngineName, datapath: "system" | "netdev"): string {
  const words = limits().map((limit) => `--ulimit=${limit}`);
  return `#!/bin/sh
if [ "$1" = run ]; then
  shift
  exec ${engine} run --network=none ${words.join(" ")} "$@"
fi
${datapath === "netdev" ? userspace(engine) : ""}
exec ${engine} "$@"
`;
}

function userspace(engine: EngineName): string {
  return `
inside() { ${engine} exec -i "$1" sh -s; }
if [ "$1" = exec ]; then
  node=$2
  case "$*" in
    *"ovs-ctl start"* | *start_northd* | *start_ovsdb* | *relay:*)
      inside "$node" <<'END'
ethtool -K eth1 tx off >/dev/null
ethtool -K eth2 tx off >/dev/null
END
      ;;
    *configure_ovn.sh*)
      ${engine} "$@" || exit
      inside "$node" <<'END'
set -e
mac=$(cat /sys/class/net/eth1/address)
address=$(ip -o -4 address show dev eth1 | awk '{ print $4 }')
echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore
ovs-vsctl add-br br-eth -- set Bridge br-eth datapath_type=netdev fail_mode=standalone \\
  "other-config:hwaddr=\\"$mac\\"" -- add-port br-eth eth1
ip address flush dev eth1
ip address add "$address" dev br-eth
ip link set br-eth up
ip link set br-ex up
END
      exit
      ;;
    *create_fake_vm.sh*)
      ${engine} "$@" || exit
      inside "$node" <<'END'
for pod in $(ip netns list | awk '{ print $1 }'); do
  ip netns exec "$pod" ethtool -K "$pod" tx off >/dev/null
done
END
      exit
      ;;
  esac
fi`;
}
