import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commonFolder } from "../src/folder";
import type { ConsentRequest } from "../src/wire";

const REQUEST: ConsentRequest = {
  consent: "c1",
  turn: "t3",
  function: "files.trash",
  sentence: "Move 2 files to the trash.",
  reason: "The files were found by a search, not named by you.",
  arguments: [{ name: "items", value: "⟨U+202E⟩x", from_words: false }],
  targets: ["/home/ada/Downloads/a.iso", "/home/ada/Downloads/old/b.iso"],
  digest: "d1",
  undoable: false,
};

interface View {
  request: ConsentRequest;
  behind: number;
  reading_ms: number;
}

/** The dialog over a shell that answers `consent_shown` by hand. */
class Dialog {
  readonly calls: [string, Record<string, unknown>][] = [];
  private tell: (view: View | null) => void = () => undefined;
  private drawn: (() => void)[] = [];

  static async open(fails?: unknown): Promise<Dialog> {
    const dialog = new Dialog();
    mockIPC((command, args) => {
      const given = args as Record<string, unknown>;
      dialog.calls.push([command, given]);
      if (command === "consent_connect") {
        dialog.tell = (
          given["channel"] as { onmessage: typeof dialog.tell }
        ).onmessage;
        return "en";
      }
      if (command === "consent_shown")
        return new Promise<void>((resolve) => dialog.drawn.push(resolve));
      return new Promise((resolve) => {
        if (fails !== undefined) throw fails as Error;
        resolve(null);
      });
    });
    await import("../src/consent");
    document.body.append(document.createElement("lucid-consent"));
    await vi.advanceTimersByTimeAsync(10);
    await dialog.ask(REQUEST);
    return dialog;
  }

  async ask(request: ConsentRequest | null): Promise<void> {
    this.tell(request && { request, behind: 1, reading_ms: 500 });
    await vi.advanceTimersByTimeAsync(50);
  }

  async shellKnows(): Promise<void> {
    this.drawn.splice(0).forEach((resolve) => resolve());
    await vi.advanceTimersByTimeAsync(0);
  }

  called(command: string): Record<string, unknown>[] {
    return this.calls
      .filter(([name]) => name === command)
      .map(([, args]) => args);
  }

  async key(key: string): Promise<void> {
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
    await vi.advanceTimersByTimeAsync(0);
  }

  text(selector: string): string | undefined {
    return document
      .querySelector(selector)
      ?.textContent.replace(/\s+/g, " ")
      .trim();
  }

  get yesIsShut(): boolean {
    const yes = document.querySelector(".yes");
    return yes?.getAttribute("aria-disabled") === "true";
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("the consent dialog", () => {
  it("asks in the kernel's words, with the common folder once", async () => {
    const dialog = await Dialog.open();
    expect(dialog.text("#title")).toBe("Move 2 files to the trash?");
    expect(dialog.text("h2")).toBe("2 targets · /home/ada/Downloads/");
    expect(
      Array.from(document.querySelectorAll(".targets li"), (item) =>
        item.textContent.trim(),
      ),
    ).toEqual(["a.iso", "old/b.iso"]);
    expect(dialog.text(".value")).toBe("⟨U+202E⟩x");
    const described = document
      .querySelector("[role=alertdialog]")
      ?.getAttribute("aria-describedby");
    expect(described?.split(" ").map((id) => dialog.text(`#${id}`))).toEqual([
      "This cannot be undone.",
      "Why it asks: The files were found by a search, not named by you.",
    ]);
  });

  it("begins with the focus on the no, before which are only the details", async () => {
    const dialog = await Dialog.open();
    const stops = Array.from(
      document.querySelectorAll<HTMLElement>("button, [tabindex]"),
    ).filter((element) => element.tabIndex >= 0);
    expect(stops.map((stop) => stop.className.split(" ")[0])).toEqual([
      "body",
      "no",
      "yes",
    ]);
    expect(document.activeElement).toBe(stops[1]);
    expect(stops[0]?.getAttribute("aria-label")).toBe(
      "Exactly this would be done",
    );
    const asks = document.querySelector("[role=alertdialog]");
    expect(asks?.getAttribute("aria-modal")).toBe("true");
    expect(dialog.text(`#${asks?.getAttribute("aria-labelledby") ?? ""}`)).toBe(
      "Move 2 files to the trash?",
    );
  });

  it("opens the yes only after the shell knows that it is drawn", async () => {
    const dialog = await Dialog.open();
    await vi.advanceTimersByTimeAsync(2000);
    expect(dialog.yesIsShut).toBe(true);
    await dialog.shellKnows();
    await vi.advanceTimersByTimeAsync(400);
    expect(dialog.yesIsShut).toBe(true);
    await vi.advanceTimersByTimeAsync(200);
    expect(dialog.yesIsShut).toBe(false);
  });

  it("shuts the yes again for the next question", async () => {
    const dialog = await Dialog.open();
    await dialog.shellKnows();
    await vi.advanceTimersByTimeAsync(600);
    await dialog.ask({ ...REQUEST, consent: "c2", digest: "d2" });
    expect(dialog.yesIsShut).toBe(true);
    await dialog.shellKnows();
    await vi.advanceTimersByTimeAsync(600);
    expect(dialog.yesIsShut).toBe(false);
  });

  it("takes Escape for no, and twice for stop", async () => {
    const dialog = await Dialog.open();
    await dialog.key("Escape");
    expect(dialog.called("consent_answer")).toEqual([
      { consent: "c1", digest: "d1", verdict: "escape" },
    ]);
    await dialog.ask({ ...REQUEST, consent: "c2" });
    await dialog.key("Escape");
    expect(dialog.called("consent_stop")).toHaveLength(1);
    expect(dialog.called("consent_answer")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    await dialog.key("Escape");
    expect(dialog.called("consent_stop")).toHaveLength(1);
    expect(dialog.called("consent_answer")).toHaveLength(2);
  });

  it("tells a press of a button from the Escape key", async () => {
    const dialog = await Dialog.open();
    await dialog.shellKnows();
    await vi.advanceTimersByTimeAsync(600);
    for (const button of [".no", ".yes"])
      document.querySelector<HTMLElement>(button)?.click();
    expect(
      dialog.called("consent_answer").map(({ verdict }) => verdict),
    ).toEqual(["no", "yes"]);
  });

  it("says why an answer was not taken", async () => {
    const dialog = await Dialog.open({ kind: "invalid", id: "answer-changed" });
    await dialog.key("Escape");
    expect(dialog.text(".problem")).toBe(
      "The question has changed since it was shown. Read it again.",
    );
  });
});

it.each([
  [["/a/b/c", "/a/b/d"], "/a/b/"],
  [["/a/b/c", "/a/x"], "/a/"],
  [["/a", "/b"], ""],
  [["/a/b/", "/a/b/c"], ""],
  [["~/a/b", "~/a/c"], "~/a/"],
  [["a/b", "a/c"], ""],
  [["/a", "~/b"], ""],
  [["/a/b"], ""],
  [[], ""],
])("the common folder of %j is %j", (paths, folder) => {
  expect(commonFolder(paths)).toBe(folder);
});
