/** How wide the columns of a table are, judged by what is in them before it is laid out. */

import type { Format } from "../format";
import type { Action, Column } from "./catalogue";
import type { Row } from "./rows";
import { isText } from "./value";

/** Rows that are looked at. */
const SAMPLE = 50;
/** Letters between which a column of text grows with what is in it. */
const LEAST = 12;
const MOST = 40;
/** Pixels of a letter, of one of a button, of a cell's two sides, of a button's, and of the bar beside a percentage. */
const LETTER = 9;
const SMALL_LETTER = 7.5;
const SIDES = 24;
const BUTTON_SIDES = 22;
const BAR = 56;
/** Letters of the first column that are to be seen, since it tells rows apart. */
const NAME = 16;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/gu;

/** Returns for each column its share of the text's width, or nothing where it is as wide as its values. */
export function shares(columns: Column[], rows: Row[]): (string | undefined)[] {
  const lengths = columns.map(({ key, label, type }) => {
    if (!isText(type)) return 0;
    const values = sample(rows).map((row) => lettersOf(row[key]));
    const longest = Math.max(lettersOf(label), ...values);
    return Math.min(Math.max(longest, LEAST), MOST);
  });
  const sum = lengths.reduce((all, length) => all + length, 0);
  return lengths.map((length) =>
    length === 0 ? undefined : `${((100 * length) / sum).toFixed(1)}%`,
  );
}

/** Returns the pixels that numbers, buttons and the beginnings of texts need beside each other. */
export function needed(
  columns: Column[],
  actions: Action[],
  rows: Row[],
  format: Format,
): number {
  const cells = columns.map(({ key, label, type }, index) => {
    if (isText(type)) return (index === 0 ? NAME : LEAST) * LETTER + SIDES;
    const values = sample(rows).map((row) =>
      lettersOf(format.value(row[key], type)),
    );
    const bar = type === "percent" ? BAR : 0;
    return Math.max(lettersOf(label), ...values) * LETTER + SIDES + bar;
  });
  const buttons = actions.map(
    ({ label }) => lettersOf(label) * SMALL_LETTER + BUTTON_SIDES,
  );
  return [...cells, ...buttons].reduce((all, width) => all + width, 0);
}

function sample(rows: Row[]): Row[] {
  return rows.slice(0, SAMPLE);
}

/** The letters of a text, where a wide one counts as two. */
function lettersOf(value: unknown): number {
  if (typeof value !== "string") return 0;
  return value.length + (value.match(WIDE)?.length ?? 0);
}
