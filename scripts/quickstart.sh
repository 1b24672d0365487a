#!/usr/bin/env bash
# npm run quickstart [-- --keep | --stop DIR]: from a fresh checkout to networks in a real northbound database.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1-}" = --stop ] && [ -f dist/testing/index.js ]; then
  exec node scripts/quickstart.mjs "$@"
fi
bash scripts/setup.sh
bash scripts/build.sh
exec node scripts/quickstart.mjs "$@"
