import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const [GROUND = "", ...OTHERS] = [
  "ground",
  "overlay",
  "panel",
  "turn",
  "consent",
].map((name) => readFileSync(`src/style/${name}.css`, "utf8"));

/** The colours that the block after `beginning` names. */
function colours(beginning: string): Map<string, string> {
  const from = GROUND.indexOf(beginning);
  const block = GROUND.slice(from, GROUND.indexOf("}", from));
  const named = block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g);
  return new Map(
    Array.from(named, ([, name = "", value = ""]) => [name, value]),
  );
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort(
    (a, b) => a - b,
  );
  return (light + 0.05) / (dark + 0.05);
}

describe.each([
  ["light", ":root {"],
  ["dark", "(prefers-color-scheme: dark)"],
])("the %s colours", (_, beginning) => {
  const known = colours(beginning);
  const of = (name: string) => known.get(name) ?? "#808080";
  const on = (ground: string, ...texts: string[]) =>
    texts.map((text) => [text, ground] as const);

  it("let every text be read on its ground", () => {
    const pairs = [
      ...on("ground", "text", "quiet", "accent", "good", "warn", "bad"),
      ...on("raised", "text", "quiet", "accent", "good", "warn", "bad"),
      ...on("hover", "text", "quiet", "accent", "good", "bad"),
      ...on("selected", "text", "quiet", "accent"),
      ...on("bad-ground", "text", "quiet", "bad"),
      ...on("warn-ground", "text", "quiet", "warn"),
      ...on("bone", "quiet"),
      ...on("accent", "on-accent"),
      ...on("bad", "ground"),
    ];
    const poor = pairs.filter(
      ([text, ground]) => contrast(of(text), of(ground)) < 4.5,
    );
    expect(poor).toEqual([]);
  });

  it("set off the edges of what can be pressed, and what is drawn", () => {
    const drawn = ["edge-strong", "accent", "series-0", "series-1", "series-2"];
    const poor = [...drawn, "series-3"].filter(
      (name) => contrast(of(name), of("ground")) < 3,
    );
    expect(poor).toEqual([]);
  });
});

/** What follows `query` in all sheets, up to the end of each block. */
function under(query: string): string {
  return [GROUND, ...OTHERS]
    .flatMap((sheet) => sheet.split(`@media (${query}) {`).slice(1))
    .map((rest) => rest.split("\n}\n")[0] ?? "")
    .join("\n");
}

it("whoever wants less motion gets none", () => {
  const still = under("prefers-reduced-motion: reduce");
  expect(still).toContain("animation: none !important");
  expect(still).toContain("transition: none !important");
});

it.each([
  '.match[aria-selected="true"]',
  "mark",
  ".bar-value",
  ".swatch",
  '.switch[aria-checked="true"] .switch-track',
  '.yes[aria-disabled="true"]',
])("with forced colours %s has another sign than its ground", (selector) => {
  expect(under("forced-colors: active")).toContain(selector);
});
