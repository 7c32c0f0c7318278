#!/bin/bash
# Unit and property tests of every light crate.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
exec cargo test --release --locked --no-fail-fast --lib --bins
