#!/bin/bash
# `make run`: builds Lucid, fetches the model, and opens it; without a display,
# performs the README's requests in a headless session and takes pictures.
# ASK="..." does that one request.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" all
say "the model (1.1 GB the first time)"
"$ROOT/scripts/model.sh"

on_display() {
    export PATH="$BIN:$PATH" LUCID_PLUGINS=$ROOT/plugins
    if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ]; then exec dbus-run-session -- "$0"; fi
    local kernel=
    if ! gdbus wait --session --timeout 1 org.lucidshell.Kernel1 2>/dev/null; then
        lucidd &
        kernel=$!
        # Now, because the variable is gone when the script ends.
        # shellcheck disable=SC2064
        trap "kill $kernel 2>/dev/null || true" EXIT
        gdbus wait --session --timeout 20 org.lucidshell.Kernel1 || die "the kernel did not start"
    fi
    if [ -n "${ASK:-}" ]; then
        lucid ask "$ASK"
        return
    fi
    lucid toggle
    say "Lucid is open. Type what you want; Escape hides it, \`$BIN/lucid toggle\` shows it again."
    if [ -n "$kernel" ]; then
        say "Ctrl+C here ends it."
        wait "$kernel"
    fi
}

without_display() {
    say "no display: a session of its own in memory"
    . "$ROOT/scripts/stage.sh"
    . "$ROOT/scripts/requests.sh"
    stage
    local pictures status=0
    pictures=$(mktemp -d /var/tmp/lucid-pictures-XXXXXX)
    chmod 777 "$pictures"
    # Variables with LUCID_ in front are what a headless session takes over.
    LUCID_DEMO_ASK=${ASK:-} LUCID_DEMO_PICTURES=$pictures \
        LUCID_SHELL_TRACE=$pictures/trace.jsonl \
        in_session --parts sound,power,kernel --size 1280x800 -- \
        "$STAGE/share/lucid/scripts/furnished.sh" "$STAGE/share/lucid/scripts/demo.sh" || status=$?
    mkdir -p "$OUT/pictures"
    # Those of an earlier run would be taken for this one's.
    rm -f "$OUT/pictures"/*.png
    cp "$pictures"/*.png "$OUT/pictures/" 2>/dev/null || say "no picture was taken"
    rm -rf "$pictures"
    say "pictures: $OUT/pictures/"
    return $status
}

if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ]; then on_display; else without_display; fi
