/** What is told for a while below everything: notices, and what can be undone. */

import { html, nothing, type TemplateResult } from "lit";
import type { Turn } from "../turns";
import { ofKernel, visible } from "../visible";
import type { CallError } from "../wire";
import type { Words } from "../words";
import { icon } from "./icons";
import { key } from "./keys";
import { told } from "./told";

export interface Notice {
  text: string;
  /** What to do next. */
  remedy: string;
  /** What is bad stays until it is closed. */
  kind: "good" | "bad" | "note";
}

/** What to tell of `error`. */
export function noticeOf(words: Words, error: CallError): Notice {
  switch (error.kind) {
    case "kernel_gone":
      return { text: words.noAnswer, remedy: "", kind: "note" };
    case "repeated":
      return { text: words.repeated, remedy: "", kind: "note" };
    case "invalid":
      return { text: invalid(words, error.id), remedy: "", kind: "bad" };
    case "failed": {
      // The kernel writes a problem as its sentence and, on the next line, its remedy.
      const [text = "", ...rest] = error.detail.split("\n");
      return { text, remedy: rest.join(" ").trim(), kind: "bad" };
    }
  }
}

/** Why the shell did not send something; `id` is that of `src-tauri/src/commands.rs`. */
export function invalid(words: Words, id: string): string {
  const sentences: Partial<Record<string, string>> = {
    "answer-unknown": words.invalid_answer_unknown,
    "answer-changed": words.invalid_answer_changed,
    "answer-too-soon": words.invalid_answer_too_soon,
    "value-not-allowed": words.invalid_value,
    "copy-too-long": words.invalid_copy,
  };
  return sentences[id] ?? words.invalid;
}

export function notice(
  words: Words,
  { text, remedy, kind }: Notice,
  close: () => void,
): TemplateResult {
  return html`<div
    class="notice notice-${kind}"
    role=${kind === "bad" ? "alert" : nothing}
  >
    ${icon(kind === "good" ? "done" : "failed")}
    <div class="notice-words">${told(words, text, remedy)}</div>
    ${closeButton(words, close)}
  </div>`;
}

export interface ToastView {
  /** The plan is out of sight, so that what was done is said here. */
  choosing: boolean;
  /** Ctrl+Z undoes the turn, and not what is typed. */
  hasKey: boolean;
  undo: () => void;
  close: () => void;
}

/** What was just done, and the way back. */
export function toast(
  words: Words,
  turn: Turn,
  view: ToastView,
): TemplateResult {
  const note = turn.steps.findLast((step) => (step.note ?? "") !== "")?.note;
  return html`<div class="toast" data-turn=${turn.id}>
    ${view.choosing ? icon("done") : nothing}
    <bdi class="notice-words ${view.choosing ? "" : "unseen"}"
      >${note === undefined ? visible(turn.utterance) : ofKernel(note)}</bdi
    >
    ${
      view.choosing
        ? nothing
        : html`<span class="notice-words">${words.canBeUndone}</span>`
    }
    <button
      type="button"
      class="button undo"
      aria-keyshortcuts="Control+Z"
      @click=${view.undo}
    >
      ${icon("undo")}${words.undo}
    </button>
    ${
      view.hasKey
        ? html`<span class="key-pair">${key("Ctrl")}${key("Z")}</span>`
        : nothing
    }
    ${closeButton(words, view.close)}
  </div>`;
}

function closeButton(words: Words, close: () => void): TemplateResult {
  return html`<button
    type="button"
    class="close"
    aria-label=${words.close}
    title=${words.close}
    @click=${close}
  >
    ${icon("close")}
  </button>`;
}
