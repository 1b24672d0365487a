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
    folders=(build/test/unit)
    ;;
  integration | all | coverage)
    bash scripts/setup.sh
    bash scripts/build.sh
    bash scripts/compile-tests.sh --examples
    folders=(build/test/integration)
    if [ "$kind" != integration ]; then folders=(build/test/unit "${folders[@]}"); fi
    ;;
  multinode)
    bash scripts/setup.sh
    bash scripts/setup-multinode.sh
    bash scripts/compile-tests.sh
    folders=(build/test/multinode)
    ;;
  *)
    echo "test.sh: unit, integration, multinode, all or coverage?" >&2
    exit 2
    ;;
esac

export TOTALS_FILE="${TOTALS_FILE:-$PWD/build/totals.txt}"
rm -f "$TOTALS_FILE"

mapfile -t files < <(find "${folders[@]}" -name '*.test.js' | LC_ALL=C sort)
alone=(node_modules/.bin/mocha --reporter scripts/mocha-reporter.cjs "${files[@]}" "$@")
status=0
if [ "$kind" = coverage ]; then
  node_modules/.bin/c8 "${alone[@]}" || status=$?
elif [ "$kind" = multinode ] || [ $# -gt 0 ]; then
  # Whole clusters take the machine for themselves; and whoever has arguments for Mocha looks for something in few tests.
  "${alone[@]}" || status=$?
else
  node scripts/run-mocha.mjs "${files[@]}" || status=$?
fi
node scripts/totals.mjs "$TOTALS_FILE" || status=1
exit "$status"
