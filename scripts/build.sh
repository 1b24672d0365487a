#!/usr/bin/env bash
# lib -> dist, from nothing, so that files that were removed from lib vanish from dist: declarations, the library, the command.
set -euo pipefail
cd "$(dirname "$0")/.."

# Most who call this have just changed to another commit, which may build with other tools.
bash scripts/setup.sh --without-ovn
rm -rf dist
node_modules/.bin/tsc -p tsconfig.build.json
node scripts/prune-declarations.mjs
node scripts/bundle-library.mjs
node scripts/bundle-command.mjs
chmod +x dist/cli/main.js
