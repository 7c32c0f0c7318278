/** How a problem is told: a sentence, and under it what to do next. */

import { html, nothing, type TemplateResult } from "lit";
import { ofKernel } from "../visible";
import type { Words } from "../words";

export function told(
  words: Words,
  sentence: string,
  remedy: string,
): TemplateResult {
  return html`<p>${ofKernel(sentence)}</p>
    ${
      remedy === ""
        ? nothing
        : html`<p class="remedy">
            <span class="unseen">${words.remedy} </span>${ofKernel(remedy)}
          </p>`
    }`;
}
