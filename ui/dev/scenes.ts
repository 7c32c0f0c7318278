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
const END = {
  verb: "system.end",
  label: "End process",
  effect: "irreversible",
};
const OPEN = { verb: "files.open", label: "Open", effect: "transient" };

/** What uses most memory; with four buttons a row where the plan names none. */
const processes = (labels: string[], names: string[], actions: object[]) =>
  panel(
    {
      component: "Table",
      columns: [
        column("name", labels[0] ?? ""),
        column("pid", labels[1] ?? "", "number"),
        column("memory", labels[2] ?? "", "bytes"),
        column("cpu", labels[3] ?? "", "percent"),
      ],
      rows: { path: "/d/rows" },
      actions,
    },
    {
      rows: names.map((name, index) => ({
        ref: `r${index}`,
        name,
        pid: 41_234 - index * 13_000,
        memory: 9.1e8 / (index + 1),
        cpu: 100 / (index + 1),
      })),
    },
  );
const PROCESSES = processes(
  ["Name", "Pid", "Memory", "Share"],
  [
    "firefox",
    "org.gnome.SettingsDaemon.MediaKeys --replace --no-daemon",
    LONG_NAME,
  ],
  [END],
);
const PROCESSES_ZH = processes(
  ["名称", "进程号", "内存", "占比"],
  ["火狐浏览器", "一个名字非常长的后台服务程序".repeat(4), LONG_NAME],
  [
    { ...OPEN, label: "打开" },
    { ...OPEN, verb: "files.show", label: "在文件夹中显示" },
    { ...END, label: "结束进程" },
  ],
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

const THOUSAND = panel(
  {
    component: "Table",
    caption: "All files",
    columns: [
      column("name", "Name"),
      column("path", "Where", "path"),
      column("size", "Size", "bytes"),
      column("modified", "Modified", "time"),
    ],
    rows: { path: "/d/rows" },
    total: { path: "/d/total" },
    offset: { path: "/d/offset" },
    actions: [
      OPEN,
      { verb: "files.show", label: "Show in folder", effect: "transient" },
      { verb: "files.trash", label: "Move to trash", effect: "reversible" },
    ],
  },
  {
    total: 123_456,
    offset: 2000,
    rows: Array.from({ length: 1000 }, (_, n) => ({
      ref: `r${n}`,
      name: `photo ${n} of the long way home.jpeg`,
      path: "/home/ada/Pictures/2024/Summer in the mountains",
      size: 2e6 + n * 1234,
      modified: "2026-09-14T08:01:00Z",
    })),
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
  planning: asked(HALF.slice(0, 2)),
  running: asked(HALF),
  panel: asked(DOWNLOADS),
  why: asked(DOWNLOADS, { pressed: ".why-button" }),
  plan: asked(DOWNLOADS, { pressed: ".plan-toggle" }),
  writing: asked([
    started("turn the volume down to 30 % and show what I downloaded today"),
    done("audio.set_volume(30)", "Volume set to 30 %."),
    {
      type: "decoded",
      text: 'audio.set_volume(30)\nf = files.find(folder="~/Downloads", after="to',
    },
  ]),
  refused: asked([
    started("throw the old downloads away"),
    done('f = files.find(folder="~/Downloads")', "Found 14 files."),
    {
      type: "statement",
      index: 1,
      text: "each(f, files.trash)",
      state: "refused",
      note: "You said no, so it was not done.",
    },
    ...FINISHED.map((event) => ({
      ...event,
      finish: { ...event.finish, outcome: "refused" as const },
    })),
  ]),
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
  every: asked(everyPart as TurnEvent[], { height: 2700 }),
  gone: { present: false },
  processes: asked([started("what uses most memory"), PROCESSES, ...FINISHED]),
  processes_zh: asked([started("什么最占内存"), PROCESSES_ZH, ...FINISHED]),
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
  thousand: asked([started("all files"), THOUSAND, ...FINISHED]),
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
