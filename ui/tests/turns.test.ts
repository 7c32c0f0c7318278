import { describe, expect, it } from "vitest";
import { Session } from "../src/session";
import {
  after,
  isRunning,
  lost,
  newTurn,
  outcomeOf,
  unchecked,
  worthTelling,
} from "../src/turns";
import type { TurnEvent } from "../src/wire";
import downloads from "./streams/downloads.json";
import failing from "./streams/failing.json";

const EVENTS = downloads as TurnEvent[];

function session(refilled: string[] = []): Session {
  return new Session((turn) => refilled.push(turn));
}

describe("a turn", () => {
  it("is what its events tell", () => {
    const turn = EVENTS.reduce(after, newTurn("t12"));
    expect(turn.utterance).toBe("the largest files in Downloads");
    expect(turn.steps.map((step) => step.state)).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(turn.surfaces).toEqual(["t12"]);
    expect(isRunning(turn)).toBe(false);
    expect(unchecked(turn)).toEqual([]);
  });

  it("shows lines that are written but not checked yet", () => {
    const turn = EVENTS.slice(0, 8).reduce(after, newTurn("t12"));
    expect(turn.steps).toHaveLength(1);
    expect(unchecked(turn)).toEqual(['title("Big downloads")']);
  });

  it("drops what is written anew, and keeps the checked lines", () => {
    let turn = EVENTS.slice(0, 8).reduce(after, newTurn("t12"));
    turn = after(turn, { type: "rewriting", reason: "not a column" });
    expect(unchecked(turn)).toEqual([]);
    turn = after(turn, { type: "decoded", text: 'title("Big' });
    expect(unchecked(turn)).toEqual(['title("Big']);
    expect(turn.decoded.split("\n")).toHaveLength(2);
  });

  it("does not know of a step that ran when the kernel stopped, unless it asked first", () => {
    const running = EVENTS.slice(0, 8).reduce(after, newTurn("t12"));
    expect(lost(running).steps[0]?.state).toBe("unknown");
    const steps = running.steps.map((step) => ({
      ...step,
      state: "consent" as const,
    }));
    const asking = lost({ ...running, consents: ["c1"], steps });
    expect(asking.steps[0]?.state).toBe("skipped");
    expect(asking.consents).toEqual([]);
  });

  it("keeps the note of what failed", () => {
    const turn = (failing as TurnEvent[]).reduce(after, newTurn("t1"));
    expect(turn.steps[0]).toEqual({
      text: 'files.move("~/Documents/report.odt", "~/Archive")',
      state: "failed",
      note: "The folder ~/Archive is not there.",
    });
    expect(turn.problems.map((problem) => problem.id)).toEqual([
      "folder-missing",
    ]);
  });

  it("is told after another when it is the last, or not done", () => {
    const failed = (failing as TurnEvent[]).reduce(after, newTurn("t2"));
    const following = [newTurn("t1"), failed, newTurn("t3"), newTurn("t4")];
    expect(worthTelling(following).map(({ id }) => id)).toEqual(["t2", "t4"]);
    expect(worthTelling([])).toEqual([]);
  });

  it("is not harmed by an event of a newer kernel or a wild index", () => {
    const turn = newTurn("t1");
    expect(after(turn, { type: "dreamt" } as unknown as TurnEvent)).toEqual(
      turn,
    );
    const wild = after(turn, {
      type: "statement",
      index: 1e9,
      text: "x",
      state: "done",
    });
    expect(wild.steps).toEqual([]);
  });
});

describe("a session", () => {
  it("ignores repetitions and puts early events in their place", () => {
    const refilled: string[] = [];
    const one = session(refilled);
    const [a, b, c] = EVENTS.slice(2, 5) as [TurnEvent, TurnEvent, TurnEvent];
    one.take("t1", 0, a);
    one.take("t1", 2, c);
    one.take("t1", 0, a);
    expect(refilled).toEqual(["t1"]);
    one.take("t1", 1, b);
    expect(one.get("t1")?.decoded).toBe(
      'f = files.find(folder="~/Downloads", min_mb=100)\n',
    );
    expect(one.get("t1")?.steps).toHaveLength(1);
  });

  it("draws the same from the kernel's state as from the events", () => {
    const live = session();
    live.show("t12");
    live.takeAll("t12", EVENTS);
    const again = session();
    again.replicate({
      turns: [["t12", EVENTS]],
      model: "",
      model_loaded: false,
    });
    expect(again.shown).toEqual(live.shown);
    const data = (one: Session) =>
      one.surfaces.get("t12")?.rows({ path: "/s2/rows" });
    expect(data(again)).toEqual(data(live));
    expect(data(again)).toHaveLength(4);
  });

  it("keeps a turn in which the kernel died as stopped, and does not go on with it", () => {
    const one = session();
    one.show("t12");
    one.takeAll("t12", EVENTS.slice(0, 8));
    expect(one.running).toHaveLength(1);
    one.replicate({ turns: [], model: "", model_loaded: false });
    expect(one.running).toEqual([]);
    expect(one.shown?.utterance).toBe("the largest files in Downloads");
    expect(one.shown && outcomeOf(one.shown)).toBe("stopped");
    expect(one.shown?.steps.map((step) => step.state)).toEqual(["unknown"]);
    expect(one.shown && unchecked(one.shown)).toEqual([]);
  });

  it("goes on with a turn when only the bus was away", () => {
    const one = session();
    one.show("t12");
    one.takeAll("t12", EVENTS.slice(0, 8));
    one.lose();
    expect(one.running).toEqual([]);
    const events = EVENTS.slice(0, 9);
    one.replicate({
      turns: [["t12", events]],
      model: "",
      model_loaded: false,
    });
    expect(one.shown).toEqual(events.reduce(after, newTurn("t12")));
  });

  it("shows what was asked in words, not the press that followed", () => {
    const one = session();
    const press: TurnEvent[] = [
      { type: "started", utterance: "Move to trash" },
      { type: "routed", route: { kind: "given" }, considered: [] },
    ];
    one.replicate({
      turns: [
        ["t12", EVENTS],
        ["t13", press],
      ],
      model: "",
      model_loaded: false,
    });
    expect(one.main).toBe("t12");
  });

  it("is bounded", () => {
    const one = session();
    for (let number = 0; number < 500; number += 1)
      one.takeAll(`t${number}`, EVENTS);
    expect(one.get("t0")).toBeUndefined();
    expect(one.get("t499")).toBeDefined();
  });
});
