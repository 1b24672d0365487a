#!/usr/bin/env bash
# test.sh unit|integration|multinode|all|coverage [MOCHA ARGUMENT ...]: sets up, builds, compiles, runs Mocha, prints
# the totals.
# `unit` needs neither daemons nor dist. The totals also go to the file that TOTALS_FILE names.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=$1
shift

case "$kind" in
  unit)
    bash scripts/setup.sh --without-ovn
    bash scripts/compile-tests.sh
    folders=('build/test/unit/**/*.test.js')
    ;;
  integration | all | coverage)
    bash scripts/setup.sh
    bash scripts/build.sh
    bash scripts/compile-tests.sh --examples
    folders=('build/test/integration/**/*.test.js')
    if [ "$kind" != integration ]; then folders=('build/test/unit/**/*.test.js' "${folders[@]}"); fi
    ;;
  multinode)
    bash scripts/setup.sh
    bash scripts/setup-multinode.sh
    bash scripts/compile-tests.sh
    folders=('build/test/multinode/**/*.test.js')
    ;;
  *)
    echo "test.sh: unit, integration, multinode, all or coverage?" >&2
    exit 2
    ;;
esac

export TOTALS_FILE="${TOTALS_FILE:-$PWD/build/totals.txt}"
rm -f "$TOTALS_FILE"

runner=(node_modules/.bin/mocha)
if [ "$kind" = coverage ]; then runner=(node_modules/.bin/c8 node_modules/.bin/mocha); fi

status=0
"${runner[@]}" --reporter scripts/mocha-reporter.cjs "${folders[@]}" "$@" || status=$?
node scripts/totals.mjs "$TOTALS_FILE" || status=1
exit "$status"
