/** A turn as its events tell it: one event at a time, without side effects. */

import type {
  Finish,
  Outcome,
  Problem,
  Route,
  StatementState,
  TurnEvent,
} from "./wire";

export interface Step {
  text: string;
  /** `unknown`: it ran when the kernel stopped, and may have been done. */
  state: StatementState | "unknown";
  note?: string;
}

export interface Turn {
  readonly id: string;
  utterance: string;
  route?: Route;
  considered: string[];
  /** The plan's text as far as it is decoded. */
  decoded: string;
  steps: Step[];
  said: string[];
  question?: { text: string; choices: string[] };
  problems: Problem[];
  /** Consents that wait. */
  consents: string[];
  /** Whether it drew a panel of its own. */
  surfaces: string[];
  finish?: Finish;
  /** The kernel stopped during it, and no kernel goes on with it. */
  lost: boolean;
}

const MOST_DECODED = 64_000;
const MOST_STEPS = 256;

export function newTurn(id: string): Turn {
  return {
    id,
    utterance: "",
    considered: [],
    decoded: "",
    steps: [],
    said: [],
    problems: [],
    consents: [],
    surfaces: [],
    lost: false,
  };
}

/** Returns `turn` after `event`. */
export function after(turn: Turn, event: TurnEvent): Turn {
  switch (event.type) {
    case "started":
      return { ...turn, utterance: event.utterance };
    case "routed":
      return { ...turn, route: event.route, considered: event.considered };
    case "decoded":
      return {
        ...turn,
        decoded: (turn.decoded + event.text).slice(-MOST_DECODED),
      };
    case "rewriting":
      return { ...turn, decoded: checkedLines(turn) };
    case "statement":
      return { ...turn, steps: withStep(turn.steps, event) };
    case "consent_asked":
      return { ...turn, consents: [...turn.consents, event.request.consent] };
    case "consent_answered":
      return {
        ...turn,
        consents: turn.consents.filter((id) => id !== event.consent),
      };
    case "panel":
      return {
        ...turn,
        surfaces: [...turn.surfaces, ...createdSurfaces(event.messages)],
      };
    case "said":
      return { ...turn, said: [...turn.said, event.text] };
    case "asked":
      return {
        ...turn,
        question: { text: event.question, choices: event.choices },
      };
    case "failed":
      return { ...turn, problems: [...turn.problems, event.problem] };
    case "finished":
      return { ...turn, finish: event.finish, consents: [] };
    default:
      // A newer kernel may say more than this shell knows.
      return turn;
  }
}

/** What is decoded of the lines that are checked; the text after them is void. */
function checkedLines(turn: Turn): string {
  return writtenLines(turn)
    .slice(0, turn.steps.length)
    .map((line) => `${line}\n`)
    .join("");
}

function writtenLines(turn: Turn): string[] {
  return turn.decoded.split("\n").filter((line) => line.trim() !== "");
}

function withStep(
  steps: Step[],
  event: Extract<TurnEvent, { type: "statement" }>,
): Step[] {
  if (event.index < 0 || event.index >= MOST_STEPS) return steps;
  const changed = [...steps];
  const step: Step = { text: event.text, state: event.state };
  if (event.note !== undefined) step.note = event.note;
  while (changed.length < event.index) {
    changed.push({ text: "", state: "waiting" });
  }
  changed[event.index] = step;
  return changed;
}

function createdSurfaces(messages: unknown[]): string[] {
  return messages.flatMap((message) => {
    const created = (message as { createSurface?: { surfaceId?: unknown } })
      .createSurface;
    return typeof created?.surfaceId === "string" ? [created.surfaceId] : [];
  });
}

/** Returns `turn` as the death of the kernel left it. */
export function lost(turn: Turn): Turn {
  const steps = turn.steps.map((step) => {
    const state = stateAfterDeath(step.state);
    return state === step.state ? step : { ...step, state };
  });
  return { ...turn, steps, consents: [], lost: true };
}

function stateAfterDeath(state: Step["state"]): Step["state"] {
  if (state === "running") return "unknown";
  return state === "waiting" || state === "consent" ? "skipped" : state;
}

export function isRunning(turn: Turn): boolean {
  return turn.finish === undefined && !turn.lost;
}

/** How the turn ended; undefined while it runs. */
export function outcomeOf(turn: Turn): Outcome | undefined {
  return turn.finish?.outcome ?? (turn.lost ? "stopped" : undefined);
}

/** Whether the turn ended as it was meant. */
export function isDone(turn: Turn): boolean {
  const outcome = turn.finish?.outcome;
  return outcome === "done" || outcome === "answered";
}

/** The lines of the plan that are written but not checked yet; the last one may be incomplete. */
export function unchecked(turn: Turn): string[] {
  return isRunning(turn) ? writtenLines(turn).slice(turn.steps.length) : [];
}

/** Of the turns that followed from a panel, the last one, and those of which there is more to say. */
export function worthTelling(following: Turn[]): Turn[] {
  return following.filter(
    (turn, index) =>
      index === following.length - 1 ||
      turn.problems.length > 0 ||
      turn.said.length > 0 ||
      turn.consents.length > 0,
  );
}

/** Whether the turn has nothing to show but that it was done. */
export function isQuiet(turn: Turn): boolean {
  return (
    turn.surfaces.length === 0 &&
    turn.said.length === 0 &&
    turn.problems.length === 0 &&
    turn.question === undefined
  );
}
