#!/bin/bash
# The worker's tests, then every model of the catalogue in the worker: it must load,
# read, restore a capsule and write under a grammar. Prints how quickly each does.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine

failed=()
mapfile -t models < <("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -r .id)
"$ROOT/scripts/model.sh" "${models[@]}"
cargo test --release --locked --no-fail-fast -p lucid-engine-llama || failed+=(tests)
while IFS=$'\t' read -r id path; do
    say "$id"
    "$BIN/lucid-engine-llama" bench --model "$path" \
        | jq -r '"    \(.name)\t\(.value * 10 | round / 10) \(.unit)"' | expand -t 32 || failed+=("$id")
done < <("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -r '[.id, .path] | @tsv')
[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
