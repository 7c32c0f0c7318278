#!/bin/bash
# `make tune`: trains the adapter of a model from the planner's bank, and puts it into models/adapters.
#
# MODEL is the model's id, MINUTES how long the training takes. More memory than 10 GB is needed for 1.5B.
# FROM is an adapter to go on from, with another SEED than its own (1) so that it sees other examples; FIRST_LAYER
# is the first layer that is adapted (6).
# What a session of training makes is as good as the time it gets: score it with `make eval` before it is kept.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

MODEL=${MODEL:-qwen2.5-coder-1.5b}
MINUTES=${MINUTES:-75}
FIRST_LAYER=${FIRST_LAYER:-6}
TUNE=$OUT/tune
mkdir -p "$TUNE"

"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine
"$ROOT/scripts/model.sh"
"$ROOT/scripts/model.sh" "$MODEL"
cargo build --release --locked -p planner --example taught --example taught_tools

path_of() {
    "$ROOT/scripts/with-kernel.sh" lucid model list --json \
        | jq -er --arg id "$1" 'select(.id == $id) | .path // error("\($id) is not there")'
}
model=$(path_of "$MODEL")

say "what the bank teaches (about ten minutes)"
"$BIN/examples/taught" "$(path_of use-multilingual-3)" >"$TUNE/taught.jsonl"
"$BIN/examples/taught_tools" models/tune/tools "$TUNE/taught.jsonl" "$TUNE/mixed"
taught=()
for part in bank tools; do
    "$BIN/lucid-engine-llama" tokens --model "$model" <"$TUNE/mixed/$part.jsonl" >"$TUNE/$part-$MODEL.jsonl"
    taught+=(--taught "$TUNE/$part-$MODEL.jsonl")
done

if [ ! -x "$TUNE/venv/bin/python" ]; then
    say "TensorFlow"
    python3 -m venv "$TUNE/venv"
    "$TUNE/venv/bin/pip" install --quiet --requirement models/tune/requirements.txt
fi
say "training for $MINUTES minutes"
"$TUNE/venv/bin/python" models/tune/tune.py --model "$model" "${taught[@]}" \
    --out "models/adapters/$MODEL.gguf" --minutes "$MINUTES" --first-layer "$FIRST_LAYER" \
    ${FROM:+--from "$FROM"} ${SEED:+--seed "$SEED"}
