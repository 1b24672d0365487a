#!/usr/bin/env bash
# bench.sh MAIN [ARGUMENT ...]: sets up, builds, and runs a program of bench/, such as main or curves.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$1
shift

bash scripts/setup.sh
bash scripts/build.sh
rm -rf build/bench
node_modules/.bin/tsc -p tsconfig.bench.json
exec node "build/bench/$program.js" "$@"
