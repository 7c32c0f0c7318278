#!/bin/bash
# Furnishes the session it runs in and measures one group: bench-group.sh RESULTS DATE GROUP
set -euo pipefail
mkdir -p ~/Desktop ~/Documents/invoices ~/Downloads ~/Music
echo report >~/Documents/report.txt
truncate -s 200M ~/Downloads/film.mkv
python3 - <<'PY'
import pathlib, wave
with wave.open(str(pathlib.Path.home() / "Music/silence.wav"), "wb") as sound:
    sound.setparams((1, 2, 8000, 0, "NONE", ""))
    sound.writeframes(bytes(16000) * 900)
PY
if [ "$3" = model ] || [ "$3" = json-schema ]; then
    mpv --no-terminal --no-video --ao=null --loop ~/Music/silence.wav >/dev/null 2>&1 &
    sleep 1
fi
exec lucid-bench --results "$1" --date "$2" measure "$3"
