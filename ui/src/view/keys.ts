/** Keys as they are printed on a keyboard; the arrows are drawn, because few fonts have them. */

import { html, type TemplateResult } from "lit";
import { icon, type Sign } from "./icons";

const ARROWS: Partial<Record<string, Sign>> = {
  Enter: "enter",
  Up: "up",
  Down: "down",
};

export function key(name: string): TemplateResult {
  const arrow = ARROWS[name];
  return html`<kbd aria-hidden="true">${arrow ? icon(arrow) : name}</kbd>`;
}

/** Keys and what they do. */
export function keyPair(names: string[], does: string): TemplateResult {
  return html`<span class="key-pair">${names.map(key)} ${does}</span>`;
}
