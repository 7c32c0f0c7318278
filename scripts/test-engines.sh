#!/bin/bash
# `make test-engines`: the worker's tests, then every model of the catalogue in the worker:
# it must load, read, restore a capsule and write under a grammar. How quickly each does
# goes to docs/engines-report.md.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine

RESULTS=$OUT/engines
mkdir -p "$RESULTS"
rm -f "$RESULTS"/*.jsonl
failed=()

mapfile -t models < <("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -r .id)
"$ROOT/scripts/model.sh" "${models[@]}" || failed+=("fetching models")
cargo test --release --locked --no-fail-fast -p lucid-engine-llama 2>&1 | tee "$RESULTS/tests.log" || failed+=("tests")

while IFS=$'\t' read -r id path; do
    say "$id"
    if [ -z "$path" ]; then
        failed+=("$id: not here")
    elif "$BIN/lucid-engine-llama" bench --model "$path" </dev/null >"$RESULTS/$id.jsonl"; then
        jq -r '"    \(.name)\t\(.value * 10 | round / 10) \(.unit)"' "$RESULTS/$id.jsonl" | expand -t 32
    else
        rm -f "$RESULTS/$id.jsonl"
        failed+=("$id")
    fi
done < <("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -r '[.id, .path // ""] | @tsv')

machine() {
    local system=Linux
    [ -r /etc/os-release ] && system=$(. /etc/os-release && echo "${PRETTY_NAME:-Linux}")
    printf '%s, %s cores, %s GiB, %s' \
        "$(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -n 1 | grep . || uname -m)" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" "$system"
}

# figure ID NAME: one figure of a model, with its unit.
figure() {
    jq -rs --arg name "$2" 'map(select(.name == $name))[0] | "\(.value * 10 | round / 10) \(.unit)"' "$RESULTS/$1.jsonl"
}

report() {
    local id passed
    passed=$(awk '/^test result: / { p += $4; f += $6 } END { printf "%d passed, %d failed", p, f }' "$RESULTS/tests.log")
    cat <<PAGE
# Engines, measured

Written by \`make test-engines\` on $(date -u +%F), on this machine: $(machine). Every model of the catalogue loads in the
worker, reads a prompt, gets it back from a capsule, and writes, freely and under a grammar. What the worker is:
[engines.md](engines.md).

The worker's own tests: $passed.

| model | loading | reading | capsule back | writing | short answer under a grammar | memory |
|---|---:|---:|---:|---:|---:|---:|
PAGE
    for id in "${models[@]}"; do
        if [ -s "$RESULTS/$id.jsonl" ]; then
            printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$id" "$(figure "$id" load_ms)" \
                "$(figure "$id" prefill_tokens_per_s)" "$(figure "$id" capsule_restore_ms)" \
                "$(figure "$id" decode_tokens_per_s)" "$(figure "$id" short_answer_ms)" "$(figure "$id" rss_mb)"
        else
            printf '| %s | failed | | | | | |\n' "$id"
        fi
    done
}
report >"$RESULTS/report.md"
mv "$RESULTS/report.md" docs/engines-report.md
say "docs/engines-report.md"
[ ${#failed[@]} -eq 0 ] || die "failed: $(IFS=,; echo "${failed[*]}")"
