#!/usr/bin/env bash
# npm run demo [-- --keep | --stop DIR]: the networks of examples/article on a whole OVN cluster, with packets.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1-}" = --stop ] && [ -f dist/testing/index.js ]; then
  exec node scripts/demo.mjs "$@"
fi
bash scripts/setup.sh
bash scripts/setup-multinode.sh
bash scripts/build.sh
exec node scripts/demo.mjs "$@"
