#!/bin/bash
# `make test-engines`: the workers' tests, then every model of the catalogue in the worker:
# it must load, read, restore a capsule and write under a grammar. How quickly each does
# goes to docs/engines-report.md. The smallest runs with mistral.rs too, where that builds.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine

RESULTS=$OUT/engines
SMALLEST=smollm2-135m
mkdir -p "$RESULTS"
rm -f "$RESULTS"/*.jsonl
failed=()

mapfile -t models < <("$ROOT/scripts/with-kernel.sh" lucid model list --json \
    | jq -r 'select(.engine == "llama").id')
"$ROOT/scripts/model.sh" "${models[@]}" || failed+=("fetching models")
{
    cargo test --release --locked --no-fail-fast -p lucid-engine-llama &&
        cargo test --release --locked --no-fail-fast -p worker -p lucid-engine-openai
} 2>&1 | tee "$RESULTS/tests.log" || failed+=("tests")

# llama.cpp's own server, in a Python package.
export LUCID_SERVER_PYTHON=$RESULTS/server/bin/python
if "$LUCID_SERVER_PYTHON" -c "import xllamacpp" 2>/dev/null ||
    { python3 -m venv "$RESULTS/server" && "$LUCID_SERVER_PYTHON" -m pip install -q --only-binary :all: xllamacpp==2026.10.11549; }; then
    cargo test --release --locked -p lucid-engine-openai --features real-server --test real_server 2>&1 \
        | tee -a "$RESULTS/tests.log" || failed+=("tests with a server")
else
    say "llama.cpp's server cannot be installed here; its test is left out"
fi

# Its build takes half an hour, and not every machine can do it.
mistralrs=no
if "$ROOT/scripts/build.sh" mistralrs; then
    mistralrs=yes
    (
        cd models/mistralrs
        CARGO_TARGET_DIR=$MISTRALRS_TARGET cargo test --release --locked --no-fail-fast \
            --features "${LUCID_MISTRALRS_FEATURES:-}"
    ) 2>&1 | tee -a "$RESULTS/tests.log" || failed+=("tests of mistral.rs")
else
    say "mistral.rs does not build here and is left out"
fi

# measure NAME WORKER FILE: writes the figures of a model.
measure() {
    say "$1"
    if "$BIN/$2" bench --model "$3" </dev/null >"$RESULTS/$1.jsonl"; then
        jq -r '"    \(.name)\t\(.value * 10 | round / 10) \(.unit)"' "$RESULTS/$1.jsonl" | expand -t 32
    else
        rm -f "$RESULTS/$1.jsonl"
        failed+=("$1")
    fi
}

rows=()
while IFS=$'\t' read -r id path; do
    rows+=("$id")
    if [ -z "$path" ]; then
        failed+=("$id: not here")
        continue
    fi
    measure "$id" lucid-engine-llama "$path"
    if [ "$mistralrs" = yes ] && [ "$id" = "$SMALLEST" ]; then
        rows+=("$id, mistral.rs")
        measure "$id, mistral.rs" lucid-engine-mistralrs "$path"
    fi
done < <("$ROOT/scripts/with-kernel.sh" lucid model list --json \
    | jq -r 'select(.engine == "llama") | [.id, .path // ""] | @tsv')

machine() {
    local system=Linux
    [ -r /etc/os-release ] && system=$(. /etc/os-release && echo "${PRETTY_NAME:-Linux}")
    printf '%s, %s cores, %s GiB, %s' \
        "$(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -n 1 | grep . || uname -m)" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" "$system"
}

# figure ID NAME: one figure of a model, with its unit.
figure() {
    jq -rs --arg name "$2" \
        'map(select(.name == $name))[0] | if . then "\(.value * 10 | round / 10) \(.unit)" else "–" end' \
        "$RESULTS/$1.jsonl"
}

report() {
    local id passed
    passed=$(awk '/^test result: / { p += $4; f += $6 } END { printf "%d passed, %d failed", p, f }' "$RESULTS/tests.log")
    cat <<PAGE
# Engines, measured

Written by \`make test-engines\` on $(date -u +%F), on this machine: $(machine). Every model of the catalogue loads in the
worker, reads a prompt, gets it back from a capsule, and writes, freely and under a grammar. What the worker is:
[engines.md](engines.md).

The workers' own tests: $passed. mistral.rs keeps no capsules.

| model | loading | reading | capsule back | writing | short answer under a grammar | memory |
|---|---:|---:|---:|---:|---:|---:|
PAGE
    for id in "${rows[@]}"; do
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
