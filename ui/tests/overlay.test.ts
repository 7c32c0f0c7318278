import type { LitElement } from "lit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { StandIn, whyDownloads, type Answers } from "../dev/shell";
import type {
  Beginning,
  LogEntry,
  Outcome,
  SearchResult,
  ShellEvent,
  StatementState,
  TurnEvent,
} from "../src/wire";
import downloads from "./streams/downloads.json";
import failing from "./streams/failing.json";

const EVENTS = downloads as TurnEvent[];
const FINISHED = EVENTS.at(-1) as Extract<TurnEvent, { type: "finished" }>;
const TRASHED: TurnEvent[] = [
  { type: "started", utterance: "Move to trash" },
  {
    type: "statement",
    index: 0,
    text: "files.trash(x)",
    state: "done",
    note: "Moved film.mkv to the trash.",
  },
  { type: "finished", finish: { ...FINISHED.finish, undoable: true } },
];
const entry = (undoable: boolean): LogEntry => ({
  entry: 1,
  call: "files.trash(x)",
  state: undoable ? "done" : "undone",
  note: "",
  undoable,
});
const FILES: SearchResult = {
  id: "app:files",
  kind: "app",
  title: "Files",
  subtitle: "",
  icon: "",
  matches: [[0, 3]],
};

const text = (node: Element | null | undefined) =>
  node?.textContent.replace(/\s+/g, " ").trim();
const settle = async () => {
  for (let round = 0; round < 10; round += 1)
    await new Promise((resolve) => setTimeout(resolve));
};

class Page {
  private constructor(readonly shell: StandIn) {}

  static async open(
    answers: Answers = {},
    beginning: Partial<Beginning> = {},
    early: ShellEvent[] = [],
  ): Promise<Page> {
    const shell = new StandIn(beginning, answers, early);
    await import("../src/overlay");
    document.body.append(document.createElement("lucid-overlay"));
    await settle();
    return new Page(shell);
  }

  get line(): HTMLInputElement {
    return this.one("#line") as HTMLInputElement;
  }

  one(selector: string): HTMLElement {
    const found = document.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`${selector} is not drawn`);
    return found;
  }

  all(selector: string): (string | undefined)[] {
    return Array.from(document.querySelectorAll(selector), text);
  }

  async type(words: string): Promise<void> {
    this.line.value = words;
    this.line.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await settle();
  }

  async key(key: string, init: KeyboardEventInit = {}): Promise<void> {
    this.line.dispatchEvent(
      new KeyboardEvent("keydown", {
        key,
        bubbles: true,
        cancelable: true,
        ...init,
      }),
    );
    await settle();
  }

  async play(turn: string, events: TurnEvent[]): Promise<void> {
    this.shell.play(turn, events);
    await settle();
  }
}

afterEach(() => document.body.replaceChildren());

describe("the line", () => {
  it("says before Enter what Enter will do", async () => {
    const page = await Page.open({
      search: ({ query }) => ({
        results: query === "fil" ? [FILES] : [],
        ms: 0,
      }),
    });
    await page.type("fil");
    expect(text(page.one("#enter-hint"))).toBe("Open Files");
    await page.type("mute the sound");
    expect(text(page.one("#enter-hint"))).toBe("Do this");
    expect(page.line.getAttribute("aria-expanded")).toBe("true");
  });

  it("opens the highlighted match, and goes when that is done", async () => {
    const page = await Page.open({
      search: () => ({ results: [FILES], ms: 0 }),
      open: () => "t3",
    });
    await page.type("fil");
    await page.key("Enter");
    expect(page.shell.called("open")[0]?.args["id"]).toBe("app:files");
    expect(page.shell.called("hide")).toHaveLength(0);
    await page.play("t3", EVENTS);
    expect(page.shell.called("hide")).toHaveLength(1);
  });

  it("sends words as a request with a nonce of its own", async () => {
    const page = await Page.open({ ask: () => "t12" });
    for (const words of ["mute", "mute"]) {
      await page.type(words);
      await page.key("Enter");
    }
    const [first, second] = page.shell.called("ask");
    expect(first?.args["text"]).toBe("mute");
    expect(first?.args["nonce"]).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.args["nonce"]).not.toBe(second?.args["nonce"]);
    expect(page.line.value).toBe("");
  });

  it("takes a second Enter for the same wish while the first is on its way", async () => {
    let answer: ((turn: string) => void) | undefined;
    const page = await Page.open({
      ask: () => new Promise<string>((resolve) => (answer = resolve)),
    });
    await page.type("mute");
    await page.key("Enter");
    await page.key("Enter");
    await page.type("mute and");
    answer?.("t1");
    await settle();
    expect(page.shell.called("ask")).toHaveLength(1);
    expect(page.line.value).toBe("mute and");
  });

  it("takes the next request while earlier ones are still looked up", async () => {
    const page = await Page.open({
      ask: () => "t1",
      history: () => new Promise<never>(() => undefined),
    });
    for (const words of ["mute", "open files"]) {
      await page.type(words);
      await page.key("Enter", { ctrlKey: true });
    }
    expect(page.shell.called("ask")).toHaveLength(2);
  });

  it("goes through history from the empty line and asks it again", async () => {
    const page = await Page.open({
      history: () => ["mute", "open files"],
      ask: () => "t1",
    });
    await page.key("ArrowUp");
    await page.key("ArrowUp");
    expect(page.line.value).toBe("open files");
    await page.key("ArrowDown");
    await page.key("Enter");
    expect(page.shell.called("ask")[0]?.args["text"]).toBe("mute");
  });

  it("does nothing on Enter while a word is being composed", async () => {
    const page = await Page.open({ ask: () => "t1" });
    await page.type("jingyin");
    await page.key("Enter", { isComposing: true });
    expect(page.shell.called("ask")).toHaveLength(0);
  });

  it("begins with what was typed before the page was there", async () => {
    const page = await Page.open({}, { typed: "mut" });
    expect(page.line.value).toBe("mut");
    expect(page.shell.called("search").at(-1)?.args["query"]).toBe("mut");
  });
});

describe("a turn", () => {
  async function asked(answers: Answers = {}): Promise<Page> {
    const page = await Page.open({
      ask: () => "t12",
      why: () => whyDownloads(EVENTS),
      ...answers,
    });
    await page.type("the largest files");
    await page.key("Enter");
    return page;
  }

  it("shows the plan while it is written, each step with its state in words", async () => {
    const page = await asked();
    expect(page.all(".thinking")).toEqual(["Making a plan…"]);
    await page.play("t12", EVENTS.slice(0, 8));
    expect(page.all(".step-state")).toEqual(["Running", "Being written"]);
    expect(page.all(".step code")[0]).toBe(
      'f = files.find(folder="~/Downloads", min_mb=100)',
    );
  });

  const CODE = 'f = files.find(folder="~/Downloads")';
  const DOES = "Finds files by name, kind, folder, size or age.";
  const step = (state: StatementState, note?: string): TurnEvent[] => [
    { type: "started", utterance: "the largest files" },
    {
      type: "statement",
      index: 0,
      text: CODE,
      state,
      ...(note !== undefined && { note }),
    },
  ];
  it.each<[string, TurnEvent[], string, string]>([
    ["written", [{ type: "decoded", text: CODE }], DOES, "Being written"],
    ["waiting", step("waiting"), DOES, "Waiting"],
    ["asking", step("consent"), DOES, "Asks you first"],
    ["running", step("running"), DOES, "Running"],
    ["done", step("done", "Found 3 files."), "Found 3 files.", "Done"],
    ["done without a word", step("done"), DOES, "Done"],
    [
      "failed",
      step("failed", "It is not there."),
      "It is not there.",
      "Failed",
    ],
    ["refused", step("refused", "You said no."), "You said no.", "Refused"],
    ["not tried", step("skipped"), DOES, "Not tried"],
  ])(
    "says in a sentence what a step is about before its code, when it is %s",
    async (_, events, sentence, state) => {
      const page = await asked();
      await page.play("t12", events);
      const parts = page.all(".step :is(.step-sentence, code, .step-state)");
      expect(parts).toEqual([sentence, CODE, state]);
    },
  );

  it("says the state in place of a sentence that nobody knows", async () => {
    const page = await asked({ summaries: () => ({}) });
    await page.play("t12", step("running"));
    expect(page.all(".step :is(.step-sentence, code, .step-state)")).toEqual([
      "Running",
      CODE,
    ]);
  });

  it("reads no code out", async () => {
    const page = await asked();
    await page.play("t12", step("running"));
    expect(page.all("[aria-live]")).toEqual([`${DOES} Running`]);
  });

  it.each<[string, StatementState, Outcome]>([
    ["Done", "done", "done"],
    ["Refused", "refused", "refused"],
    ["Failed", "failed", "failed"],
  ])(
    "shows “%s” once when its only step and it have ended",
    async (word, state, outcome) => {
      const page = await asked();
      const { finish } = FINISHED;
      await page.play("t12", [
        ...step(state, "So it went."),
        { type: "finished", finish: { ...finish, outcome } },
      ]);
      expect(page.all(".step-state.unseen")).toEqual([word]);
      expect(page.all(".outcome")).toHaveLength(1);
    },
  );

  it("is stopped by Escape, and Escape again hides", async () => {
    const page = await asked();
    await page.play("t12", EVENTS.slice(0, 8));
    await page.key("Escape");
    expect(page.shell.called("stop")[0]?.args["turn"]).toBe("t12");
    await page.key("Escape");
    expect(page.shell.called("stop")[1]?.args["turn"]).toBe("");
    expect(page.shell.called("hide")).toHaveLength(0);
    await page.play("t12", EVENTS);
    await page.key("Escape");
    expect(page.shell.called("hide")).toHaveLength(1);
  });

  it("folds steps that say nothing, and keeps what the others say", async () => {
    const page = await asked();
    await page.play("t12", EVENTS);
    expect(page.all(".notes li")).toEqual(["Found 3 files."]);
    expect(page.all(".step")).toEqual([]);
    page.one(".plan-toggle").click();
    await settle();
    expect(page.all(".step")).toHaveLength(3);
    expect(page.all(".plan-toggle")).toEqual(["Plan · 3 steps"]);
  });

  it("says how it ended, how long it took and who planned it", async () => {
    const page = await asked();
    await page.play("t12", EVENTS);
    expect(page.all(".outcome")).toEqual(["Done"]);
    expect(page.all(".took")).toEqual(["1.3 s", "by qwen2.5-coder-1.5b"]);
  });

  it("says who read a text, and who could not", async () => {
    const readers = [
      {
        model: "cloud",
        steps: [{ model: "small", reason: "the text is too long for it" }],
      },
      { model: "cloud", broke_off: true },
    ];
    const events = EVENTS.map((event) =>
      event.type === "finished"
        ? { ...event, finish: { ...event.finish, readers } }
        : event,
    );
    const page = await asked({ why: () => whyDownloads(events) });
    await page.play("t12", events);
    expect(page.all(".took").at(-1)).toBe("read by cloud");
    page.one(".why-button").click();
    await settle();
    const why = text(page.one("lucid-why"));
    expect(why).toContain(
      "small was asked before: the text is too long for it",
    );
    expect(why).toContain("cloud broke off");
  });

  it("stays in the page while matches hide it", async () => {
    const page = await asked();
    await page.play("t12", EVENTS);
    const stage = page.one(".stage");
    await page.type("fil");
    expect(stage.isConnected).toBe(true);
    expect(stage.hidden).toBe(true);
    await page.type("");
    expect(page.one(".stage")).toBe(stage);
    expect(stage.hidden).toBe(false);
  });

  it("says what failed and what to do next, and can be undone", async () => {
    const page = await asked({
      undo: () => "t13",
      why: () => whyDownloads(EVENTS, [entry(true)]),
    });
    await page.play("t12", failing as TurnEvent[]);
    expect(page.all(".problem")[0]).toContain(
      "Make it first, or name another folder.",
    );
    expect(page.all(".outcome")).toEqual(["Partly done"]);
    await page.key("z", { ctrlKey: true });
    expect(page.shell.called("undo")[0]?.args["turn"]).toBe("t12");
    expect(document.querySelector(".undo")).toBeNull();
  });

  it("tells the kernel when it appears, before a word is typed", async () => {
    const page = await Page.open();
    expect(page.shell.called("typing")).toEqual([]);
    page.shell.say({ type: "shown", trigger: 1 });
    await settle();
    expect(page.shell.called("typing")[0]?.args["text"]).toBe("");
  });

  it("offers to undo what was just done, also while typing, until it is undone", async () => {
    let left = true;
    const page = await asked({
      why: () => whyDownloads(EVENTS, [entry(left)]),
      search: () => ({ results: [FILES], ms: 0 }),
      undo: () => "t13",
    });
    await page.play("t12", TRASHED);
    expect(page.one("[role=status] .toast").dataset["turn"]).toBe("t12");
    expect(page.all(".undo")).toEqual(["Undo"]);
    await page.type("fil");
    expect(page.all(".toast .notice-words")).toEqual([
      "Moved film.mkv to the trash.",
    ]);
    page.one(".toast .undo").click();
    await settle();
    expect(page.shell.called("undo")[0]?.args["turn"]).toBe("t12");
    left = false;
    await page.play("t13", TRASHED);
    await page.type("");
    expect(document.querySelector(".undo")).toBeNull();
  });

  it("offers to undo what had ended before its number was known", async () => {
    const page = await Page.open({
      ask: () => "t12",
      act: async () => {
        await page.play("t13", TRASHED);
        return "t13";
      },
      why: () => whyDownloads(EVENTS, [entry(true)]),
    });
    await page.type("the largest files");
    await page.key("Enter");
    await page.play("t12", EVENTS);
    page.one("[data-ref=r2] [data-verb='files.trash']").click();
    await settle();
    await settle();
    expect(page.one("[role=status] .toast").dataset["turn"]).toBe("t13");
    expect(text(page.one(".toast"))).toContain("This can be undone.");
  });

  it("asks the kernel whether something else has undone it", async () => {
    let left = true;
    const page = await asked({
      why: () => whyDownloads(EVENTS, [entry(left)]),
    });
    await page.play("t12", TRASHED);
    page.one(".toast .close").click();
    await settle();
    expect(page.all(".undo")).toEqual(["Undo"]);
    left = false;
    await page.play("t77", EVENTS.slice(-1));
    expect(document.querySelector(".undo")).toBeNull();
  });

  it("keeps its panel while a row's button begins another turn", async () => {
    const page = await asked({ act: () => "t13" });
    await page.play("t12", EVENTS);
    page.one("[data-ref=r2] [data-verb='files.trash']").click();
    await settle();
    const action = page.shell.called("act")[0]?.args["action"];
    expect(action).toMatchObject({
      surface: "t12",
      component: "s2",
      verb: "files.trash",
      ref: "r2",
    });
    await page.play("t13", [
      { type: "started", utterance: "Move to trash" },
      {
        type: "statement",
        index: 0,
        text: "files.trash(x)",
        state: "done",
        note: "Moved to the trash.",
      },
      { ...(EVENTS.at(-1) as Extract<TurnEvent, { type: "finished" }>) },
    ]);
    expect(page.all(".follower .note")[0]).toBe("Moved to the trash. Done");
    expect(page.all(".follower .step-state.unseen")).toEqual(["Done"]);
    expect(document.querySelectorAll("tbody tr")).toHaveLength(4);
  });

  it("gives the focus to the line when the button that has it goes", async () => {
    const page = await asked();
    await page.play("t12", EVENTS.slice(0, 8));
    page.one(".stop").focus();
    await page.play("t12", EVENTS);
    expect(document.querySelector(".stop")).toBeNull();
    expect(document.activeElement).toBe(page.line);
  });

  it("draws the parts of a panel anew only when the panel changes", async () => {
    const page = await asked();
    await page.play("t12", EVENTS);
    const part = document.querySelector("lucid-part") as LitElement;
    const before = await part.updateComplete;
    const drawn = vi.spyOn(
      part as unknown as { render: () => unknown },
      "render",
    );
    await page.type("x");
    await page.type("");
    expect(before).toBe(true);
    expect(drawn).not.toHaveBeenCalled();
  });

  it("says why", async () => {
    const page = await asked();
    await page.play("t12", EVENTS);
    page.one(".why-button").click();
    await settle();
    const why = text(page.one("lucid-why"));
    for (const part of [
      "qwen2.5-coder-1.5b",
      "files.largest",
      "It only reads.",
      "1.3 sec",
      "1,398 restored",
      "14.6 J",
    ]) {
      expect(why).toContain(part);
    }
  });

  it("asks back and takes a choice as the answer", async () => {
    const page = await asked();
    await page.play("t12", [
      { type: "asked", question: "Which player?", choices: ["mpv", "Music"] },
    ]);
    page.one(".answers button").click();
    await settle();
    expect(page.shell.called("ask").at(-1)?.args["text"]).toBe("mpv");
  });
});

describe("for a screen reader", () => {
  it("the line names the highlighted choice, which is in a list of its own", async () => {
    const page = await Page.open({
      search: () => ({ results: [FILES, { ...FILES, id: "b" }], ms: 0 }),
    });
    const active = () =>
      page.one(`#${page.line.getAttribute("aria-activedescendant") ?? ""}`);
    await page.type("fil");
    const list = page.one(`#${page.line.getAttribute("aria-controls") ?? ""}`);
    expect(list.getAttribute("role")).toBe("listbox");
    expect(list.contains(active())).toBe(true);
    await page.key("ArrowDown");
    expect(active()).toBe(list.children[1]);
    expect(active().getAttribute("aria-selected")).toBe("true");
    expect(list.querySelectorAll("[aria-selected=true]")).toHaveLength(1);
    expect(page.all("[aria-live]")).toEqual(["3 choices. Open Files"]);
    await page.type("");
    expect(page.line.hasAttribute("aria-activedescendant")).toBe(false);
    expect(page.line.getAttribute("aria-expanded")).toBe("false");
  });

  it("Tab goes from the line through the result to the buttons below it", async () => {
    const page = await Page.open({
      ask: () => "t12",
      why: () => whyDownloads(EVENTS, [entry(true)]),
    });
    await page.type("the largest files");
    await page.key("Enter");
    await page.play("t12", [
      ...EVENTS.slice(0, -1),
      { ...FINISHED, finish: { ...FINISHED.finish, undoable: true } },
    ]);
    page.one(".why-button").click();
    await settle();
    const stops = Array.from(
      document.querySelectorAll<HTMLElement>("input, button, [tabindex]"),
    ).filter((element) => element.tabIndex >= 0);
    expect(
      stops.map((stop) => stop.getAttribute("aria-label") ?? text(stop)),
    ).toEqual([
      "Say what you want, or name an app or file",
      "What was asked, and what came of it",
      "Plan · 3 steps",
      expect.stringContaining("holiday in the mountains.mkv"),
      "Open: holiday in the mountains.mkv",
      "Move to trash: holiday in the mountains.mkv",
      "Undo",
      "Close",
      "Why?",
    ]);
    const button = page.one(".why-button");
    expect(button.getAttribute("aria-expanded")).toBe("true");
    const drawer = page.one(`#${button.getAttribute("aria-controls") ?? ""}`);
    expect(drawer.getAttribute("aria-label")).toBe("Why it was done like this");
  });

  it("a problem is said once, as an alert", async () => {
    const page = await Page.open({ ask: () => "t12" });
    await page.type("move the report");
    await page.key("Enter");
    await page.play("t12", failing as TurnEvent[]);
    expect(page.all("[role=alert]")).toHaveLength(1);
    expect(page.all("[aria-live]")).toEqual(["Partly done"]);
  });

  it("a download is a bar with a name and a value", async () => {
    const page = await Page.open();
    const progress = {
      stage: "fetching",
      bytes: 250,
      total: 1000,
      rate: 10,
      seconds_left: null,
      problem: null,
    };
    page.shell.say({ type: "model", id: "qwen", progress });
    await settle();
    const bar = page.one("[role=progressbar]");
    expect(bar.getAttribute("aria-label")).toBe("Downloading qwen");
    expect(bar.getAttribute("aria-valuenow")).toBe("25");
  });
});

/** Rejects as the shell does: with what the command returned, which is no `Error`. */
function rejected(thrown: unknown): Promise<never> {
  return new Promise(() => {
    throw thrown;
  });
}
const kernelGone = () => rejected({ kind: "kernel_gone" });

describe("a call that fails", () => {
  const DETAIL = "There is no model yet.\nFetch one with lucid model fetch.";

  it("is told with what to do next, and closed by Escape", async () => {
    const page = await Page.open({
      ask: () => rejected({ kind: "failed", detail: DETAIL }),
    });
    await page.type("mute the sound");
    await page.key("Enter");
    expect(page.all(".notice p")).toEqual([
      "There is no model yet.",
      "What to do: Fetch one with lucid model fetch.",
    ]);
    expect(page.one(".notice").getAttribute("role")).toBe("alert");
    await page.key("Escape");
    expect(document.querySelector(".notice")).toBeNull();
    expect(page.shell.called("hide")).toHaveLength(0);
  });

  it("says in the person's language what the shell did not take", async () => {
    const page = await Page.open(
      { ask: () => rejected({ kind: "invalid", id: "nonce-malformed" }) },
      { language: "zh" },
    );
    await page.type("静音");
    await page.key("Enter");
    expect(page.all(".notice p")).toEqual(["无法发送，请重试。"]);
    page.one(".notice .close").click();
    await settle();
    expect(document.querySelector(".notice")).toBeNull();
  });
});

describe("a consent that is answered", () => {
  const waiting = (count: number, escaped: boolean): ShellEvent => ({
    type: "consent",
    waiting: count,
    escaped,
  });

  it("by Escape makes the next Escape the second press, which hides nothing", async () => {
    const page = await Page.open();
    page.shell.say(waiting(1, false));
    page.shell.say(waiting(0, true));
    await page.key("Escape");
    expect(page.shell.called("hide")).toHaveLength(0);
  });

  it("by a button, or taken back, leaves Escape as it was", async () => {
    const page = await Page.open({ ask: () => "t12" });
    await page.type("the largest files");
    await page.key("Enter");
    await page.play("t12", EVENTS.slice(0, 8));
    page.shell.say(waiting(1, false));
    page.shell.say(waiting(0, false));
    await page.key("Escape");
    expect(page.shell.called("stop").map(({ args }) => args["turn"])).toEqual([
      "t12",
    ]);
  });
});

describe("a kernel that is gone", () => {
  it("is not taken for gone when it came while the page began", async () => {
    await Page.open({}, { present: false }, [
      { type: "kernel", present: true },
    ]);
    expect(document.querySelector(".banner")).toBeNull();
  });

  it("is not taken for gone when it only did not answer", async () => {
    const page = await Page.open({ ask: kernelGone });
    await page.type("mute the sound");
    await page.key("Enter");
    expect(document.querySelector(".banner")).toBeNull();
    expect(page.all(".notice p")).toEqual([
      "The kernel did not answer. Try it again.",
    ]);
    expect(page.line.value).toBe("mute the sound");
  });

  it("is told, keeps what was typed, and is drawn again when it is back", async () => {
    let gone = false;
    const page = await Page.open({
      ask: () => (gone ? kernelGone() : "t12"),
      state: () => ({
        turns: [["t12", EVENTS]],
        model: "",
        model_loaded: false,
      }),
    });
    page.shell.say({ type: "kernel", present: false });
    gone = true;
    await page.type("mute the sound");
    await page.key("Enter");
    expect(page.all(".banner")[0]).toContain("The kernel is not running.");
    expect(page.line.value).toBe("mute the sound");
    page.shell.say({ type: "kernel", present: true });
    await settle();
    expect(document.querySelector(".banner")).toBeNull();
    expect(page.line.value).toBe("mute the sound");
    await page.type("");
    expect(page.all(".panel-title")).toEqual(["Big downloads"]);
  });

  it("gives up what was pressed on a panel when it comes back without it", async () => {
    const page = await Page.open({
      ask: () => "t12",
      act: () => "t13",
      state: () => ({
        turns: [["t12", EVENTS]],
        model: "",
        model_loaded: false,
      }),
    });
    const trash = () => page.one("[data-ref=r2] [data-verb='files.trash']");
    trash().click();
    await settle();
    expect(trash().getAttribute("aria-busy")).toBe("true");
    page.shell.say({ type: "kernel", present: false });
    page.shell.say({ type: "kernel", present: true });
    await settle();
    expect(trash().getAttribute("aria-busy")).toBeNull();
  });

  it("lets the overlay go at Escape, and keeps the turn as stopped", async () => {
    const page = await Page.open({ ask: () => "t12" });
    await page.type("the largest files");
    await page.key("Enter");
    await page.play("t12", EVENTS.slice(0, 8));
    page.shell.say({ type: "kernel", present: false });
    await settle();
    expect(page.all(".outcome")).toEqual(["Stopped"]);
    expect(page.all(".lost-note")).toEqual([
      "The kernel stopped during this; ↑ brings the words back.",
    ]);
    await page.key("Escape");
    expect(page.shell.called("hide")).toHaveLength(1);
    expect(page.shell.called("stop")).toHaveLength(0);
    page.shell.say({ type: "kernel", present: true });
    await settle();
    expect(page.all(".utterance")).toEqual(["the largest files in Downloads"]);
    expect(page.all(".outcome")).toEqual(["Stopped"]);
  });

  it("speaks Chinese where the session does", async () => {
    const page = await Page.open({}, { language: "zh", present: false });
    expect(page.all(".banner")[0]).toContain("内核没有运行");
    expect(document.documentElement.lang).toBe("zh-Hans");
  });

  it("speaks the language in which what is shown was asked", async () => {
    const turns = ["t12", "t13"];
    const page = await Page.open({ ask: () => turns.shift() ?? "" });
    await page.type("静音");
    await page.key("Enter", { ctrlKey: true });
    await page.play("t12", [
      { type: "started", utterance: "静音" },
      { ...FINISHED, finish: { ...FINISHED.finish, undoable: true } },
    ]);
    expect(page.all("footer .outcome")).toEqual(["已完成"]);
    expect(document.documentElement.lang).toBe("zh-Hans");
    await page.type("mute");
    await page.key("Enter", { ctrlKey: true });
    expect(document.documentElement.lang).toBe("zh-Hans");
    await page.play("t13", [{ type: "started", utterance: "mute" }]);
    expect(document.documentElement.lang).toBe("en");
  });
});
