import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { actionButtons } from "../actions";
import type { PartOf } from "../catalogue";
import { RowsElement, type Row } from "../rows";
import { drawValue, skeleton } from "../value";

/** One value a row, perhaps with a quieter one. */
@customElement("lucid-list")
export class ListPart extends RowsElement {
  @property({ attribute: false }) shape!: PartOf<"List">;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const rows = context.surface.rows(part.rows);
    if (!rows) return skeleton(context, 3);
    return html`${part.caption === "" ? nothing : html`<p class="caption">${part.caption}</p>`}
      <ul class="list">
        ${repeat(rows, this.keyOf, (row, index) => this.row(row, index, rows.length))}
      </ul>
      ${this.pages(part, rows.length)}`;
  }

  private row(row: Row, index: number, count: number): unknown {
    const { shape: part, context } = this;
    const ref = this.refOf(row);
    const active = this.isActive(index, count);
    const about = context.format.value(row["value"], part.type);
    return html`<li
      data-row
      data-ref=${ref ?? nothing}
      tabindex=${active && part.actions.length > 0 ? "0" : "-1"}
      @focusin=${() => this.activate(index)}
      @keydown=${(event: KeyboardEvent) => this.rowKeys(event, index, row, part.actions)}
      @dblclick=${(event: Event) => this.doubleClick(event, row, part.actions)}
    >
      <span class="list-value"
        >${drawValue(context, row["value"], part.type)}</span
      >
      ${
        row["detail"] === undefined
          ? nothing
          : html`<span class="list-detail"
              >${drawValue(context, row["detail"], part.detailType)}</span
            >`
      }
      ${
        ref === undefined
          ? nothing
          : html`<span class="actions"
              >${actionButtons(context, this.presses, this.partId, part.actions, ref, about, active)}</span
            >`
      }
    </li>`;
  }
}
