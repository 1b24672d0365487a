#!/usr/bin/env bash
# lib -> dist, from nothing, so that files that were removed from lib vanish from dist.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf dist
node_modules/.bin/tsc -p tsconfig.build.json
chmod +x dist/cli/main.js
