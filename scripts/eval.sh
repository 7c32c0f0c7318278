#!/bin/bash
# `make eval`: scores the planner on models/eval/*.jsonl with the model in use, and
# writes docs/eval.md. Goes on where it stopped: what was planned is kept in
# target/eval/ until the planner's or the set's files change.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" core engine
"$ROOT/scripts/model.sh"
[ -x models/eval/run ] || die "models/eval/run is missing: there are no test sets yet"
exec "$ROOT/scripts/with-kernel.sh" models/eval/run "$OUT/eval" "$@"
