#!/usr/bin/env bash
# What clusters with packets need besides scripts/setup.sh, as far as this machine lacks it. Without the right to install
# it says what is missing and ends with 0: the tests then skip with their reason, or fail in CI.
set -euo pipefail
cd "$(dirname "$0")/.."

search_path="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
packages=()
need() { # need PROGRAM PACKAGE
  PATH="$search_path" command -v "$1" >/dev/null 2>&1 || packages+=("$2")
}
need ovn-controller ovn-host
need ip iproute2
need ethtool ethtool
need iptables iptables
need nsenter util-linux
need openssl openssl
need ping iputils-ping
need tcpdump tcpdump
need udhcpc udhcpc
if [ "${#packages[@]}" -eq 0 ]; then exit 0; fi

by_hand="setup: clusters with packets need: apt-get install ${packages[*]}"
as_root=()
if ! command -v apt-get >/dev/null 2>&1; then
  echo "$by_hand" >&2
  exit 0
elif [ "$(id -u)" -ne 0 ]; then
  # Without a terminal nobody can type a password.
  if command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=(sudo)
  else
    echo "$by_hand" >&2
    exit 0
  fi
fi

echo "setup: installing ${packages[*]} (without starting services)" >&2
"${as_root[@]}" bash scripts/install-ovn.sh "${packages[@]}" || echo "$by_hand" >&2
