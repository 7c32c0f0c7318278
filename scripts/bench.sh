#!/bin/bash
# `make bench`: measures, prints a table, writes target/bench/results.jsonl and docs/benchmarks.md.
# A group that fails says why, and its measures are left out.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" all
"$ROOT/scripts/model.sh"
. scripts/stage.sh
stage
install -C -m 755 "$BIN/lucid-bench" "$STAGE/bin/lucid-bench"

WORK=$(mktemp -d /var/tmp/lucid-bench-XXXXXX)
trap 'rm -rf "$WORK"' EXIT
chmod 777 "$WORK"
MODEL=$("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -rs '[.[] | select(.used)][0].path // empty')

groups() {
    local group
    for group in "$@"; do
        say "measuring: $group"
        LUCID_SHELL_TRACE=$WORK/trace.jsonl LUCID_BENCH_MODEL=$MODEL \
            in_session --parts sound,power,kernel -- \
            "$STAGE/share/lucid/scripts/furnished.sh" "$STAGE/bin/lucid-bench" \
            --results "$WORK/results.jsonl" --date "$(date -u +%F)" measure "$group" || say "not measured: $group"
    done
}
# The engine comes last, alone: it takes all the processor there is.
groups start idle search templates model json-schema shell engine

mkdir -p "$OUT/bench"
[ -s "$WORK/results.jsonl" ] || die "nothing could be measured"
cp "$WORK/results.jsonl" "$OUT/bench/results.jsonl"
"$BIN/lucid-bench" --results "$OUT/bench/results.jsonl" --date "$(date -u +%F)" page docs/benchmarks.md
say "results: $OUT/bench/results.jsonl, page: docs/benchmarks.md"
