#!/usr/bin/env bash
# npm run scale [-- OPTION ...]: how long clusters of many chassis take to follow. Not for a machine that does other work.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
bash scripts/setup-multinode.sh
bash scripts/build.sh
exec node scripts/scale.mjs "$@"
