#!/usr/bin/env bash
# npm run scale [-- OPTION ...]: how long clusters of many chassis take to follow, and large
# topologies to be written (--scenario topologies). Not for a machine that does other work.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
if [[ "$*" != *scenario?topologies* ]]; then
  bash scripts/setup-multinode.sh
fi
bash scripts/build.sh
exec node scripts/scale.mjs "$@"
