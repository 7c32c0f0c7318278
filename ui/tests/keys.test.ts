import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EscapeKey } from "../src/escape";
import { HistoryWalk } from "../src/history";
import { TypingReporter, finishedWords } from "../src/typing";

describe("Escape", () => {
  const nothing = {
    shownRunning: false,
    anyRunning: false,
    noticeOpen: false,
    drawerOpen: false,
  };
  const running = { ...nothing, shownRunning: true, anyRunning: true };

  it("stops what runs, then hides", () => {
    const escape = new EscapeKey();
    expect(escape.pressed(0, running)).toBe("stop");
    expect(escape.pressed(1000, nothing)).toBe("hide");
  });

  it("stops everything when pressed twice quickly", () => {
    const escape = new EscapeKey();
    expect(escape.pressed(0, running)).toBe("stop");
    expect(escape.pressed(200, running)).toBe("stop_all");
    expect(escape.pressed(300, nothing)).toBe("hide");
  });

  it("hides when it is pressed twice and nothing runs any more", () => {
    const escape = new EscapeKey();
    expect(escape.pressed(0, running)).toBe("stop");
    expect(escape.pressed(200, nothing)).toBe("hide");
    expect(escape.pressed(300, { ...nothing, drawerOpen: true })).toBe(
      "close_drawer",
    );
  });

  it("counts a press that another window took", () => {
    const escape = new EscapeKey();
    escape.pressedElsewhere(0);
    expect(escape.pressed(300, running)).toBe("stop_all");
    escape.pressedElsewhere(1000);
    expect(escape.pressed(1300, nothing)).toBe("nothing");
    escape.pressedElsewhere(2000);
    expect(escape.pressed(3000, nothing)).toBe("hide");
  });

  it("closes a problem before the drawer", () => {
    const escape = new EscapeKey();
    const both = { ...nothing, noticeOpen: true, drawerOpen: true };
    expect(escape.pressed(0, both)).toBe("close_notice");
  });

  it("waits for a second press when something runs elsewhere", () => {
    const escape = new EscapeKey();
    expect(escape.pressed(0, { ...nothing, anyRunning: true })).toBe("wait");
    expect(escape.pressed(200, { ...nothing, anyRunning: true })).toBe(
      "stop_all",
    );
  });

  it("stops before it closes the drawer", () => {
    const escape = new EscapeKey();
    expect(escape.pressed(0, { ...running, drawerOpen: true })).toBe("stop");
    expect(escape.pressed(1000, { ...nothing, drawerOpen: true })).toBe(
      "close_drawer",
    );
  });
});

describe("history", () => {
  it("goes back and forth from the empty line, without repetitions", () => {
    const walk = new HistoryWalk();
    walk.renew(["mute", "open files", "mute", " "]);
    expect(walk.isAt("")).toBe(true);
    expect([walk.older(), walk.older(), walk.older()]).toEqual([
      "mute",
      "open files",
      undefined,
    ]);
    expect(walk.isAt("open files")).toBe(true);
    expect([walk.newer(), walk.newer(), walk.newer()]).toEqual([
      "mute",
      "",
      undefined,
    ]);
  });

  it("is left by typing", () => {
    const walk = new HistoryWalk();
    walk.renew(["mute"]);
    walk.older();
    walk.leave();
    expect(walk.isAt("mute x")).toBe(false);
    expect(walk.isWalking).toBe(false);
  });
});

describe("typing", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each([
    ["", ""],
    ["turn", ""],
    ["turn the vol", "turn the "],
    ["turn the volume ", "turn the volume "],
    ["  ", ""],
    ["把音量调到", "把音量调到"],
    ["a, b", "a, "],
  ])("finished words of %j are %j", (text, words) => {
    expect(finishedWords(text)).toBe(words);
  });

  it("tells the words at their ends, once, and not after the line was sent", () => {
    const told: string[] = [];
    const reporter = new TypingReporter((text) => told.push(text));
    for (const text of ["t", "turn", "turn ", "turn t", "turn the "])
      reporter.typed(text);
    vi.advanceTimersByTime(1000);
    reporter.typed("turn the v");
    vi.advanceTimersByTime(1000);
    reporter.typed("turn the v ");
    reporter.reset();
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(["turn the "]);
  });
});
