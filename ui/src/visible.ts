/** Characters that are not seen or that turn text around, made visible. */

// Controls, formats (among them all that turn the direction), line separators, and whatever is drawn as nothing.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Emoji need these two to be drawn as one sign, and they cannot mislead between emoji. */
const EMOJI_JOINERS =
  /(?<=\p{Extended_Pictographic}\ufe0f?)(?:\u200d|\ufe0f)/gu;

/** Returns `text` with every unseen character written as `⟨U+202E⟩`, as the kernel writes them. */
export function visible(text: string): string {
  const kept: string[] = [];
  const held = text.replace(EMOJI_JOINERS, (joiner) => {
    kept.push(joiner);
    return "\uf8ff";
  });
  const shown = held.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
  return shown.replace(/\uf8ff/g, () => kept.shift() ?? "⟨U+F8FF⟩");
}

/** As `visible`, but keeps line breaks. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}
