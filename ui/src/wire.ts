/** What the kernel says, as `crates/protocol` writes it. */

/** A model that was asked and did not do. */
export interface RouteStep {
  model: string;
  reason: string;
}

export type Route =
  | { kind: "template"; function: string; pattern: string }
  | {
      kind: "model";
      model: string;
      reason: string;
      /** The models that were asked before. */
      steps?: RouteStep[];
    }
  | { kind: "given" };

export type StatementState =
  "waiting" | "consent" | "running" | "done" | "failed" | "refused" | "skipped";

export type Outcome =
  "done" | "partial" | "failed" | "refused" | "stopped" | "answered";

export interface Problem {
  id: string;
  sentence: string;
  remedy: string;
}

export interface Timings {
  routed_ms: number;
  first_statement_ms: number | null;
  first_action_ms: number | null;
  planned_ms: number | null;
  total_ms: number;
}

export interface Tokens {
  prompt: number;
  restored: number;
  decoded: number;
}

export interface Finish {
  outcome: Outcome;
  undoable: boolean;
  timings: Timings;
  tokens: Tokens;
  energy: { joules: number; method: string; watts_per_core?: number };
  /** The models that were given a text to read. */
  readers?: { model: string; broke_off?: boolean; steps?: RouteStep[] }[];
}

export interface ConsentArgument {
  name: string;
  value: string;
  from_words: boolean;
}

export interface ConsentRequest {
  consent: string;
  turn: string;
  function: string;
  sentence: string;
  reason: string;
  arguments: ConsentArgument[];
  targets: string[];
  digest: string;
  undoable: boolean;
}

/** How sure the way of a model was that the words call for a function; shares are 0 to 1. */
export interface Weighing {
  plan: number | null;
  words_known: number;
  nearest_act: number | null;
  nearest_words: number | null;
  exits_only: boolean;
}

export type TurnEvent =
  | { type: "started"; utterance: string }
  | { type: "routed"; route: Route; considered: string[] }
  | { type: "decoded"; text: string }
  | {
      type: "statement";
      index: number;
      text: string;
      state: StatementState;
      note?: string;
    }
  | { type: "consent_asked"; request: ConsentRequest }
  | { type: "consent_answered"; consent: string; granted: boolean }
  | { type: "weighed"; weighing: Weighing }
  | { type: "rewriting"; reason: string }
  | { type: "panel"; messages: unknown[] }
  | { type: "said"; text: string }
  | { type: "asked"; question: string; choices: string[] }
  | { type: "failed"; problem: Problem }
  | { type: "finished"; finish: Finish };

export type ResultKind = "app" | "file" | "folder" | "calculation" | "hit";

export interface SearchResult {
  id: string;
  kind: ResultKind;
  title: string;
  subtitle: string;
  icon: string;
  /** Character (not UTF-16) ranges of `title`, `[start, end)`. */
  matches: [number, number][];
}

export interface SearchReport {
  results: SearchResult[];
  ms: number;
}

export interface StateReport {
  turns: [string, TurnEvent[]][];
  model: string;
  model_loaded: boolean;
}

export interface LogEntry {
  entry: number;
  call: string;
  state: string;
  note: string;
  undoable: boolean;
}

export interface WhyReport {
  turn: {
    turn: string;
    at: string;
    utterance: string;
    plan: string;
    finish: Finish | null;
    entries: LogEntry[];
  };
  route: Route | null;
  considered: string[];
  decisions: {
    call: string;
    decision: string;
    reason: string;
    /** Where each argument comes from. */
    labels?: Label[];
  }[];
  weighing?: Weighing | null;
  /** Why a line was written anew, in English. */
  rewritten?: string[];
}

/** Where an argument of a call comes from, as policy weighed it. */
export interface Label {
  argument: string;
  /** `user`, `system` or `untrusted`. */
  integrity: string;
  private: boolean;
}

export interface ModelProgress {
  stage: string;
  bytes: number;
  total: number;
  rate: number;
  seconds_left: number | null;
  problem: Problem | null;
}

/** What was done about a consent; Escape means no, and its second press stops everything. */
export type Verdict = "yes" | "no" | "escape";

/** What was done to a part of a panel; `PanelAction` without what the shell adds. */
export interface Press {
  surface: string;
  component: string;
  verb: string;
  ref?: string;
  value?: boolean | number | string;
}

/** What `src-tauri` tells the overlay. */
export type ShellEvent =
  | { type: "shown"; trigger: number }
  | { type: "kernel"; present: boolean }
  | { type: "turn"; turn: string; sequence: number; event: TurnEvent }
  /** `escaped`: the Escape key answered one. */
  | { type: "consent"; waiting: number; escaped: boolean }
  | { type: "model"; id: string; progress: ModelProgress };

export interface Beginning {
  language: string;
  composited: boolean;
  most_height: number;
  present: boolean;
  visible: boolean;
  measured: boolean;
  typed: string;
}

export type CallError =
  | { kind: "kernel_gone" }
  | { kind: "repeated" }
  | { kind: "invalid"; id: string }
  | { kind: "failed"; detail: string };
