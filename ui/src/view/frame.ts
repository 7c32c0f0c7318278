/** What stands around the turn: what to try, notices, downloads, the keys. */

import { html, nothing, type TemplateResult } from "lit";
import type { Format } from "../format";
import "../panel/bar";
import { outcomeOf, type Turn } from "../turns";
import { visible } from "../visible";
import type { ModelProgress } from "../wire";
import type { Words } from "../words";
import { icon } from "./icons";
import { keyPair } from "./keys";
import { outcomeSign, problem } from "./turn";

/** Before anything was asked: a few requests to begin with. */
export function idle(
  words: Words,
  put: (text: string) => void,
): TemplateResult {
  return html`<div class="idle">
    <span>${words.try}</span>
    ${[words.try_1, words.try_2, words.try_3].map(
      (text) =>
        html`<button type="button" class="try" @click=${() => put(text)}>
          ${text}
        </button>`,
    )}
  </div>`;
}

export function download(
  words: Words,
  format: Format,
  id: string,
  progress: ModelProgress,
): TemplateResult {
  if (progress.problem) return problem(words, progress.problem);
  const label =
    progress.stage === "fetching"
      ? words.download(visible(id))
      : progress.stage === "failed"
        ? words.download_failed(visible(id))
        : words.download_verifying(visible(id));
  const left =
    progress.seconds_left === null
      ? nothing
      : html` · ${words.timeLeft(format.duration(progress.seconds_left))}`;
  const share = progress.total > 0 ? progress.bytes / progress.total : 0;
  return html`<div class="download">
    <p>
      <span>${label}</span>
      <span class="quiet"
        >${format.bytes(progress.bytes)} / ${format.bytes(progress.total)} ·
        ${words.perSecond(format.bytes(progress.rate))}${left}</span
      >
    </p>
    <meter-bar
      role="progressbar"
      aria-label=${label}
      aria-valuenow=${Math.round(share * 100)}
      .share=${share}
    ></meter-bar>
  </div>`;
}

export interface FooterView {
  running: boolean;
  choosing: boolean;
  shown: Turn | undefined;
  undoable: Turn | undefined;
  whyOpen: boolean;
  undo: () => void;
  stop: () => void;
  toggleWhy: () => void;
}

/** The last line: how it ended, what can be done about it, and the keys. */
export function footer(
  words: Words,
  format: Format,
  view: FooterView,
): TemplateResult {
  return html`<footer class="foot">
    ${view.shown && !view.choosing ? ending(words, format, view.shown) : nothing}
    ${
      view.undoable && !view.choosing
        ? html`<button
            type="button"
            class="button undo"
            title=${words.undoHint}
            aria-keyshortcuts="Control+Z"
            @click=${view.undo}
          >
            ${icon("undo")}${words.undo}
          </button>`
        : nothing
    }
    ${
      view.running
        ? html`<button
            type="button"
            class="button stop"
            aria-keyshortcuts="Escape"
            @click=${view.stop}
          >
            ${words.stop}
          </button>`
        : nothing
    }
    ${
      view.shown && !view.choosing
        ? html`<button
            type="button"
            class="button why-button"
            aria-expanded=${view.whyOpen ? "true" : "false"}
            aria-controls="why"
            @click=${view.toggleWhy}
          >
            ${words.why}
          </button>`
        : nothing
    }
    <span class="keys" aria-hidden="true">${keys(words, view)}</span>
  </footer>`;
}

function keys(words: Words, view: FooterView): TemplateResult {
  if (view.running) {
    return html`${keyPair(["Esc"], words.keyStop)}
    ${keyPair(["Esc", "Esc"], words.keyStopAll)}`;
  }
  if (view.choosing) {
    return html`${keyPair(["Up", "Down"], words.keyChoose)}
    ${keyPair(["Ctrl", "Enter"], words.keyRequest)}`;
  }
  return html`${keyPair(["Up"], words.keyHistory)}
  ${keyPair(["Esc"], words.keyHide)}`;
}

/** Who made the plan: a pattern, or which of the models. */
function planner(words: Words, route: Turn["route"]): string | undefined {
  if (route?.kind === "template") return words.by_pattern;
  return route?.kind === "model"
    ? words.by_model(visible(route.model))
    : undefined;
}

/** Which models were given a text to read, each once. */
function reader(words: Words, turn: Turn): string | undefined {
  const readers = turn.finish?.readers ?? [];
  const models = new Set(readers.map(({ model }) => visible(model)));
  return models.size === 0 ? undefined : words.read_by([...models].join(", "));
}

/** How it ended, how long it took, who made the plan and who read. */
function ending(words: Words, format: Format, turn: Turn): unknown {
  const outcome = outcomeOf(turn);
  if (!outcome) return nothing;
  const ms = turn.finish?.timings.total_ms;
  const by = [planner(words, turn.route), reader(words, turn)];
  return html`<span class="outcome outcome-${outcome}" data-outcome=${outcome}
      >${icon(outcomeSign(outcome))}${words[`outcome_${outcome}`]}</span
    >${ms === undefined ? nothing : html`<span class="took">${words.seconds(format.seconds(ms))}</span>`}${by.map((each) => (each === undefined ? nothing : html`<span class="took">${each}</span>`))}`;
}
