#!/bin/bash
# `make bench`: measures, prints a table, writes target/bench/results.jsonl and docs/benchmarks.md.
# A group that fails says why, and its measures are left out. ONLY="start idle" measures some groups.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" all eval
"$ROOT/scripts/model.sh"
. scripts/stage.sh
stage
install -C -m 755 "$BIN/lucid-bench" "$BIN/lucid-eval" "$STAGE/bin/"

WORK=$(mktemp -d /var/tmp/lucid-bench-XXXXXX)
trap 'rm -rf "$WORK"' EXIT
chmod 777 "$WORK"
MODEL=$("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -rs '[.[] | select(.used)][0].path // empty')

groups() {
    local group
    for group in "$@"; do
        say "measuring: $group"
        LUCID_SHELL_TRACE=$WORK/trace.jsonl LUCID_BENCH_MODEL=$MODEL LUCID_BENCH_ROOT=$STAGE/share/lucid \
            in_session --parts sound,power,kernel -- \
            "$STAGE/share/lucid/scripts/furnished.sh" "$STAGE/bin/lucid-bench" \
            --results "$WORK/results.jsonl" --date "$(date -u +%F)" measure "$group" || say "not measured: $group"
    done
}
# shellcheck disable=SC2086
groups ${ONLY:-start idle templates shell model engine json-schema}

mkdir -p "$OUT/bench"
[ -s "$WORK/results.jsonl" ] || die "nothing could be measured"
cp "$WORK/results.jsonl" "$OUT/bench/results.jsonl"
"$BIN/lucid-bench" --results "$OUT/bench/results.jsonl" --date "$(date -u +%F)" page docs/benchmarks.md
say "results: $OUT/bench/results.jsonl, page: docs/benchmarks.md"
