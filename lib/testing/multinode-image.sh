#!/usr/bin/env bash
# multinode-image.sh [--engine podman|docker] [--image NAME] [--suite SUITE]
# Makes the image for clusters whose nodes are containers, from the packages of this machine's Debian or Ubuntu: nothing
# comes from a registry of images. As root; takes about a minute. The image also does for an unmodified
# ovn-fake-multinode (CENTRAL_IMAGE, GW_IMAGE, CHASSIS_IMAGE, RELAY_IMAGE).
set -euo pipefail

usage() { sed -n "2,5s/^# //p" "$0"; }

engine=
image=localhost/ovn-multinode:latest
suite=
while [ "$#" -gt 0 ]; do
  case "$1" in
    --engine) engine=${2:?--engine needs a name} && shift 2 ;;
    --image) image=${2:?--image needs a name} && shift 2 ;;
    --suite) suite=${2:?--suite needs a name} && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

fail() {
  echo "multinode-image: $*" >&2
  exit 1
}

if [ -z "$engine" ]; then
  for candidate in podman docker; do
    if command -v "$candidate" >/dev/null 2>&1; then engine=$candidate && break; fi
  done
fi
[ -n "$engine" ] || fail "neither podman nor docker is installed"
[ "$(id -u)" -eq 0 ] || fail "making a root file system takes root"
command -v mmdebstrap >/dev/null 2>&1 || fail "mmdebstrap is not installed (apt-get install mmdebstrap)"
if [ -z "$suite" ]; then
  # shellcheck disable=SC1091
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  [ -n "$suite" ] || fail "which release? Give --suite"
fi

# What the kit runs in nodes, what people look with, and what ovn-fake-multinode's own script calls.
packages=(
  openvswitch-switch ovn-central ovn-host ovn-ic ovn-ic-db
  ethtool iproute2 iputils-ping isc-dhcp-client netcat-openbsd openssl procps tcpdump udhcpc
)
mapfile -t sources < <(find /etc/apt -name '*.sources' -o -name '*.list' | sort)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Keys for tests, as upstream's image has them: whoever has the image has them.
pki='chroot "$1" sh -ec "mkdir -p /opt/ovn && cd /opt/ovn && ovs-pki --dir=/opt/ovn/pki init && ovs-pki --dir=/opt/ovn/pki req+sign ovn switch"'
# A lease must not write the resolv.conf that nodes share.
dhcp='sed "/^make_resolv_conf()/a\    return" "$1/sbin/dhclient-script" >"$1/bin/fullstack-dhclient-script" && chmod 755 "$1/bin/fullstack-dhclient-script"'

mmdebstrap --quiet --variant=minbase --include="$(IFS=, && echo "${packages[*]}")" \
  --customize-hook="$pki" --customize-hook="$dhcp" \
  "$suite" "$folder/root.tar" "${sources[@]}"

# Upstream's script starts some daemons by hand, which need the folders that scripts make for others.
command='["/bin/sh", "-c", "mkdir -p /run/ovn /run/openvswitch /var/log/ovn; trap \"exit 0\" TERM; while :; do sleep 1000000 & wait; done"]'
"$engine" import --change "CMD $command" "$folder/root.tar" "$image"
