#!/bin/bash
# The interface: types, lints and components.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT/ui"
. ../scripts/tap.sh
status=0
check "lint" npm run --silent lint
npm run --silent test || status=1
[ $CHECKS_FAILED -eq 0 ] && exit $status
exit 1
