/** The choices under the line: matches, and the words as a request. */

import { html, nothing, render, type TemplateResult } from "lit";
import type { Choice } from "../enter";
import { visible } from "../visible";
import type { SearchResult } from "../wire";
import type { Words } from "../words";
import { icon, themeIcon } from "./icons";
import { key } from "./keys";

export const LIST_ID = "matches";
export const optionId = (index: number): string => `match-${index}`;

/** What Enter does with `choice`, in words. */
export function choiceWords(words: Words, choice: Choice): string {
  if (choice.kind === "do") return words.doThis;
  const title = visible(choice.result.title);
  return choice.kind === "open" ? words.open(title) : words.copy(title);
}

export function matches(
  words: Words,
  choices: Choice[],
  selected: number,
  choose: (index: number) => void,
): TemplateResult {
  return html`<ul
    class="matches"
    id=${LIST_ID}
    role="listbox"
    aria-label=${words.matchesLabel}
  >
    ${choices.map(
      (choice, index) =>
        html`<li
          id=${optionId(index)}
          role="option"
          class="match"
          aria-selected=${index === selected ? "true" : "false"}
          @mousedown=${(event: Event) => event.preventDefault()}
          @click=${() => choose(index)}
        >
          ${choice.kind === "do" ? request(words, choice.text) : found(words, choice.result)}
          ${index === selected ? key("Enter") : nothing}
        </li>`,
    )}
  </ul>`;
}

/** Lays matches out once where nobody sees them: letters and signs of the first real ones are then at hand. */
export function warm(words: Words, within: HTMLElement): void {
  const result: SearchResult = {
    id: "",
    kind: "app",
    title: "Aa",
    subtitle: "Aa",
    icon: "",
    matches: [[0, 1]],
  };
  const kinds = ["app", "file", "folder", "calculation", "hit"] as const;
  const place = document.createElement("div");
  place.className = "unseen";
  place.setAttribute("aria-hidden", "true");
  within.append(place);
  const choices: Choice[] = [
    { kind: "do", text: "Aa" },
    ...kinds.map((kind) => ({
      kind: "open" as const,
      result: { ...result, kind },
    })),
  ];
  render(
    matches(words, choices, 0, () => undefined),
    place,
  );
  place.getBoundingClientRect();
  place.remove();
}

function request(words: Words, text: string): TemplateResult {
  return html`<span class="theme-icon do-icon">${icon("do")}</span>
    <span class="match-words">
      <span class="match-title">${words.doThis}</span>
      <bdi class="match-detail">${visible(text)}</bdi>
    </span>`;
}

function found(words: Words, result: SearchResult): TemplateResult {
  return html`${themeIcon(result.icon, result.kind)}
    <span class="match-words">
      <bdi class="match-title">${marked(result)}</bdi>
      ${
        result.subtitle === ""
          ? nothing
          : html`<bdi class="match-detail">${visible(result.subtitle)}</bdi>`
      }
    </span>
    <span class="match-kind">${words[`kind_${result.kind}`]}</span>`;
}

/** The title with the parts that matched set off. */
function marked(result: SearchResult): unknown[] {
  const characters = Array.from(result.title);
  const pieces: unknown[] = [];
  let at = 0;
  for (const [start, end] of result.matches) {
    if (start < at || end <= start || end > characters.length) continue;
    pieces.push(visible(characters.slice(at, start).join("")));
    pieces.push(
      html`<mark>${visible(characters.slice(start, end).join(""))}</mark>`,
    );
    at = end;
  }
  pieces.push(visible(characters.slice(at).join("")));
  return pieces;
}
