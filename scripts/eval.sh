#!/bin/bash
# `make eval`: scores the planner on models/eval/*.jsonl with the model in use, and
# writes docs/eval.md. Goes on where it stopped: what was planned is kept in
# target/eval/ until the planner's or the set's files change.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine
"$ROOT/scripts/model.sh"
. scripts/stage.sh
stage
mkdir -p "$STAGE/share/lucid/eval" "$OUT/eval"
install -m 644 -C models/eval/*.jsonl scripts/eval.py "$STAGE/share/lucid/eval/"
chmod -R a+rX "$STAGE"

MODEL=$("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -rs '[.[] | select(.used)][0].id // "none"')
KEPT=$OUT/eval/$(python3 scripts/eval.py key "$MODEL").jsonl

# The session's user writes into a folder of its own, which is carried back also after an interruption.
WORK=$(mktemp -d /var/tmp/lucid-eval-XXXXXX)
chmod 777 "$WORK"
if [ -s "$KEPT" ]; then install -m 666 "$KEPT" "$WORK/kept.jsonl"; fi
trap 'if [ -s "$WORK/kept.jsonl" ]; then cp "$WORK/kept.jsonl" "$KEPT"; fi; rm -rf "$WORK"' EXIT

in_session --parts sound,power,kernel -- \
    "$STAGE/share/lucid/scripts/furnished.sh" python3 "$STAGE/share/lucid/eval/eval.py" \
    plan "$STAGE/share/lucid/eval" "$WORK/kept.jsonl"
cp "$WORK/kept.jsonl" "$KEPT"
python3 scripts/eval.py page models/eval "$KEPT" "$MODEL"
