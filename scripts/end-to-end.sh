#!/bin/bash
# Asks for things in words and looks at the world afterwards; started by the
# suite of the same name inside a headless session, in a home that furnished.sh
# has filled. The sentence templates are skipped, so that the model writes every plan.
set -uo pipefail
. "$(dirname "$0")/tap.sh"
EVENTS=$HOME/events.jsonl

# ask WORDS: runs a request to its end; consents are refused, for nobody is there.
ask() {
    lucid ask --no-templates --json "$@" >"$EVENTS" 2>"$HOME/errors" </dev/null
}
plan() { jq -rs '[.[] | select(.type == "statement") | {(.index | tostring): .text}] | add // {} | to_entries[].value' "$EVENTS"; }
outcome() { jq -rs '[.[] | select(.type == "finished") | .finish.outcome] | last // "none"' "$EVENTS"; }

# expect WORDS COMMAND...: asks, and passes when the command comes true within 5 s.
expect() {
    local words=$1 begin=$SECONDS
    shift
    ask "$words"
    local lasted=$((SECONDS - begin))
    for _ in $(seq 50); do
        if "$@" >/dev/null 2>&1; then
            echo "ok - $words ($lasted s)"
            return
        fi
        sleep 0.1
    done
    echo "not ok - $words"
    echo "    wanted:  $*"
    echo "    outcome: $(outcome) after $lasted s"
    plan | sed 's/^/    plan:    /'
    jq -rc 'select(.type == "failed" or .type == "said" or .type == "asked")' "$EVENTS" | sed 's/^/    event:   /'
    sed 's/^/    errors:  /' "$HOME/errors"
    CHECKS_FAILED=1
}

volume_is() { [ "$(wpctl get-volume @DEFAULT_AUDIO_SINK@)" = "Volume: $1" ]; }
muted() { wpctl get-volume @DEFAULT_AUDIO_SINK@ | grep -q MUTED; }
not_muted() { ! muted; }
player_is() {
    gdbus call --session --dest org.mpris.MediaPlayer2.mpv --object-path /org/mpris/MediaPlayer2 \
        --method org.freedesktop.DBus.Properties.Get org.mpris.MediaPlayer2.Player PlaybackStatus | grep -q "$1"
}
window_of() { swaymsg -t get_tree -r | jq -e --arg app "$1" '.. | objects | select((.app_id // "") | test($app; "i"))'; }
title_is() {
    gdbus call --session --dest org.mpris.MediaPlayer2.mpv --object-path /org/mpris/MediaPlayer2 \
        --method org.freedesktop.DBus.Properties.Get org.mpris.MediaPlayer2.Player Metadata | grep -q "$1"
}
# The answer is there, and it comes from the function that knows it.
is_answered_by() { [ "$(outcome)" = "done" ] && plan | grep -qF "$1("; }
# Words came back and nothing else did. An ask that fails outright acts on nothing either.
only_words_came_back() {
    [ "$(outcome)" = "answered" ] && [ "$(lucid log --limit 1 --json | jq '.entries | length')" = 0 ]
}

# Sound and music.
expect "set the volume to 30%" volume_is 0.30
expect "把音量调到 55%" volume_is 0.55
expect "mute the sound" muted
expect "取消静音" not_muted
expect "pause the music" player_is Paused
expect "继续播放音乐" player_is Playing
expect "skip to the next song" title_is Bolero
# Apps and files.
expect "open gedit" window_of gedit
expect "move report.txt from the desktop to my documents" test -f ~/Documents/report.txt
check "undo" lucid undo
check "undo moved the file back" test -f ~/Desktop/report.txt
expect "throw ~/Downloads/old.log away" test -f ~/.local/share/Trash/files/old.log
expect "create a folder named Plans in Documents" test -d ~/Documents/Plans
expect "在文档里新建一个叫项目的文件夹" test -d ~/Documents/项目
expect "pack the folder invoices in Documents into a zip file" bash -c 'ls ~/Documents/*.zip ~/Documents/invoices/*.zip | grep -q zip'
# Facts.
expect "how much disk space is left?" is_answered_by system.disks
expect "现在音量是多少？" is_answered_by audio.volume
# What no function fits.
expect "book me a flight to Paris" only_words_came_back

finish
