#!/bin/bash
# Builds, then runs every suite of scripts/suites/, and prints how long each took.
# A suite that fails does not keep the others from running.
# ONLY="unit ui" runs just these.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

LOGS=$OUT/test-logs
rm -rf "$LOGS"
mkdir -p "$LOGS"
ROWS=() PASSED=0 FAILED=0

# Adds up what the test programs said they passed and failed: cargo, vitest, and
# the lines `ok NAME`, `not ok NAME` and `FAIL NAME` of our own scripts.
count() {
    sed -E 's/\x1b\[[0-9;]*m//g' "$1" | awk '
        /^test result: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1) } }
        /^ *Tests  / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1) } }
        /^ok +/ { p++ }
        /^(not ok|FAIL) / { f++ }
        END { print p + 0, f + 0 }'
}

# Shows that a long step is alive: what it has done so far, every 20 seconds.
watch() {
    local log=$1 name=$2 begin=$SECONDS
    # Waiting with `read` leaves no `sleep` behind that would hold the output open.
    while ! read -rt 20 <> <(:); do
        local counts
        read -ra counts < <(count "$log")
        local last
        last=$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-90)
        printf '%s    %s, %d s: %d passed, %d failed; %s%s\n' \
            "$DIM" "$name" $((SECONDS - begin)) "${counts[0]}" "${counts[1]}" "$last" "$PLAIN"
    done
}

# row NAME PASSED FAILED SECONDS
row() {
    ROWS+=("$(printf '%-24s %8s %8s %8s' "$@")")
    PASSED=$((PASSED + $2)) FAILED=$((FAILED + $3))
}

suite() {
    local name=$1 log=$LOGS/$1.log begin=$SECONDS status=0 watcher counts
    shift
    say "$name"
    : >"$log"
    watch "$log" "$name" &
    watcher=$!
    "$@" >"$log" 2>&1 </dev/null || status=$?
    kill "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null || true
    read -ra counts < <(count "$log")
    # A suite that breaks before it can count is one failure.
    if [ "$status" -ne 0 ] && [ "${counts[1]}" -eq 0 ]; then counts[1]=1; fi
    if [ "${counts[1]}" -ne 0 ] || [ "$status" -ne 0 ]; then
        printf '%s    failed; the whole output is in %s; it ends with:%s\n' "$RED" "$log" "$PLAIN"
        grep -E '^(test .* FAILED|not ok |FAIL |error(\[|:))|panicked at|✗|×' "$log" | head -40 | sed 's/^/    /' || true
        tail -n 40 "$log" | sed 's/^/    | /'
    fi
    row "$name" "${counts[0]}" "${counts[1]}" $((SECONDS - begin))
}

# A build is shown as it goes; nothing that needs it can pass when it fails.
build() {
    local begin=$SECONDS status=0
    "$ROOT/scripts/build.sh" "$1" </dev/null || status=1
    row "build $1" 0 $status $((SECONDS - begin))
    return $status
}

wanted() { [ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $1 "* ]]; }

START=$SECONDS
"$ROOT/scripts/setup.sh" || die "the machine could not be made ready"
row setup 0 0 $((SECONDS - START))

for part in core engine ui shell tests; do
    build $part || true
done

# Several suites need these models; fetching is not a test.
begin=$SECONDS status=0
say "models"
"$ROOT/scripts/model.sh" qwen2.5-coder-1.5b use-multilingual-3 smollm2-135m || status=1
row models 0 $status $((SECONDS - begin))

for script in "$ROOT"/scripts/suites/*.sh; do
    name=$(basename "$script" .sh)
    name=${name#*-}
    if wanted "$name"; then suite "$name" "$script"; fi
done

printf '\n%s%-24s %8s %8s %8s%s\n' "$BOLD" suite passed failed seconds "$PLAIN"
printf '%s\n' "${ROWS[@]}"
printf '%-24s %8s %8s %8s\n\n' all $PASSED $FAILED $((SECONDS - START))
echo "$PASSED passed, $FAILED failed"
[ $FAILED -eq 0 ]
