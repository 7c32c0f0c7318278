/** The one line, and at its end what Enter will do. */

import { html, nothing, type TemplateResult } from "lit";
import type { Choice } from "../enter";
import type { Words } from "../words";
import { icon } from "./icons";
import { key } from "./keys";
import { LIST_ID, choiceWords, optionId } from "./matches";

export interface LineView {
  running: boolean;
  choices: Choice[];
  selected: number;
  typed: (event: Event) => void;
  key: (event: KeyboardEvent) => void;
}

export function line(words: Words, view: LineView): TemplateResult {
  const choice = view.choices[view.selected];
  return html`<div class="line ${choice ? "has-words" : ""}">
    <span class="mark" aria-hidden="true"
      >${icon(view.running ? "running" : "do")}</span
    >
    <input
      id="line"
      type="text"
      role="combobox"
      autocomplete="off"
      spellcheck="false"
      autocapitalize="off"
      maxlength="20000"
      aria-label=${words.lineLabel}
      aria-autocomplete="list"
      aria-haspopup="listbox"
      aria-expanded=${choice ? "true" : "false"}
      aria-controls=${LIST_ID}
      aria-activedescendant=${choice ? optionId(view.selected) : nothing}
      aria-describedby="enter-hint"
      placeholder=${words.placeholder}
      @input=${view.typed}
      @keydown=${view.key}
    />
    <span class="enter-hint" id="enter-hint">
      ${choice ? html`<bdi>${choiceWords(words, choice)}</bdi> ${key("Enter")}` : nothing}
    </span>
  </div>`;
}
