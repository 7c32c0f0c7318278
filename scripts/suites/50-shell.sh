#!/bin/bash
# The real shell, driven through WebDriver, with the scripted engine.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT/ui"
exec npm run --silent e2e
