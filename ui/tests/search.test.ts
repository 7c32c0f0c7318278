import { expect, it } from "vitest";
import { SearchQueue } from "../src/search";
import type { SearchReport } from "../src/wire";

/** A search whose answers are given by hand. */
class Slow {
  readonly asked: string[] = [];
  private readonly answers = new Map<string, () => void>();

  readonly ask = (query: string): Promise<SearchReport> => {
    this.asked.push(query);
    return new Promise((resolve) => {
      this.answers.set(query, () =>
        resolve({
          results: [
            {
              id: query,
              kind: "app",
              title: query,
              subtitle: "",
              icon: "",
              matches: [],
            },
          ],
          ms: 0,
        }),
      );
    });
  };

  async answer(query: string): Promise<void> {
    this.answers.get(query)?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

it("shows only the answer to the newest question", async () => {
  const slow = new Slow();
  const shown: string[] = [];
  const queue = new SearchQueue(slow.ask, (found) => shown.push(found.query));
  queue.want("f");
  queue.want("fi");
  queue.want("fil");
  await slow.answer("f");
  expect(shown).toEqual([]);
  expect(queue.isSettled).toBe(false);
  await slow.answer("fil");
  expect(shown).toEqual(["fil"]);
  expect(slow.asked).toEqual(["f", "fil"]);
  expect(queue.isSettled).toBe(true);
});

it("shows nothing when the search fails, and goes on", async () => {
  const shown: number[] = [];
  let fails = true;
  const queue = new SearchQueue(
    () =>
      fails
        ? Promise.reject(new Error("gone"))
        : Promise.resolve({ results: [], ms: 0 }),
    (found) => shown.push(found.results.length),
  );
  queue.want("a");
  await queue.settle(1000);
  fails = false;
  queue.want("ab");
  await queue.settle(1000);
  expect(shown).toEqual([0, 0]);
});

it("waits no longer than it was told", async () => {
  const queue = new SearchQueue(new Slow().ask, () => undefined);
  queue.want("a");
  await queue.settle(5);
  expect(queue.isSettled).toBe(false);
});

it("tells that the line is empty again", async () => {
  const slow = new Slow();
  const queue = new SearchQueue(slow.ask, () => undefined);
  queue.want("a");
  queue.want("");
  await slow.answer("a");
  await slow.answer("");
  expect(slow.asked).toEqual(["a", ""]);
});
