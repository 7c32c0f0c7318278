/** The text of a statement with its parts told apart, as elements and never as markup. */

import { html, type TemplateResult } from "lit";
import { visible } from "../visible";

const TOKEN =
  /(?<string>"(?:[^"\\]|\\.)*"?)|(?<number>\b\d[\d.]*\w*)|(?<call>[a-z_]\w*(?:\.[a-z_]\w*)*(?=\())|(?<name>[\p{L}_]\w*)|(?<sign>.)/gsu;

/** Draws `text` in the colours of the plan language. */
export function code(text: string): TemplateResult {
  const pieces = Array.from(visible(text).matchAll(TOKEN), (match) => {
    const groups: Partial<Record<string, string>> = match.groups ?? {};
    const kind =
      Object.entries(groups).find(([, value]) => value !== undefined)?.[0] ??
      "sign";
    return kind === "sign" || kind === "name"
      ? match[0]
      : html`<span class="code-${kind}">${match[0]}</span>`;
  });
  return html`<code dir="ltr">${pieces}</code>`;
}
