/** The sentences of the interface in the person's language. */

import { en, type Words } from "./words/en";
import { zh } from "./words/zh";

export type { Words };
export type Language = "en" | "zh";

/** The words of `language`; anything unknown is English. */
export function wordsOf(language: string): Words {
  return language === "zh" ? zh : en;
}

/** The tag that `Intl` and `lang` attributes take. */
export function localeOf(language: string): string {
  return language === "zh" ? "zh-Hans" : "en";
}

/** The language in which words are answered: Chinese where they begin with it, else `session`, as English stands in any. */
export function languageOf(text: string, session: string): string {
  const first = /\p{L}/u.exec(text)?.[0] ?? "";
  const isChinese =
    /\p{Script=Han}/u.test(first) &&
    !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);
  return isChinese ? "zh" : session;
}
