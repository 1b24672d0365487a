#!/usr/bin/env bash
# lib and test -> build, and the command of this tree as users have it: not bundled it starts four times as slow.
# With --examples also examples/*.ts and bench/, which import the package by its name and so need dist.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build
node_modules/.bin/tsc -p tsconfig.test.json
node scripts/bundle-command.mjs build/command
if [ "${1-}" = --examples ]; then
  node_modules/.bin/tsc -p tsconfig.examples.json
  node_modules/.bin/tsc -p tsconfig.bench.json
fi
