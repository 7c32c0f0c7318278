import { describe, expect, it } from "vitest";
import { choices, isMeant } from "../src/enter";
import type { ResultKind, SearchResult } from "../src/wire";

function result(title: string, kind: ResultKind = "app"): SearchResult {
  return { id: title, kind, title, subtitle: "", icon: "", matches: [] };
}

describe("what Enter does", () => {
  it.each([
    ["fil", "Files", true],
    ["text ed", "Text Editor", true],
    ["editor", "Text Editor", true],
    ["les", "Files", false],
    ["turn the volume down to 30", "Volume Control", false],
    ["mute", "Commute Planner", false],
    ["计算", "科学计算器", true],
    ["editor text", "Text Editor", false],
  ])("%j means %j: %s", (query, title, meant) => {
    expect(isMeant(query, result(title))).toBe(meant);
  });

  it("puts first what Enter does", () => {
    const kinds = (query: string, results: SearchResult[]) =>
      choices(query, results).map((choice) => choice.kind);
    expect(kinds("fil", [result("Files")])).toEqual(["open", "do"]);
    expect(kinds("mute the sound", [result("Sound")])).toEqual(["do", "open"]);
    expect(kinds("2*21", [result("42", "calculation")])).toEqual([
      "copy",
      "do",
    ]);
    expect(kinds("  ", [])).toEqual([]);
  });

  it("sends the words without spaces around them", () => {
    expect(choices("  mute ", [])).toEqual([{ kind: "do", text: "mute" }]);
  });
});
