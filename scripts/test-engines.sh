#!/bin/bash
# The worker's tests with every model of the catalogue, each fetched first.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine

failed=()
mapfile -t models < <("$ROOT/scripts/with-kernel.sh" lucid model list --json | jq -r .id)
"$ROOT/scripts/model.sh" "${models[@]}"
for model in "${models[@]}"; do
    say "$model"
    LUCID_TEST_MODEL=$model cargo test --release --locked --no-fail-fast -p lucid-engine-llama || failed+=("$model")
done
[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
