#!/bin/bash
# What is quick to check and annoying to find in a review.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
. scripts/tap.sh

check "Rust is formatted" cargo fmt --all --check
check "shell scripts parse" bash -c 'for f in scripts/*.sh scripts/suites/*.sh .ci/run; do bash -n "$f" || exit 1; done'
check "packages.txt gives a reason for each package" \
    bash -c '! grep -vE "^#|^$" scripts/packages.txt | awk "NF < 2" | grep .'
check "data files parse" python3 - <<'PY'
import json, pathlib, sys, tomllib
for path in pathlib.Path(".").rglob("*.toml"):
    if not {"node_modules", "target"} & set(path.parts):
        tomllib.loads(path.read_text())
for path in pathlib.Path("models").rglob("*.jsonl"):
    for line in path.read_text().splitlines():
        json.loads(line)
PY
# Nobody reads weights.
check "no file is too large for a review" bash -c \
    '! git ls-files -z ":!models/adapters" | xargs -0 -r stat -c "%s %n" 2>/dev/null | awk "\$1 > 2000000" | grep .'
finish
