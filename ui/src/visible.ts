/** Characters that are not seen or that turn text around, made visible as the kernel does. */

/** Opens an escape; written as one itself, so that no name can pretend to hold one. */
const OPENING = "\\u27e8";

// As `plan::is_invisible`, which also has all controls; a test compares both.
const UNSEEN_RANGES: [from: number, to: number][] = [
  [0xa0, 0xa0],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];
const UNSEEN = `\\p{Cc}${UNSEEN_RANGES.map(
  ([from, to]) => `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`,
).join("")}`;

// Emoji need these two to be drawn as one sign; the same signs as `panel::visible` allows before them.
const JOINER =
  "(?<=[\\u2600-\\u27bf\\u{1f300}-\\u{1faff}]|\\ufe0f)(?:\\u200d|\\ufe0f)";

const RAW = new RegExp(`(?<joiner>${JOINER})|[${OPENING}${UNSEEN}]`, "gu");
const TOLD = new RegExp(`(?<joiner>${JOINER})|[${UNSEEN}]`, "gu");

/** Returns `text` with every unseen character written as `⟨U+202E⟩`. */
export function visible(text: string): string {
  return written(text, RAW);
}

/** As `visible`, but keeps line breaks. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** For sentences of the kernel, which has written out the names in them already: its escapes stay as they are. */
export function ofKernel(text: string): string {
  return written(text, TOLD);
}

// In one pass, so that nothing in the text can stand for what is put back later.
function written(text: string, special: RegExp): string {
  return text.replace(special, (character, joiner: string | undefined) => {
    if (joiner !== undefined) return joiner;
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
