#!/bin/bash
# What a machine can say about the text of programs. `make lint` looks at more of it.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
. scripts/tap.sh

# With the profile of the build: its macros and build scripts are there already.
check "clippy has no complaints" cargo clippy --release --locked --quiet --all-targets -- -D warnings
check "the spelling is right" scripts/spelling.sh
finish
