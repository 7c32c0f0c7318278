#!/bin/bash
# `make bench`: measures, prints a table, writes target/bench/results.jsonl and docs/benchmarks.md.
# A group that fails says why, the others are measured all the same, and the end is a failure.
# ONLY="start idle" measures some groups anew and keeps what is known of the others.
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
trap 'exit 130' INT TERM
chmod 777 "$WORK"
MODELS=$("$ROOT/scripts/with-kernel.sh" lucid model list --json)
MODEL=$(jq -rs '[.[] | select(.used)][0].path // empty' <<<"$MODELS")

mkdir -p "$OUT/bench"
RESULTS=$OUT/bench/results.jsonl
complete=(--complete)
if [ -n "${ONLY:-}" ]; then
    complete=()
    if [ -s "$RESULTS" ]; then cp "$RESULTS" "$WORK/results.jsonl" && chmod 666 "$WORK/results.jsonl"; fi
fi

failed=()
groups="start idle templates shell apps rogue model engine json-schema"
SMALL=$(jq -rs '[.[] | select(.id == "qwen2.5-coder-0.5b")][0].path // empty' <<<"$MODELS")
[ -z "$SMALL" ] || groups="$groups small-model"
for group in ${ONLY:-$groups}; do
    say "measuring: $group"
    LUCID_SHELL_TRACE=$WORK/trace.jsonl LUCID_BENCH_MODEL=$MODEL LUCID_BENCH_ROOT=$STAGE/share/lucid \
        in_session --parts sound,power,kernel -- \
        "$STAGE/share/lucid/scripts/furnished.sh" "$STAGE/bin/lucid-bench" \
        --results "$WORK/results.jsonl" --date "$(date -u +%F)" measure "$group" || failed+=("$group")
    # After each group, so that an interrupted run leaves what it has found.
    if [ -s "$WORK/results.jsonl" ]; then cp "$WORK/results.jsonl" "$RESULTS"; fi
done

[ -s "$WORK/results.jsonl" ] || die "nothing could be measured"
status=0
"$BIN/lucid-bench" --results "$RESULTS" --date "$(date -u +%F)" page docs/benchmarks.md "${complete[@]}" || status=1
say "results: $RESULTS, page: docs/benchmarks.md"
[ ${#failed[@]} -eq 0 ] || die "these groups failed: ${failed[*]}"
exit $status
