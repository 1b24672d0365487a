#!/usr/bin/env bash
# lib and test -> build. With --examples also examples/*.ts and bench/, which import the package by its name and so need
# dist.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build
node_modules/.bin/tsc -p tsconfig.test.json
if [ "${1-}" = --examples ]; then
  node_modules/.bin/tsc -p tsconfig.examples.json
  node_modules/.bin/tsc -p tsconfig.bench.json
fi
