#!/bin/bash
# `make eval`: scores the planner on models/eval/*.jsonl with the models that are there,
# and writes docs/evaluation.md. Goes on where it stopped: what was planned is kept in
# target/eval/ until the planner or the set changes.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine eval
"$ROOT/scripts/model.sh"

mapfile -t models < <("$ROOT/scripts/with-kernel.sh" lucid model list --json \
    | jq -r 'select(.path != null and .engine != "embed" and (.id | startswith("smollm") | not)) | "--model", "\(.id)=\(.path)"')
exec "$BIN/lucid-eval" run --root "$ROOT" --date "$(date -u +%F)" "${models[@]}"
