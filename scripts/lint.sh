#!/bin/bash
# Every lint. Runs all of them, then fails if one did.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
failed=()

check() {
    local name=$1
    shift
    say "$name"
    "$@" || failed+=("$name")
}
# A tool that only some have.
check_if_installed() {
    if command -v "$2" >/dev/null; then check "$@"; else say "$1: skipped, $2 is not installed"; fi
}

check "formatting" cargo fmt --all --check
check "clippy" cargo clippy --release --locked --all-targets -- -D warnings
check "clippy (model worker)" cargo clippy --release --locked --all-targets -p lucid-engine-llama -- -D warnings
"$ROOT/scripts/build.sh" ui
check "clippy (shell)" cargo clippy --release --locked --all-targets -p lucid-shell -- -D warnings
check_if_installed "licences and advisories" cargo-deny check
check_if_installed "spelling" typos
check_if_installed "shell scripts" shellcheck -x scripts/*.sh scripts/suites/*.sh
check "interface" npm --prefix ui run --silent lint

[ ${#failed[@]} -eq 0 ] || die "failed: $(IFS=,; echo "${failed[*]}")"
say "no complaints"
