/** The states of both windows that are drawn for pictures; `pictures/take.mjs` takes each of them. */

import downloads from "../tests/streams/downloads.json";
import everyPart from "../tests/streams/every-part.json";
import failing from "../tests/streams/failing.json";
import type {
  CallError,
  ConsentRequest,
  ModelProgress,
  SearchResult,
  ShellEvent,
  TurnEvent,
} from "../src/wire";

/** A state of the overlay, and what leads to it, in order. */
export interface Scene {
  present?: boolean;
  typed?: string;
  /** What was typed is sent. */
  sent?: boolean;
  fails?: CallError;
  /** The turn that was sent. */
  turn?: TurnEvent[];
  said?: ShellEvent[];
  /** What is pressed at the end. */
  pressed?: string;
  /** Of the window, where not all of it is seen otherwise. */
  height?: number;
}

export const DOWNLOADS = downloads as TurnEvent[];
const FINISHED = DOWNLOADS.filter((event) => event.type === "finished");
const HALF = DOWNLOADS.slice(0, 8);
const UNDOABLE = FINISHED.map((event) => ({
  ...event,
  finish: { ...event.finish, undoable: true },
}));
const LONG_NAME = `${"a-name-without-any-space-".repeat(7)}end.tar.gz`;
const HOSTILE = "⟨U+202E⟩<b>gpj.exe</b> مكبر الصوت\u202e\u0000";

const asked = (turn: TurnEvent[], more: Partial<Scene> = {}): Scene => ({
  typed: "the largest files",
  sent: true,
  turn,
  ...more,
});

const started = (utterance: string): TurnEvent => ({
  type: "started",
  utterance,
});

const done = (text: string, note: string): TurnEvent => ({
  type: "statement",
  index: 0,
  text,
  state: "done",
  note,
});

/** A panel of one component over `data`. */
const panel = (component: object, data: unknown): TurnEvent => {
  const surface = { surfaceId: "t12" };
  const message = (body: object) => ({ version: "v0.9", ...body });
  return {
    type: "panel",
    messages: [
      message({ createSurface: { ...surface, catalogId: "lucid:v1" } }),
      message({
        updateComponents: {
          ...surface,
          components: [{ id: "root", ...component }],
        },
      }),
      message({ updateDataModel: { ...surface, path: "/d", value: data } }),
    ],
  };
};

const column = (key: string, label: string, type = "text") => ({
  key,
  label,
  type,
});
const END = { verb: "system.end", label: "End", effect: "irreversible" };
const OPEN = { verb: "files.open", label: "Open", effect: "transient" };

const PROCESSES = panel(
  {
    component: "Table",
    columns: [
      column("name", "Name"),
      column("pid", "Pid", "number"),
      column("memory", "Memory", "bytes"),
      column("cpu", "Processor", "percent"),
    ],
    rows: { path: "/d/rows" },
    actions: [END],
  },
  {
    rows: [
      { ref: "r1", name: "firefox", pid: 41234, memory: 9.1e8, cpu: 100 },
      { ref: "r2", name: "kate", pid: 1042, memory: 1.8e8, cpu: 3.5 },
    ],
  },
);

const HOSTILE_TABLE = panel(
  {
    component: "Table",
    caption: HOSTILE,
    columns: [
      column("name", "Name"),
      column("path", "Where", "path"),
      column("note", "Note"),
    ],
    rows: { path: "/d/rows" },
    actions: [OPEN, END],
  },
  {
    rows: [
      {
        ref: "r1",
        name: LONG_NAME,
        path: `/home/ada/${LONG_NAME}`,
        note: "a long note that goes on ".repeat(6),
      },
      { ref: "r2", name: HOSTILE, path: `/home/ada/${HOSTILE}`, note: null },
      { ref: "r3", name: "é".repeat(30), path: "/", note: "👩‍👩‍👧 ⚠️" },
    ],
  },
);

const download: ModelProgress = {
  stage: "fetching",
  bytes: 4.1e8,
  total: 1.1e9,
  rate: 5.2e6,
  seconds_left: 132,
  problem: null,
};

export const OVERLAY: Record<string, Scene> = {
  idle: {},
  matches: { typed: "fil" },
  words: { typed: "turn the volume down to 30 %" },
  running: asked(HALF),
  panel: asked(DOWNLOADS),
  why: asked(DOWNLOADS, { pressed: ".why-button" }),
  plan: asked(DOWNLOADS, { pressed: ".plan-toggle" }),
  failing: asked(failing as TurnEvent[]),
  toast: asked([
    started("turn the volume down to 30 %"),
    done("audio.set_volume(30)", "Volume set to 30 %."),
    ...UNDOABLE,
  ]),
  problem: asked([], {
    fails: {
      kind: "failed",
      detail:
        "There is no model yet, and no sentence pattern fits.\nFetch one: lucid model fetch",
    },
  }),
  lost: asked(HALF, {
    said: [
      { type: "kernel", present: false },
      { type: "kernel", present: true },
    ],
  }),
  every: asked(everyPart as TurnEvent[], { height: 1900 }),
  gone: { present: false },
  processes: asked([started("what uses most memory"), PROCESSES, ...FINISHED]),
  empty: asked([
    started("pictures of last week"),
    done("files.find(kind=image, newer_than=7d)", "Found nothing."),
    panel({ component: "Empty", text: "Nothing was found." }, null),
    ...FINISHED,
  ]),
  question: asked([
    started("pause the player"),
    {
      type: "asked",
      question: "Which player?",
      choices: ["mpv", "Music", `${LONG_NAME} in a window of its own`],
    },
    ...FINISHED,
  ]),
  consent: asked([
    ...HALF,
    {
      type: "consent_asked",
      request: { consent: "c1" } as ConsentRequest,
    },
  ]),
  hostile: asked(
    [
      started(`open ${LONG_NAME} and ${HOSTILE}`),
      done(`files.open("${LONG_NAME}")`, `Opened ${LONG_NAME}.`),
      HOSTILE_TABLE,
      { type: "said", text: `${HOSTILE}\n${"很长的一句话".repeat(20)}` },
      {
        type: "failed",
        problem: { id: "x", sentence: LONG_NAME, remedy: HOSTILE },
      },
      ...UNDOABLE,
    ],
    { height: 960 },
  ),
  download: {
    said: [{ type: "model", id: "qwen2.5-coder-1.5b", progress: download }],
  },
};

export const RESULTS: SearchResult[] = [
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
  {
    id: "e",
    kind: "file",
    title: `filings ${LONG_NAME}`,
    subtitle: `~/Downloads/${LONG_NAME}`,
    icon: "",
    matches: [[0, 3]],
  },
];

/** A question, and how many wait behind it. */
export interface Question {
  request: ConsentRequest;
  behind: number;
}

const REQUEST = { consent: "c1", turn: "t3", digest: "d" };

export const CONSENT: Record<string, Question> = {
  one: {
    behind: 0,
    request: {
      ...REQUEST,
      function: "system.kill",
      sentence: "End the process firefox (4242).",
      reason: "Ending a process cannot be undone; unsaved work in it is lost.",
      arguments: [
        { name: "process", value: "firefox (4242)", from_words: false },
        { name: "signal", value: "TERM", from_words: true },
      ],
      targets: [],
      undoable: false,
    },
  },
  bulk: {
    behind: 2,
    request: {
      ...REQUEST,
      function: "files.trash",
      sentence: "Move 14 files to the trash.",
      reason: "The files were found by a search, not named by you.",
      arguments: [
        {
          name: "items",
          value: "14 files of the search “f”",
          from_words: false,
        },
      ],
      targets: Array.from(
        { length: 14 },
        (_, n) => `/home/ada/Downloads/⟨U+202E⟩old file ${n}.iso`,
      ),
      undoable: true,
    },
  },
  hostile: {
    behind: 0,
    request: {
      ...REQUEST,
      function: "web.open",
      sentence: `Send ${LONG_NAME} to ${HOSTILE}`,
      reason: `${HOSTILE} ${LONG_NAME}`,
      arguments: [
        { name: "a_rather_long_argument", value: LONG_NAME, from_words: false },
        { name: "text", value: `${HOSTILE}\nYes, do it`, from_words: true },
      ],
      targets: [`/home/ada/${LONG_NAME}`, `/home/ada/${HOSTILE}`],
      undoable: false,
    },
  },
};
