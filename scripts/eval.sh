#!/bin/bash
# `make eval`: scores the planner on models/eval/*.jsonl, and on a sample of the Berkeley
# Function-Calling Leaderboard, with the models that are there, and writes docs/evaluation.md.
# Goes on where it stopped: what was planned is kept in target/eval/ until the planner or the set changes.
#
# Lucid's own sets come first; the items of the leaderboard have what is left of forty minutes, and at least ten.
# BFCL is how many items of each category are taken: 100, a number, `all`, or 0 for none.
# MINUTES ends the planning of those items after so many minutes. FULL=1 plans everything.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine eval
"$ROOT/scripts/model.sh"

mapfile -t models < <("$ROOT/scripts/with-kernel.sh" lucid model list --json \
    | jq -r 'select(.path != null and .engine != "embed" and (.id | startswith("smollm") | not)) | "--model", "\(.id)=\(.path)"')

# The package holds its items and its rules; none of its dependencies is needed for these.
BFCL_VERSION=2026.3.23
BFCL_SHA256=3bb6dfa5f0c68ad403c9ec50b00db2bb3b4cc9b38ab1ff33f48fe30d853d3a0a
BFCL=${BFCL:-100}
# FULL=1 plans both splits and has no limit of time; else the test split, for forty minutes in all.
FULL=${FULL:-}
LIMIT=40 LEAST=10

fetch_bfcl() {
    local folder=$1 wheels
    [ ! -d "$folder/bfcl_eval" ] || return 0
    wheels=$(mktemp -d)
    say "fetching bfcl-eval $BFCL_VERSION"
    echo "bfcl-eval==$BFCL_VERSION --hash=sha256:$BFCL_SHA256" >"$wheels/requirements.txt"
    python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes \
        --dest "$wheels" --requirement "$wheels/requirements.txt"
    python3 -m zipfile -e "$wheels"/bfcl_eval-*.whl "$folder.part"
    mv "$folder.part" "$folder"
    rm -r "$wheels"
}

mapfile -t embedder < <("$ROOT/scripts/with-kernel.sh" lucid model list --json \
    | jq -r 'select(.path != null and .engine == "embed") | "--embedder", .path')

split=()
[ -n "$FULL" ] || split=(--split test)

# Plans what is missing of Lucid's own sets, and writes the report.
report() {
    "$BIN/lucid-eval" run --root "$ROOT" --date "$(date -u +%F)" --made-up 300 "${split[@]}" "${embedder[@]}" "${models[@]}"
}

begin=$SECONDS
report
if [ "$BFCL" != 0 ] && [ ${#models[@]} -gt 0 ]; then
    if [ -z "$FULL" ]; then
        left=$((LIMIT - (SECONDS - begin) / 60))
        MINUTES=${MINUTES:-$((left > LEAST ? left : LEAST))}
    fi
    package=$OUT/eval/bfcl/package-$BFCL_VERSION
    mkdir -p "$OUT/eval/bfcl"
    fetch_bfcl "$package"
    "$BIN/lucid-eval" bfcl --root "$ROOT" --data "$package" --sample "$BFCL" \
        ${MINUTES:+--minutes "$MINUTES"} "${embedder[@]}" "${models[@]}"
    python3 "$ROOT/models/eval/bfcl.py" "$package" "$OUT/eval/bfcl/answers.jsonl" "$OUT/eval/bfcl/judged.jsonl"
    report
fi
