#!/usr/bin/env bash
# Every gate but the tests. Runs all of them, so that one run tells everything, and fails when one fails.
set -uo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh --without-ovn || exit 1

bin=node_modules/.bin
failed=()

gate() { # gate NAME COMMAND ...
  local name=$1 start=$SECONDS output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok      %-13s %ds\n' "$name" $((SECONDS - start))
  else
    printf 'FAILED  %-13s %ds\n%s\n' "$name" $((SECONDS - start)) "$output"
    failed+=("$name")
  fi
}

architecture() {
  "$bin/mocha" --forbid-pending build/test/unit/architecture.test.js
}

package_shape() {
  local folder status=0
  folder=$(mktemp -d)
  # The tarball that would be published; --ignore-scripts, as it is built already.
  npm pack --silent --ignore-scripts --pack-destination "$folder" >/dev/null &&
    "$bin/publint" run "$folder"/*.tgz --strict &&
    "$bin/attw" --profile esm-only "$folder"/*.tgz || status=1
  rm -rf "$folder"
  return "$status"
}

gate "format+lint" "$bin/biome" ci --colors=off --error-on-warnings
gate "build" bash scripts/build.sh
gate "types" bash scripts/compile-tests.sh --examples
gate "architecture" architecture
gate "generated" node scripts/check-generated.mjs build/lib
gate "API report" node scripts/api.mjs --check
gate "package" package_shape

if [ "${#failed[@]}" -gt 0 ]; then
  printf '\ncheck: %s failed\n' "$(IFS=,; echo "${failed[*]}" | sed 's/,/, /g')"
  exit 1
fi
