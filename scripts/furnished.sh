#!/bin/bash
# Puts files into the home of the session it runs in, starts a player, and then
# becomes the command it is given: furnished.sh COMMAND...
set -euo pipefail

mkdir -p ~/Desktop ~/Documents/invoices ~/Downloads ~/Music ~/Pictures
truncate -s 734M ~/Downloads/debian-live.iso
truncate -s 310M ~/Downloads/holiday.mp4
truncate -s 128M ~/Downloads/backup-2025.tar
echo "old" >~/Downloads/old.log
echo "Quarterly report: sales grew by a third." >~/Desktop/report.txt
echo "Buy milk, call Anna." >~/Documents/notes.txt
for month in 01 02 03; do echo "Invoice $month" >~/Documents/invoices/2026-$month.txt; done
python3 - <<'PY'
import math, pathlib, struct, wave
for name, tone in (("Aria", 220), ("Bolero", 330)):
    with wave.open(str(pathlib.Path.home() / f"Music/{name}.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        second = [int(9000 * math.sin(2 * math.pi * tone * i / 8000)) for i in range(8000)]
        sound.writeframes(struct.pack("<8000h", *second) * 900)
PY
# As long as the session: it ends with it.
mpv --no-terminal --no-video --ao=pipewire,null --loop-playlist ~/Music/*.wav >/dev/null 2>&1 &
for _ in $(seq 100); do
    gdbus introspect --session --dest org.mpris.MediaPlayer2.mpv --object-path /org/mpris/MediaPlayer2 >/dev/null 2>&1 && break
    sleep 0.1
done

exec "$@"
