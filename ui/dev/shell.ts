/** A stand-in for `src-tauri`, for drawing and for tests: it answers commands from a script. */

import { mockIPC } from "@tauri-apps/api/mocks";
import type {
  Beginning,
  LogEntry,
  SearchReport,
  ShellEvent,
  StateReport,
  TurnEvent,
  WhyReport,
} from "../src/wire";

export type Answers = Record<
  string,
  (args: Record<string, unknown>) => unknown
>;

/** What was asked of the stand-in, in order. */
export interface Call {
  command: string;
  args: Record<string, unknown>;
}

/** What the kernel says that functions do. */
export const SUMMARIES: Record<string, string> = {
  "audio.mute": "Mutes the sound.",
  "audio.set_volume": "Sets the volume of the speakers.",
  "files.find": "Finds files by name, kind, folder, size or age.",
  "files.move": "Moves a file or folder to another folder.",
  "files.open": "Opens a file or folder in its app.",
  "files.trash": "Moves a file or folder to the trash.",
};

export class StandIn {
  readonly calls: Call[] = [];
  private tell: ((event: ShellEvent) => void) | undefined;

  constructor(
    private readonly beginning: Partial<Beginning> = {},
    private readonly answers: Answers = {},
    /** What is told while the page still waits to hear how to begin. */
    private readonly early: ShellEvent[] = [],
  ) {
    mockIPC((command, args) =>
      this.answer(command, args as Record<string, unknown>),
    );
  }

  /** Tells the page something, as the shell would. */
  say(event: ShellEvent): void {
    this.tell?.(event);
  }

  /** Plays all events of a turn. */
  play(turn: string, events: TurnEvent[]): void {
    events.forEach((event, sequence) =>
      this.say({ type: "turn", turn, sequence, event }),
    );
  }

  called(command: string): Call[] {
    return this.calls.filter((call) => call.command === command);
  }

  private answer(command: string, args: Record<string, unknown>): unknown {
    this.calls.push({ command, args });
    const answer = this.answers[command];
    if (answer) return answer(args);
    switch (command) {
      case "connect":
        this.tell = (
          args["channel"] as { onmessage: (event: ShellEvent) => void }
        ).onmessage;
        this.early.forEach((event) => this.say(event));
        return {
          language: "en",
          composited: true,
          most_height: 688,
          present: true,
          visible: true,
          measured: false,
          typed: "",
          ...this.beginning,
        } satisfies Beginning;
      case "search":
        return { results: [], ms: 1 } satisfies SearchReport;
      case "state":
        return {
          turns: [],
          model: "",
          model_loaded: false,
        } satisfies StateReport;
      case "history":
        return [];
      case "summaries":
        return SUMMARIES;
      case "stop":
        return 1;
      default:
        return null;
    }
  }
}

/** A report for the why drawer of the turn `downloads`, with `entries` in the journal. */
export function whyDownloads(
  events: TurnEvent[],
  entries: LogEntry[] = [],
): WhyReport {
  const finished = events.find((event) => event.type === "finished");
  const plan = events.flatMap((event) =>
    event.type === "decoded" ? [event.text] : [],
  );
  return {
    turn: {
      turn: "t12",
      at: "2026-11-23T21:00:00Z",
      utterance: "the largest files in Downloads",
      plan: plan.join("").trim(),
      finish: finished?.finish ?? null,
      entries,
    },
    route: {
      kind: "model",
      model: "qwen2.5-coder-1.5b",
      reason: "no template matched the whole sentence",
    },
    considered: ["files.find", "files.largest", "files.trash", "files.info"],
    weighing: {
      plan: 0.97,
      words_known: 0.81,
      nearest_act: 0.88,
      nearest_words: 0.35,
      exits_only: false,
    },
    rewritten: ["take values from the request only"],
    decisions: [
      {
        call: 'files.find(folder="~/Downloads", min_mb=100)',
        decision: "allow",
        reason: "It only reads.",
        labels: [
          { argument: "folder", integrity: "user", private: false },
          { argument: "min_mb", integrity: "user", private: false },
        ],
      },
    ],
  };
}
