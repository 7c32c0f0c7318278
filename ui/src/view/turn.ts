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
    ${isFoldable && !view.planOpen ? notes(turn) : plan(turn, words)}
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

function plan(turn: Turn, words: Words): TemplateResult {
  const drafts = unchecked(turn);
  const isEmpty = turn.steps.length === 0 && drafts.length === 0;
  if (isEmpty) {
    return isRunning(turn)
      ? html`<p class="note thinking">
          ${icon("running")}<span>${words.planning}…</span>
        </p>`
      : html``;
  }
  const told = turn.problems.map(({ sentence }) => sentence);
  return html`<ol class="steps" aria-label=${words.planLabel}>
    ${turn.steps.map((step, index) => stepView(asking(turn, step), index, words, told))}
    ${drafts.map(
      (line) =>
        html`<li class="step step-writing">
          ${icon("writing")}
          <span class="step-text">${code(line)}</span>
          <span class="step-state">${words.writing}</span>
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

/** Draws a step; what is in `told` is said elsewhere already. */
function stepView(
  step: Step,
  index: number,
  words: Words,
  told: string[],
): TemplateResult {
  const note = told.includes(step.note ?? "") ? "" : (step.note ?? "");
  return html`<li
    class="step step-${step.state}"
    data-step=${index}
    data-state=${step.state}
  >
    ${icon(step.state)}
    <span class="step-text">
      ${code(step.text)}
      ${
        note === ""
          ? nothing
          : html`<span class="step-note">${ofKernel(note)}</span>`
      }
    </span>
    <span class="step-state">${words[`state_${step.state}`]}</span>
  </li>`;
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
  return html`<div
    class="follower"
    data-turn=${turn.id}
    data-outcome=${outcome ?? nothing}
  >
    <p class="note step-${state}">
      ${icon(state)}<span
        ><bdi>${text}</bdi>
        <span class="step-state"
          >${outcome ? words[`outcome_${outcome}`] : words.working}</span
        ></span
      >
    </p>
    ${asks(turn, words)}
    ${turn.said.map((said) => html`<p class="said">${visibleLines(said)}</p>`)}
    ${turn.problems.map((each) => problem(words, each))}
  </div>`;
}
