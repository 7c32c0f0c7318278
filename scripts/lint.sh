#!/bin/bash
# Every lint. Runs all of them, then fails if one did.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
failed=() skipped=()

# A command that ends with 77 lacks something that it needs.
check() {
    local name=$1 status=0
    shift
    say "$name"
    "$@" || status=$?
    case $status in
        0) ;;
        77) skipped+=("$name") ;;
        *) failed+=("$name") ;;
    esac
}
# A tool that only some have: check_if_installed NAME HOW TOOL...
check_if_installed() {
    local name=$1 how=$2
    shift 2
    if command -v "$1" >/dev/null; then
        check "$name" "$@"
    else
        say "$name: skipped, $1 is not installed ($how)"
        skipped+=("$name")
    fi
}

check "formatting" cargo fmt --all --check
check "clippy" cargo clippy --release --locked --all-targets -- -D warnings
check "clippy (model worker)" cargo clippy --release --locked --all-targets -p lucid-engine-llama -- -D warnings
check "clippy (scorer of plans)" cargo clippy --release --locked --all-targets -p eval -- -D warnings
"$ROOT/scripts/build.sh" ui
check "clippy (shell)" cargo clippy --release --locked --all-targets -p lucid-shell -- -D warnings
check "spelling" scripts/spelling.sh
check_if_installed "licences and advisories" "cargo install cargo-deny, some minutes" cargo-deny check
check_if_installed "shell scripts" "apt-get install shellcheck" \
    shellcheck --severity=warning --shell=bash -x -P SCRIPTDIR -P . scripts/*.sh scripts/suites/*.sh .ci/run
check "interface" npm --prefix ui run --silent lint

[ ${#failed[@]} -eq 0 ] || die "failed: $(IFS=,; echo "${failed[*]}")"
if [ ${#skipped[@]} -gt 0 ]; then
    say "no complaints; skipped: $(IFS=,; echo "${skipped[*]}")"
else
    say "no complaints"
fi
