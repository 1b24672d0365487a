#!/usr/bin/env bash
# Makes a fresh machine ready for this project: npm packages and, unless --without-ovn is given, OVN's daemons.
# Quiet and quick when everything is there. What it cannot install it names in one message, before it changes anything.
set -euo pipefail
cd "$(dirname "$0")/.."

with_ovn=yes
if [ "${1-}" = --without-ovn ]; then with_ovn=no; fi

minimum_node=20.19.0
# A plain user's PATH on Debian lacks the folders where ovsdb-server and ovn-northd may lie. (Variable for tests.)
search_path="$PATH:${SETUP_FOLDERS-/usr/local/sbin:/usr/sbin:/sbin}"

has() { PATH="$search_path" command -v "$1" >/dev/null 2>&1; }
say() { printf 'setup: %s\n' "$*" >&2; }

at_least() { # at_least HAVE WANT: compares dotted versions
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

problems=()

if ! has node; then
  problems+=("Node.js $minimum_node or newer, with npm")
else
  node_version=$(node -p process.versions.node)
  at_least "$node_version" "$minimum_node" || problems+=("Node.js $minimum_node or newer (this one is $node_version)")
fi

need_npm=no
if has node && ! node scripts/node-modules-fresh.mjs; then
  need_npm=yes
  has npm || problems+=("npm")
fi

missing=()
as_root=()
if [ "$with_ovn" = yes ]; then
  for program in ovsdb-server ovsdb-tool ovn-northd ovn-nbctl ovn-sbctl ovs-vsctl; do
    has "$program" || missing+=("$program")
  done
fi
if [ "${#missing[@]}" -gt 0 ]; then
  by_hand="${missing[*]} (Debian, Ubuntu: apt-get install ovn-central openvswitch-switch; Fedora: dnf install ovn-central openvswitch)"
  if ! has apt-get; then
    problems+=("$by_hand")
  elif [ "$(id -u)" -ne 0 ]; then
    # Without a terminal nobody can type a password.
    if has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as_root=(sudo)
    else
      problems+=("$by_hand; it takes root or sudo")
    fi
  fi
fi

if [ "${#problems[@]}" -gt 0 ]; then
  {
    echo "setup: nothing was changed. Please install these first, then run the same command again:"
    printf '  - %s\n' "${problems[@]}"
  } >&2
  exit 1
fi

if [ "${#missing[@]}" -gt 0 ]; then
  say "installing ovn-central and openvswitch-switch (without starting their services)"
  "${as_root[@]}" bash scripts/install-ovn.sh || {
    say "could not install OVN. Please install: $by_hand"
    exit 1
  }
fi

if [ "$need_npm" = yes ]; then
  say "installing npm packages"
  npm ci --no-audit --no-fund --loglevel=error >&2
fi
