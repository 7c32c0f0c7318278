#!/bin/bash
# Unit and property tests of every light crate, and the examples and proofs in their documentation.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
status=0
cargo test --release --locked --no-fail-fast --lib --bins || status=1
# That some programs do not compile is proved here, and nowhere else.
cargo test --release --locked --no-fail-fast --doc || status=1
cargo test --release --locked --no-fail-fast -p eval || status=1
exit $status
