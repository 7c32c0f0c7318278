/** One turn: what was asked, the plan with the state of each step, what came of it. */

import { html, nothing, type TemplateResult } from "lit";
import "../panel/part";
import type { PanelContext } from "../panel/context";
import {
  isQuiet,
  isRunning,
  outcomeOf,
  unchecked,
  type Step,
  type Turn,
} from "../turns";
import { ofKernel, visible, visibleLines } from "../visible";
import type { Outcome, Problem } from "../wire";
import type { Words } from "../words";
import { code } from "./code";
import { icon } from "./icons";
import { told } from "./told";

export interface TurnView {
  words: Words;
  /** The panels to draw, with what they need. */
  panels: PanelContext[];
  /** Steps that say nothing are shown, too, when all is done. */
  planOpen: boolean;
  togglePlan: () => void;
  /** What a statement does, in a sentence; undefined where nobody has said. */
  summaryOf: (statement: string) => string | undefined;
  answer: (text: string) => void;
}

/** A turn that is shown in full. */
export function turnView(turn: Turn, view: TurnView): TemplateResult {
  const { words } = view;
  const isFoldable =
    turn.steps.length > 0 &&
    !isRunning(turn) &&
    !isQuiet(turn) &&
    !hasTrouble(turn);
  return html`<article
    class="turn"
    aria-busy=${isRunning(turn) ? "true" : "false"}
    data-turn=${turn.id}
  >
    <header class="asked">
      <h1 class="utterance"><bdi>${visible(turn.utterance)}</bdi></h1>
      ${isFoldable ? planToggle(turn, view) : nothing}
    </header>
    ${isFoldable && !view.planOpen ? notes(turn) : plan(turn, view)}
    ${asks(turn, words)}
    ${
      turn.lost && !turn.finish
        ? html`<p class="note lost-note">
            ${icon("unknown")}<span>${words.lost}</span>
          </p>`
        : nothing
    }
    ${turn.said.map((text) => html`<p class="said">${visibleLines(text)}</p>`)}
    ${question(turn, view)} ${turn.problems.map((each) => problem(words, each))}
    ${view.panels.map(
      (context) =>
        html`<section
          class="panel"
          aria-label=${words.panelLabel}
          data-surface=${context.surface.id}
        >
          <lucid-part
            .context=${context}
            .version=${context.surface.version}
          ></lucid-part>
        </section>`,
    )}
  </article>`;
}

function planToggle(turn: Turn, view: TurnView): TemplateResult {
  const { words, planOpen } = view;
  return html`<button
    type="button"
    class="plan-toggle"
    aria-expanded=${planOpen ? "true" : "false"}
    @click=${view.togglePlan}
  >
    ${words.planLabel} · ${words.showPlan(turn.steps.length)}${icon("more")}
  </button>`;
}

/** What the steps of a folded plan say of what they did. */
function notes(turn: Turn): TemplateResult | typeof nothing {
  const steps = turn.steps.filter((step) => (step.note ?? "") !== "");
  if (steps.length === 0) return nothing;
  return html`<ul class="notes">
    ${steps.map(
      (step) =>
        html`<li class="note step-${step.state}">
          ${icon(step.state)}<span>${ofKernel(step.note ?? "")}</span>
        </li>`,
    )}
  </ul>`;
}

function asks(turn: Turn, words: Words): TemplateResult | typeof nothing {
  if (turn.consents.length === 0) return nothing;
  return html`<p class="note consent-note">
    ${icon("consent")}<span>${words.consentElsewhere}</span>
  </p>`;
}

function hasTrouble(turn: Turn): boolean {
  return turn.steps.some((step) =>
    ["failed", "refused", "skipped", "unknown"].includes(step.state),
  );
}

function plan(turn: Turn, view: TurnView): TemplateResult {
  const { words } = view;
  const drafts = unchecked(turn);
  const isEmpty = turn.steps.length === 0 && drafts.length === 0;
  if (isEmpty) {
    return isRunning(turn)
      ? html`<p class="note thinking">
          ${icon("running")}<span>${words.planning}…</span>
        </p>`
      : html``;
  }
  return html`<ol class="steps" aria-label=${words.planLabel}>
    ${turn.steps.map((step, index) => {
      const shown = asking(turn, step);
      return html`<li
        class="step step-${shown.state}"
        data-step=${index}
        data-state=${shown.state}
      >
        ${icon(shown.state)}
        ${stepWords(
          sentenceOf(turn, shown, view),
          shown.text,
          words[`state_${shown.state}`],
          isTold(turn, shown),
        )}
      </li>`;
    })}
    ${drafts.map(
      (line) =>
        html`<li class="step step-writing">
          ${icon("writing")}
          ${stepWords(view.summaryOf(line), line, words.writing, false)}
        </li>`,
    )}
  </ol>`;
}

/** A step that runs while a consent waits is what asks. */
function asking(turn: Turn, step: Step): Step {
  return step.state === "running" && turn.consents.length > 0
    ? { ...step, state: "consent" }
    : step;
}

/** What a step says of itself: what came of it, unless a problem says that already, or else what it does. */
function sentenceOf(
  turn: Turn,
  { note = "", text }: Step,
  view: TurnView,
): string | undefined {
  const isElsewhere = turn.problems.some(({ sentence }) => sentence === note);
  return note === "" || isElsewhere ? view.summaryOf(text) : note;
}

/** Whether the state need not be read beside the step: its tick says so, or the end of a turn that has no other. */
function isTold(turn: Turn, { state }: Step): boolean {
  return (
    state === "done" ||
    (turn.steps.length === 1 && outcomeOf(turn) === (state as string))
  );
}

/** First the sentence for everybody, then the statement, which is the proof for those who read it. */
function stepWords(
  sentence: string | undefined,
  statement: string,
  state: string,
  isStateTold: boolean,
): TemplateResult {
  const lead =
    sentence === undefined
      ? html`<p class="step-sentence step-state">${state}</p>`
      : html`<p class="step-sentence">${ofKernel(sentence)}</p>`;
  return html`<div class="step-words">
      ${lead} ${statement === "" ? nothing : code(statement)}
    </div>
    ${
      sentence === undefined
        ? nothing
        : html`<span class="step-state ${isStateTold ? "unseen" : ""}"
            >${state}</span
          >`
    }`;
}

function question(turn: Turn, view: TurnView): TemplateResult | typeof nothing {
  if (!turn.question) return nothing;
  const { text, choices } = turn.question;
  return html`<div class="question">
    <p class="said">${visible(text)}</p>
    <div class="answers" role="group" aria-label=${view.words.answerLabel}>
      ${choices.map(
        (choice) =>
          html`<button
            type="button"
            class="button"
            @click=${() => view.answer(choice)}
          >
            ${visible(choice)}
          </button>`,
      )}
    </div>
  </div>`;
}

/** The sign of an outcome; its word stands beside it. */
export function outcomeSign(outcome: Outcome): "done" | "failed" | "refused" {
  if (outcome === "done" || outcome === "answered") return "done";
  return outcome === "refused" || outcome === "stopped" ? "refused" : "failed";
}

export function problem(
  words: Words,
  { sentence, remedy }: Problem,
): TemplateResult {
  return html`<div class="problem" role="alert">
    ${icon("failed")}
    <div>${told(words, sentence, remedy)}</div>
  </div>`;
}

/** A turn that was begun from the panel of another: one line, and what went wrong. */
export function followerView(turn: Turn, words: Words): TemplateResult {
  const last = turn.steps.findLast(
    (step) => step.note !== undefined && step.note !== "",
  );
  const outcome = outcomeOf(turn);
  const state = outcome
    ? (turn.steps.at(-1)?.state ?? outcomeSign(outcome))
    : "running";
  const text =
    last?.note === undefined ? visible(turn.utterance) : ofKernel(last.note);
  // The tick and what it says tell that it was done.
  const isTold = outcome === "done" && last !== undefined;
  return html`<div
    class="follower"
    data-turn=${turn.id}
    data-outcome=${outcome ?? nothing}
  >
    <p class="note step-${state}">
      ${icon(state)}<span
        ><bdi>${text}</bdi>
        <span class="step-state ${isTold ? "unseen" : ""}"
          >${outcome ? words[`outcome_${outcome}`] : words.working}</span
        ></span
      >
    </p>
    ${asks(turn, words)}
    ${turn.said.map((said) => html`<p class="said">${visibleLines(said)}</p>`)}
    ${turn.problems.map((each) => problem(words, each))}
  </div>`;
}
