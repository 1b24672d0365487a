#!/usr/bin/env bash
# install-ovn.sh [PACKAGE ...]
# Installs OVN's and Open vSwitch's daemons, or the packages named, on Debian or Ubuntu, as root, without starting their
# services: this project starts its own daemons in its own folders, and the machine's networking is not its business.
#
# Services stay down by the way Debian has for that, /usr/sbin/policy-rc.d (invoke-rc.d(8)). A policy that is there
# already is kept beside ours, is asked about all other services, and is put back in every case; what a killed run
# left behind is put right by the next one.
set -euo pipefail

packages=("$@")
if [ "${#packages[@]}" -eq 0 ]; then packages=(ovn-central openvswitch-switch); fi

# The variables are for tests.
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
lock=${INSTALL_LOCK:-/run/ovn-northbound-install.lock}
kept=$policy.kept-by-ovn-northbound
marker="written by ovn-northbound's scripts/install-ovn.sh"
log=$(mktemp)

# One at a time: a second run would take the first one's policy for the machine's own.
if command -v flock >/dev/null 2>&1; then
  exec 9>"$lock"
  flock 9
fi

restore() {
  if [ -f "$policy" ] && grep -qF "$marker" "$policy"; then rm -f "$policy"; fi
  if [ -e "$kept" ] || [ -L "$kept" ]; then
    if [ -e "$policy" ] || [ -L "$policy" ]; then rm -f "$kept"; else mv "$kept" "$policy"; fi
  fi
}

finish() {
  restore
  rm -f "$log"
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

restore
if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$kept"; fi
(
  umask 022
  cat >"$policy.new" <<POLICY
#!/bin/sh
# $marker for the length of one apt-get; safe to delete
for word in "\$@"; do
  case "\$word" in
    ovn-* | ovs-* | ovsdb-* | openvswitch-*) exit 101 ;;
  esac
done
if [ -x "$kept" ]; then exec "$kept" "\$@"; fi
exit 0
POLICY
  chmod 755 "$policy.new"
  # One step, so that a half-written policy is never asked.
  mv "$policy.new" "$policy"
)

apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1 9>&-; }
install() { apt install -y --no-install-recommends "${packages[@]}"; }

# A fresh machine has no package lists, or old ones that name files which are gone.
install || { apt update && install; } || {
  tail -n 20 "$log" >&2
  exit 1
}
