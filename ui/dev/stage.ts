/** Draws the overlay in one of its states, for pictures: `?scene=panel&language=zh`. */

import { DOWNLOADS, OVERLAY, RESULTS, type Scene } from "./scenes";
import { StandIn, SUMMARIES, whyDownloads } from "./shell";

const TURN = "t12";
const SUMMARIES_ZH: Record<string, string> = {
  "audio.mute": "静音。",
  "audio.set_volume": "设置扬声器的音量。",
  "files.find": "按名称、种类、文件夹、大小或时间查找文件。",
  "files.move": "把文件或文件夹移到另一个文件夹。",
  "files.open": "用相应的应用打开文件或文件夹。",
  "files.trash": "把文件或文件夹移到回收站。",
};
const query = new URLSearchParams(location.search);
const scene: Scene = OVERLAY[query.get("scene") ?? "idle"] ?? {};
const journal = {
  entry: 1,
  call: "files.trash(x)",
  state: "done",
  note: "",
  undoable: true,
};
const stand = new StandIn(
  {
    language: query.get("language") ?? "en",
    present: scene.present ?? true,
    composited: query.get("plain") === null,
  },
  {
    search: ({ query: words }) => ({
      results: String(words).startsWith("fil") ? RESULTS : [],
      ms: 1,
    }),
    why: () => whyDownloads(DOWNLOADS, [journal]),
    summaries: () =>
      query.get("language") === "zh" ? SUMMARIES_ZH : SUMMARIES,
    ask: () => (scene.fails ? refused(scene.fails) : TURN),
  },
);
await import("../src/overlay");

/** Rejects as the shell does: with what the command returned, which is no `Error`. */
function refused(thrown: unknown): Promise<string> {
  return new Promise(() => {
    throw thrown;
  });
}
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
if (scene.typed !== undefined) type(scene.typed);
await pause(50);
if (scene.sent) enter();
await pause(50);
if (scene.turn) stand.play(TURN, scene.turn);
scene.said?.forEach((event) => stand.say(event));
await pause(50);
if (scene.pressed !== undefined) {
  document.querySelector<HTMLElement>(scene.pressed)?.click();
  await pause(100);
  document.querySelector("#why")?.scrollIntoView();
}
document.documentElement.dataset["staged"] = "true";
