#!/bin/bash
# Copies a build into a folder as a distribution would: install.sh PREFIX
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

PREFIX=${1:?usage: install.sh PREFIX}
DATA=crates/session/data

# A file that did not change keeps its inode, so that running programs are not disturbed.
put() { install -D -C -m "$1" "$2" "$3"; }

for program in lucid lucidd lucid-session lucid-shell lucid-engine-llama lucid-engine-embed lucid-engine-openai; do
    [ -f "$BIN/$program" ] || continue
    cmp -s "$BIN/$program" "$PREFIX/bin/$program" || put 755 "$BIN/$program" "$PREFIX/bin/$program"
done
if [ -d "$BIN/lucid-engine-llama.libs" ]; then
    for library in "$BIN"/lucid-engine-llama.libs/*; do
        put 755 "$library" "$PREFIX/bin/lucid-engine-llama.libs/${library##*/}"
    done
fi

while IFS= read -r -d '' file; do
    put 644 "$file" "$PREFIX/share/lucid/$file"
done < <(find plugins -type f -not -path '*/tests/*' -not -path '*/target/*' -print0)
for adapter in models/adapters/*.gguf; do put 644 "$adapter" "$PREFIX/share/lucid/adapters/${adapter##*/}"; done
put 644 models/catalog.toml "$PREFIX/share/lucid/catalog.toml"
put 644 $DATA/sway/config "$PREFIX/share/lucid/sway/config"
put 644 $DATA/wayland-sessions/lucid.desktop "$PREFIX/share/wayland-sessions/lucid.desktop"
sed "s|/usr/bin/|${PREFIX#"${DESTDIR:-}"}/bin/|" $DATA/dbus-1/services/org.lucidshell.Kernel1.service >"$OUT/service"
put 644 "$OUT/service" "$PREFIX/share/dbus-1/services/org.lucidshell.Kernel1.service"
for file in LICENSE-MIT LICENSE-APACHE; do put 644 $file "$PREFIX/share/doc/lucid/$file"; done
