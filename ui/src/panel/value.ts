/** How one value of a panel is drawn. */

import { html, nothing, type TemplateResult } from "lit";
import type { ValueType } from "../format";
import { icon } from "../view/icons";
import type { PanelContext } from "./context";

/** Draws `value`, isolated so that right-to-left letters in it cannot reorder what stands around it. */
export function drawValue(
  context: PanelContext,
  value: unknown,
  type: ValueType,
): TemplateResult {
  const { format, words } = context;
  const title = format.exact(value, type);
  if (type === "bool" && typeof value === "boolean") {
    return value
      ? html`<span class="tick"
          >${icon("done")}<span class="unseen">${words.yes}</span></span
        >`
      : html`<span class="unseen">${words.no}</span>`;
  }
  if (type === "path" && typeof value === "string") {
    const cut = value.replace(/\/+$/, "").lastIndexOf("/") + 1;
    return html`<bdi class="path" title=${title ?? nothing}
      ><span class="folder">${value.slice(0, cut)}</span
      ><span class="file">${value.slice(cut)}</span></bdi
    >`;
  }
  if (type === "percent" && typeof value === "number") {
    return html`<span class="percent"
      ><meter-bar .share=${value / 100}></meter-bar
      ><span class="percent-value">${format.value(value, type)}</span></span
    >`;
  }
  return html`<bdi title=${title ?? nothing}
    >${format.value(value, type)}</bdi
  >`;
}

/** Whether values of `type` stand at the end of a column. */
export function isNumeric(type: ValueType): boolean {
  return ["number", "id", "percent", "bytes", "duration"].includes(type);
}

/** Whether values of `type` can be cut short: the others say something wrong, or nothing, without their end. */
export function isText(type: ValueType): boolean {
  return ["text", "path", "app"].includes(type);
}

/** Lines in the place of something that is awaited. */
export function skeleton(context: PanelContext, lines: number): TemplateResult {
  return html`<div class="skeleton" role="status">
    <span class="unseen">${context.words.loading}</span>
    ${Array.from({ length: lines }, () => html`<span class="bone"></span>`)}
  </div>`;
}
