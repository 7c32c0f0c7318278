import { expect, it } from "vitest";
import { KeyClock } from "../src/clock";
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

it("shows an answer to the beginning of what is typed, then the newest", async () => {
  const slow = new Slow();
  const shown: string[] = [];
  const queue = new SearchQueue(slow.ask, (found) => shown.push(found.query));
  queue.want("f");
  queue.want("fi");
  queue.want("fil");
  await slow.answer("f");
  expect(shown).toEqual(["f"]);
  expect(queue.isSettled).toBe(false);
  await slow.answer("fil");
  expect(shown).toEqual(["f", "fil"]);
  expect(slow.asked).toEqual(["f", "fil"]);
  expect(queue.isSettled).toBe(true);
});

it("answers at once what it has just answered", async () => {
  const slow = new Slow();
  const shown: string[] = [];
  const queue = new SearchQueue(slow.ask, (found) => shown.push(found.query));
  queue.want("f");
  await slow.answer("f");
  queue.want("f");
  expect(shown).toEqual(["f", "f"]);
  expect(slow.asked).toEqual(["f"]);
});

it("drops an answer to what is no longer typed", async () => {
  const slow = new Slow();
  const shown: string[] = [];
  const queue = new SearchQueue(slow.ask, (found) => shown.push(found.query));
  queue.want("fil");
  queue.want("mut");
  await slow.answer("fil");
  expect(shown).toEqual([]);
  await slow.answer("mut");
  expect(shown).toEqual(["mut"]);
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

it("measures each key until the answer that holds it", () => {
  const clock = new KeyClock();
  clock.typed("f", 10);
  clock.typed("fi", 20);
  clock.typed("fil", 30);
  expect(clock.answered("f")).toEqual([10]);
  expect(clock.answered("fil")).toEqual([20, 30]);
  clock.typed("file", 40);
  clock.clear();
  expect(clock.answered("file")).toEqual([]);
});
