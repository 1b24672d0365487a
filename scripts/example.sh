#!/usr/bin/env bash
# npm run example -- NAME: builds, and runs examples/NAME.ts on the database of OVN_NB_DB, else on one of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1-}
if [ ! -f "examples/$name.ts" ]; then
  if [ -n "$name" ]; then echo "There is no example $name." >&2; fi
  echo 'Usage: npm run example -- NAME, where NAME is one of these:' >&2
  printf '  %s\n' examples/*.ts | sed 's|examples/||; s|\.ts$||' >&2
  exit 2
fi
bash scripts/setup.sh
bash scripts/build.sh
node_modules/.bin/tsc -p tsconfig.examples.json
exec node scripts/example.mjs "$name"
