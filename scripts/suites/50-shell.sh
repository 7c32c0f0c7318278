#!/bin/bash
# The real shell, driven through WebDriver, with the scripted engine.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT/ui"
export LUCID_BIN_DIR=$BIN LUCID_E2E_PICTURES=$OUT/test-logs
exec npm run --silent e2e
