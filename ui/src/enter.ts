/** What Enter will do, decided before it is pressed so that it can be shown. */

import type { SearchResult } from "./wire";

export type Choice =
  | { kind: "open"; result: SearchResult }
  | { kind: "copy"; result: SearchResult }
  | { kind: "do"; text: string };

/** More words than this are a request, not a name. */
const MOST_WORDS_OF_A_NAME = 4;

/**
 * Returns what can be chosen for `query`, in the order shown; the first is what Enter does.
 *
 * What came `late` stands behind all others, so that nothing moves beneath the pointer.
 */
export function choices(
  query: string,
  results: SearchResult[],
  late: SearchResult[] = [],
): Choice[] {
  const text = query.trim();
  if (text === "") return [];
  const matches = results.map(choiceOf);
  const further = late.map(choiceOf);
  const request: Choice = { kind: "do", text };
  const first = results[0];
  return first && isMeant(text, first)
    ? [...matches, request, ...further]
    : [request, ...matches, ...further];
}

function choiceOf(result: SearchResult): Choice {
  return { kind: result.kind === "calculation" ? "copy" : "open", result };
}

/** Whether `query` names `result` plainly enough that Enter may open it. */
export function isMeant(query: string, result: SearchResult): boolean {
  if (result.kind === "calculation") return true;
  const words = query.split(/\s+/u).filter((word) => word !== "");
  if (words.length > MOST_WORDS_OF_A_NAME) return false;
  const title = Array.from(result.title.toLocaleLowerCase());
  let from = 0;
  return words.every((word) => {
    const at = startOfWord(title, Array.from(word.toLocaleLowerCase()), from);
    from = at + word.length;
    return at >= 0;
  });
}

/** Where `word` stands in `title` from `from` on at the start of a word, or -1. */
function startOfWord(title: string[], word: string[], from: number): number {
  for (let at = from; at + word.length <= title.length; at += 1) {
    const before = title[at - 1];
    const starts = before === undefined || !/[\p{L}\p{N}]/u.test(before);
    // Chinese and Japanese write no spaces, so that a word may start anywhere.
    const starts_anywhere = /\p{Script=Han}/u.test(word[0] ?? "");
    if (
      (starts || starts_anywhere) &&
      word.every((character, offset) => title[at + offset] === character)
    ) {
      return at;
    }
  }
  return -1;
}
