#!/bin/bash
# Builds parts of Lucid: core, engine, ui, shell, or all of these; eval, which scores
# plans; mistralrs, a second engine; tests, which are the tests of all but that.
#
# Every part is always built with the same selection of packages, here and in
# the tests: cargo unifies features over a selection, so that another one would
# build the dependencies again.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

timed() {
    local name=$1 begin=$SECONDS
    shift
    say "building $name"
    "$@"
    printf '%s    %s: %d s%s\n' "$DIM" "$name" $((SECONDS - begin)) "$PLAIN"
}

core() { cargo build --release --locked; }
engine() { cargo build --release --locked -p lucid-engine-llama; }
# A workspace of its own, in a folder of its own: it is compiled for other processors. What a
# graphics card needs is named by LUCID_MISTRALRS_FEATURES, such as `cuda`.
mistralrs() {
    (
        cd models/mistralrs
        CARGO_TARGET_DIR=$MISTRALRS_TARGET nice cargo build --release --locked \
            --features "${LUCID_MISTRALRS_FEATURES:-}"
    )
    cp "$MISTRALRS_TARGET/release/lucid-engine-mistralrs" "$BIN/"
}
eval_sets() { cargo build --release --locked -p eval; }
shell() { cargo build --release --locked -p lucid-shell; }

# All of them, also when one does not build.
tests() {
    local status=0 selection
    for selection in "" "-p lucid-engine-llama" "-p lucid-shell" "-p eval"; do
        # shellcheck disable=SC2086
        cargo test --release --locked --no-run $selection 2> >(grep -v '^  Executable' >&2) || status=1
    done
    return $status
}

ui() {
    # Vite takes seconds, but the shell that embeds the result takes a minute.
    local newest
    if [ -f ui/dist/index.html ]; then
        newest=$(find ui -path ui/node_modules -prune -o -path ui/dist -prune -o \
            -type f -newer ui/dist/index.html -print -quit)
        [ -n "$newest" ] || return 0
    fi
    (cd ui && npm run --silent build)
}

for part in "$@"; do
    case $part in
        core) timed "kernel and command line" core ;;
        engine) timed "model worker (llama.cpp; about ten minutes the first time)" engine ;;
        ui) timed "interface" ui ;;
        shell) timed "shell" shell ;;
        tests) timed "tests" tests ;;
        mistralrs) timed "second model worker (mistral.rs; about half an hour the first time)" mistralrs ;;
        eval) timed "scorer of plans" eval_sets ;;
        all) "$0" core engine ui shell ;;
        *) die "build.sh knows core, engine, ui, shell, eval, mistralrs, tests, all; not $part" ;;
    esac
done
