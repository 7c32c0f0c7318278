#!/bin/bash
# The shell: its own tests, then the real one driven through WebDriver, with the scripted engine.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
status=0
cargo test --release --locked --no-fail-fast -p lucid-shell || status=1
cd ui
export LUCID_BIN_DIR=$BIN LUCID_E2E_PICTURES=$OUT/test-logs
npm run --silent e2e || status=1
exit $status
