#!/usr/bin/env bash
# Installs the OVSDB clients of others that `npm run bench:peers` compares with, on Debian or Ubuntu, as root.
set -euo pipefail
cd "$(dirname "$0")/.."

exec bash scripts/install-ovn.sh python3-openvswitch python3-ovsdbapp ovn-common
