#!/bin/bash
# The model worker with a real, small model.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
exec cargo test --release --locked --no-fail-fast -p lucid-engine-llama
