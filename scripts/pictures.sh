#!/usr/bin/env bash
# npm run pictures: writes the pictures of docs/pictures anew, from real databases.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
bash scripts/build.sh
exec node scripts/pictures.mjs
