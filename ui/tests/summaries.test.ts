import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { StandIn } from "../dev/shell";
import { Summaries } from "../src/summaries";
import { wordsOf } from "../src/words";

const settle = () => new Promise((resolve) => setTimeout(resolve));
const EN = wordsOf("en");

async function told(): Promise<Summaries> {
  new StandIn();
  const summaries = new Summaries(() => undefined);
  await summaries.want("en");
  return summaries;
}

/** The language's own words, from the tables of its page. */
const WORDS = readFileSync("../docs/plan-language.md", "utf8")
  .split("\n## Words")[1]
  ?.split("\n## ")[0]
  ?.matchAll(/^\| `(\w+)\(/gmu);

afterEach(() => document.body.replaceChildren());

describe("what a statement does", () => {
  it.each([
    ["audio.set_volume(30)", "Sets the volume of the speakers."],
    ["f = files.find(", "Finds files by name, kind, folder, size or age."],
    ['title("Big downloads")', "Writes the title."],
    [
      "each(f, files.trash)",
      "For each row: Moves a file or folder to the trash.",
    ],
    [
      'each(f, files.move, to="~/Archive")',
      "For each row: Moves a file or folder to another folder.",
    ],
    ["each(f, files.tr", undefined],
    ["files.fi", undefined],
    ["nobody.knows()", undefined],
    ["constructor()", undefined],
    ["f.constructor()", undefined],
    ["", undefined],
  ])("%s is told as %s", async (statement, sentence) => {
    expect((await told()).of(statement, EN)).toBe(sentence);
  });

  it("is said of every word of the language, in each of ours", () => {
    const summaries = new Summaries(() => undefined);
    const names = Array.from(WORDS ?? [], ([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(20);
    for (const language of ["en", "zh"]) {
      const unsaid = names.filter(
        (name) =>
          name !== "each" &&
          summaries.of(`${name}(x)`, wordsOf(language)) === undefined,
      );
      expect(unsaid).toEqual([]);
    }
  });

  it("is asked once of each kernel, and again when it did not answer", async () => {
    let isThere = false;
    const shell = new StandIn(
      {},
      {
        summaries: () =>
          isThere
            ? { "a.b": "Does it." }
            : Promise.reject(new Error("nobody is there")),
      },
    );
    const summaries = new Summaries(() => undefined);
    await summaries.want("en");
    expect(summaries.of("a.b()", EN)).toBeUndefined();
    isThere = true;
    await summaries.want("en");
    await summaries.want("en");
    expect(shell.called("summaries")).toHaveLength(2);
    expect(summaries.of("a.b()", EN)).toBe("Does it.");
    summaries.forget();
    await summaries.want("en");
    await settle();
    expect(shell.called("summaries")).toHaveLength(3);
  });
});
