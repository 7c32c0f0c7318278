import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Format, type ValueType } from "../src/format";
import { ofKernel, visible, visibleLines } from "../src/visible";
import { languageOf, wordsOf } from "../src/words";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";

const now = () => new Date("2026-11-23T21:00:00Z");
const english = new Format("en", wordsOf("en"), now);
const chinese = new Format("zh-Hans", wordsOf("zh"), now);

describe("values", () => {
  it.each<[unknown, ValueType, string, string]>([
    [4_200_000_000, "bytes", "4.2 GB", "4.2 GB"],
    [2_000, "bytes", "2 kB", "2 kB"],
    [42.25, "percent", "42.3%", "42.3%"],
    [200, "duration", "3 min 20 sec", "3分钟 20秒"],
    [90_061, "duration", "1 day 1 hr", "1天 1小时"],
    [true, "bool", "Yes", "是"],
    [null, "number", "–", "–"],
    ["broken", "bytes", "broken", "broken"],
    ["2026-11-23T20:57:00Z", "time", "3 minutes ago", "3分钟前"],
    ["2026-11-23T20:59:08Z", "time", "just now", "刚刚"],
    ["2026-11-23T21:00:30Z", "time", "in 30 seconds", "30秒钟后"],
    ["2026-11-22T20:00:00Z", "time", "yesterday", "昨天"],
    ["no time", "time", "no time", "no time"],
    [1234.5, "number", "1,234.5", "1,234.5"],
  ])("%j as %s is %j and %j", (value, type, en_, zh_) => {
    expect(english.value(value, type)).toBe(en_);
    expect(chinese.value(value, type)).toBe(zh_);
  });

  it.each([
    [3, "0.01"],
    [62, "0.06"],
    [412, "0.4"],
    [12_345, "12"],
  ])("%j ms are %j s", (ms, seconds) => {
    expect(english.seconds(ms)).toBe(seconds);
  });

  it("have an exact form where the shown one is short", () => {
    expect(english.exact(1500, "bytes")).toBe("1,500 bytes");
    expect(english.exact("/home/ada/a", "path")).toBe("/home/ada/a");
    expect(english.exact("2026-11-23T20:57:00Z", "time")).toContain(
      "November 23, 2026",
    );
    expect(english.exact("x", "text")).toBeUndefined();
  });
});

describe("unseen characters", () => {
  it.each([
    ["\u202egpj.exe", "⟨U+202E⟩gpj.exe"],
    ["a\u200bb\u0000", "a⟨U+200B⟩b⟨U+0000⟩"],
    ["a\nb", "a⟨U+000A⟩b"],
    ["\u{e0041}", "⟨U+E0041⟩"],
    ["a\u200d", "a⟨U+200D⟩"],
    ["مكبر 你好 é", "مكبر 你好 é"],
    ["👩\u200d🚀 ❤\ufe0f", "👩\u200d🚀 ❤\ufe0f"],
    ["a\uf8ff👩\u200d🚀", "a\uf8ff👩\u200d🚀"],
    ["a⟨U+202E⟩", "a⟨U+27E8⟩U+202E⟩"],
    ["no\u00a0break", "no⟨U+00A0⟩break"],
  ])("%j is shown as %j", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it("leaves the escapes that the kernel has written", () => {
    expect(ofKernel("End ⟨U+202E⟩a\u200b.")).toBe("End ⟨U+202E⟩a⟨U+200B⟩.");
  });

  it("are the same for the kernel", () => {
    const source = readFileSync("../crates/plan/src/display.rs", "utf8");
    const list = /matches!\(c,([^)]*)\)/.exec(source)?.[1] ?? "";
    const ranges = Array.from(
      list.matchAll(/'\\u\{(\w+)\}'(?:\.\.='\\u\{(\w+)\}')?/g),
      ([, from = "", to = from]) => [parseInt(from, 16), parseInt(to, 16)],
    );
    expect(ranges.length).toBeGreaterThan(20);
    const differing: string[] = [];
    for (let code = 0; code < 0xf0000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      const kernel =
        /\p{Cc}/u.test(character) ||
        ranges.some(([from = 0, to = 0]) => from <= code && code <= to);
      if (kernel !== (ofKernel(character) !== character))
        differing.push(code.toString(16));
    }
    expect(differing).toEqual([]);
  });

  it("leaves line breaks where lines are meant", () => {
    expect(visibleLines("a\n\u202eb")).toBe("a\n⟨U+202E⟩b");
  });
});

describe("languages", () => {
  it("have a sentence for every key, and no empty one", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    for (const [key, sentence] of Object.entries({ ...en, ...zh })) {
      const text =
        typeof sentence === "string"
          ? sentence
          : (sentence as (...all: unknown[]) => string)(2, 2, 2);
      expect(text, key).not.toBe("");
    }
  });

  it.each([
    ["把音量调到 40%", "en", "zh"],
    ["“静音”", "en", "zh"],
    ["mute", "zh", "zh"],
    ["open 微信", "en", "en"],
    ["音量を下げて", "en", "en"],
    ["", "en", "en"],
  ])("of %s in %s is %s", (words, session, spoken) => {
    expect(languageOf(words, session)).toBe(spoken);
  });
});
