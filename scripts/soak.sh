#!/usr/bin/env bash
# npm run soak -- [--minutes N] [--scenario NAME] [--seed S] [--kills N] [--pods N]: runs real databases under faults for so
# long, reports what it saw, and fails when a promise was not kept. See CONTRIBUTING.md.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
bash scripts/build.sh
bash scripts/compile-tests.sh --examples
exec node build/test/soak/main.js "$@"
