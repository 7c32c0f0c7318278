/** Draws the overlay in one of its states, for pictures: `?scene=panel&language=zh`. */

import downloads from "../tests/streams/downloads.json";
import everyPart from "../tests/streams/every-part.json";
import failing from "../tests/streams/failing.json";
import type { SearchResult, TurnEvent } from "../src/wire";
import { StandIn, whyDownloads } from "./shell";

const query = new URLSearchParams(location.search);
const scene = query.get("scene") ?? "idle";
const results: SearchResult[] = [
  {
    id: "a",
    kind: "app",
    title: "Files",
    subtitle: "Access and organise files",
    icon: "",
    matches: [[0, 3]],
  },
  {
    id: "b",
    kind: "app",
    title: "File Roller",
    subtitle: "Archive Manager",
    icon: "",
    matches: [[0, 3]],
  },
  {
    id: "c",
    kind: "folder",
    title: "filed papers",
    subtitle: "~/Documents",
    icon: "",
    matches: [[0, 3]],
  },
  {
    id: "d",
    kind: "file",
    title: "profile \u202egpj.exe",
    subtitle: "~/Downloads",
    icon: "",
    matches: [[3, 6]],
  },
];
const events = downloads as TurnEvent[];
function refused(): Promise<string> {
  const thrown: unknown = {
    kind: "failed",
    detail:
      "There is no model yet, and no sentence pattern fits.\nFetch one: lucid model fetch",
  };
  return new Promise(() => {
    throw thrown;
  });
}
/** A request without a panel that can be undone. */
const volume: TurnEvent[] = [
  { type: "started", utterance: "turn the volume down to 30 %" },
  {
    type: "statement",
    index: 0,
    text: "audio.set_volume(30)",
    state: "done",
    note: "Volume set to 30 %.",
  },
  ...events
    .filter((event) => event.type === "finished")
    .map((event) => ({
      ...event,
      finish: { ...event.finish, undoable: true },
    })),
];
const stand = new StandIn(
  {
    language: query.get("language") ?? "en",
    present: scene !== "gone",
    composited: query.get("plain") === null,
  },
  {
    search: ({ query: words }) => ({
      results: String(words).startsWith("fil") ? results : [],
      ms: 1,
    }),
    why: () =>
      whyDownloads(events, [
        {
          entry: 1,
          call: "files.trash(x)",
          state: "done",
          note: "",
          undoable: true,
        },
      ]),
    ask: () => (scene === "problem" ? refused() : "t12"),
  },
);
await import("../src/overlay");

const line = () => document.querySelector<HTMLInputElement>("#line");
function type(text: string): void {
  const input = line();
  if (!input) return;
  input.value = text;
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
function enter(): void {
  line()?.dispatchEvent(
    new KeyboardEvent("keydown", {
      key: "Enter",
      ctrlKey: true,
      bubbles: true,
    }),
  );
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await pause(50);
if (scene === "matches") type("fil");
if (scene === "words") type("turn the volume down to 30 %");
if (
  [
    "running",
    "panel",
    "why",
    "failing",
    "toast",
    "problem",
    "lost",
    "every",
    "consent",
  ].includes(scene)
) {
  type("the largest files");
  await pause(200);
  enter();
  await pause(50);
  if (scene === "toast") stand.play("t12", volume);
  if (scene === "lost") {
    stand.play("t12", events.slice(0, 8));
    stand.say({ type: "kernel", present: false });
    stand.say({ type: "kernel", present: true });
  }
  if (scene === "running") stand.play("t12", events.slice(0, 8));
  if (scene === "panel" || scene === "why") stand.play("t12", events);
  if (scene === "failing") stand.play("t12", failing as TurnEvent[]);
  if (scene === "every") stand.play("t12", everyPart as TurnEvent[]);
  await pause(50);
  if (scene === "why")
    document.querySelector<HTMLButtonElement>(".why-button")?.click();
  if (scene === "why") {
    await pause(100);
    document.querySelector("#why")?.scrollIntoView();
  }
}
document.documentElement.dataset["staged"] = "true";
