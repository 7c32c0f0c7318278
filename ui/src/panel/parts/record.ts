import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { VALUE_TYPES, typeOf } from "../../format";
import { actionButtons } from "../actions";
import type { PartOf } from "../catalogue";
import { RowsElement } from "../rows";
import { drawValue, skeleton } from "../value";

/** One record: its fields, and what can be done with it as a whole. */
@customElement("lucid-record")
export class RecordPart extends RowsElement {
  @property({ attribute: false }) shape!: PartOf<"KeyValue">;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const rows = context.surface.rows(part.rows);
    if (!rows) return skeleton(context, 3);
    return html`${part.caption === "" ? nothing : html`<p class="caption">${part.caption}</p>`}
      <dl class="record">
        ${rows.map((row) => {
          const type = typeOf(
            String(row["key"]),
            VALUE_TYPES.find((known) => known === row["type"]) ?? "text",
          );
          return html`<div>
            <dt><bdi>${context.format.value(row["label"], "text")}</bdi></dt>
            <dd>${drawValue(context, row["value"], type)}</dd>
          </div>`;
        })}
      </dl>
      ${
        part.actions.length === 0
          ? nothing
          : html`<div class="actions record-actions">
              ${actionButtons(context, this.presses, this.partId, part.actions, undefined, "", true)}
            </div>`
      }`;
  }
}
