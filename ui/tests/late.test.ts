import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { choices } from "../src/enter";
import { LateSearch, PAUSE_MS } from "../src/late";
import type { SearchReport, SearchResult } from "../src/wire";

function hit(title: string): SearchResult {
  return {
    id: title,
    kind: "hit",
    title,
    subtitle: "",
    icon: "",
    matches: [],
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("asks once the person pauses, and only for what stands then", async () => {
  const asked: string[] = [];
  const shown: string[][] = [];
  const ask = async (query: string): Promise<SearchReport> => {
    asked.push(query);
    return Promise.resolve({ results: [hit(query)], ms: 0 });
  };
  const late = new LateSearch(ask, (results) =>
    shown.push(results.map((result) => result.title)),
  );
  late.want("s");
  await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
  late.want("sn");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(asked).toEqual(["sn"]);
  expect(shown).toEqual([["sn"]]);
  late.want(" ");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(asked).toEqual(["sn"]);
});

it("drops what comes for words that have changed, and what fails", async () => {
  const shown: unknown[] = [];
  let answer: ((report: SearchReport) => void) | undefined;
  const ask = (query: string): Promise<SearchReport> =>
    query === "fails"
      ? Promise.reject(new Error("no kernel"))
      : new Promise((resolve) => {
          answer = resolve;
        });
  const late = new LateSearch(ask, (results) => shown.push(results));
  late.want("snow");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  late.want("fails");
  answer?.({ results: [hit("snow")], ms: 0 });
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(shown).toEqual([]);
});

it("stands behind everything, so that nothing moves", () => {
  const late = [hit("late")];
  const titles = (query: string, results: SearchResult[]): string[] =>
    choices(query, results, late).map((choice) =>
      choice.kind === "do" ? "do" : choice.result.title,
    );
  expect(titles("fi", [{ ...hit("Files"), kind: "app" }])).toEqual([
    "Files",
    "do",
    "late",
  ]);
  expect(titles("turn it off", [])).toEqual(["do", "late"]);
});
