#!/bin/bash
# Runs a command beside a kernel of its own: with-kernel.sh COMMAND...
#
# The bus, the run-time folder and the home are private and removed afterwards,
# so that measuring and fetching neither see nor change the person's journal.
. "$(dirname "$0")/environment.sh"

if [ "${1:-}" != --inside ]; then
    FOLDER=$(mktemp -d /var/tmp/lucid-kernel-XXXXXX)
    trap 'rm -rf "$FOLDER"' EXIT
    mkdir -m 700 "$FOLDER/run"
    mkdir "$FOLDER/home"
    env -u DISPLAY -u WAYLAND_DISPLAY -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME \
        HOME="$FOLDER/home" XDG_RUNTIME_DIR="$FOLDER/run" LOG="$FOLDER/lucidd.log" \
        LUCID_PLUGINS="$ROOT/plugins" PATH="$BIN:$PATH" dbus-run-session -- "$0" --inside "$@"
    exit
fi

shift
lucidd >"$LOG" 2>&1 &
KERNEL=$!
trap 'kill $KERNEL 2>/dev/null; wait $KERNEL 2>/dev/null || true' EXIT
gdbus wait --session --timeout 20 org.lucidshell.Kernel1 \
    || die "the kernel did not start: $(tail -n 5 "$LOG")"
"$@"
