# Puts what a headless session needs where its ordinary user can read it; sourced.
#
# The checkout may be beneath a folder that only its owner can enter. The copy is
# an installation like any other, so it is also tried out this way.

STAGE=/var/tmp/lucid-stage-$(id -u)

stage() {
    mkdir -p "$STAGE"
    [ -O "$STAGE" ] || die "$STAGE belongs to somebody else"
    "$ROOT/scripts/install.sh" "$STAGE"
    mkdir -p "$STAGE/share/lucid/scripts"
    install -m 644 -C README.md "$STAGE/share/lucid/README.md"
    install -m 755 -C scripts/*.sh "$STAGE/share/lucid/scripts/"
    chmod -R a+rX "$STAGE"
}

# in_session OPTIONS -- COMMAND: runs a command in a headless session of the staged Lucid.
in_session() {
    LUCID_MODELS=$LUCID_MODELS "$STAGE/bin/lucid-session" --headless --keep-cache "$@"
}
