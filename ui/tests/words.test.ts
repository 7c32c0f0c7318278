import { expect, it } from "vitest";
import { en } from "../src/words/en";

const SOURCES = import.meta.glob<string>(
  ["../src/**/*.ts", "!../src/words/*"],
  {
    query: "?raw",
    import: "default",
    eager: true,
  },
);
/** What names a word: `words.why`, `"timing_total"` in a table, or the beginning of a name that is put together. */
const NAMED =
  /\bwords\s*\.(?<word>\w+)|"(?<listed>[a-z]+_\w+)"|words\[`(?<beginning>\w+_)\$\{/gu;

it("every word is said somewhere", () => {
  const named = Object.values(SOURCES).flatMap((source) =>
    Array.from(source.matchAll(NAMED), ({ groups }) => groups ?? {}),
  );
  const words = new Set(
    named.flatMap(({ word, listed }) => word ?? listed ?? []),
  );
  const beginnings = named.flatMap(({ beginning }) => beginning ?? []);
  const unsaid = Object.keys(en).filter(
    (word) =>
      !words.has(word) &&
      !beginnings.some((beginning) => word.startsWith(beginning)),
  );
  expect(unsaid).toEqual([]);
});
