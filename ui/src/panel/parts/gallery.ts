import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { picture } from "../../view/icons";
import { actionButtons } from "../actions";
import type { PartOf } from "../catalogue";
import { RowsElement, type Row } from "../rows";
import { skeleton } from "../value";

/** Pictures with their names. */
@customElement("lucid-gallery")
export class GalleryPart extends RowsElement {
  @property({ attribute: false }) shape!: PartOf<"Gallery">;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const rows = context.surface.rows(part.rows);
    if (!rows) return skeleton(context, 3);
    return html`${part.caption === "" ? nothing : html`<p class="caption">${part.caption}</p>`}
      <ul class="gallery">
        ${repeat(rows, this.keyOf, (row, index) => this.item(row, index, rows.length))}
      </ul>
      ${this.pages(part, rows.length)}`;
  }

  private item(row: Row, index: number, count: number): unknown {
    const { shape: part, context } = this;
    const ref = this.refOf(row);
    const label = context.format.value(row["label"], "text");
    const active = this.isActive(index, count);
    return html`<li
      data-row
      data-ref=${ref ?? nothing}
      tabindex=${active && part.actions.length > 0 ? "0" : "-1"}
      @focusin=${() => this.activate(index)}
      @keydown=${(event: KeyboardEvent) => this.rowKeys(event, index, row, part.actions)}
      @dblclick=${(event: Event) => this.doubleClick(event, row, part.actions)}
    >
      ${picture(row["image"], "", context.words.noPicture)}
      <bdi class="gallery-label" title=${label}>${label}</bdi>
      ${
        ref === undefined
          ? nothing
          : html`<span class="actions"
              >${actionButtons(context, this.presses, this.partId, part.actions, ref, label, active)}</span
            >`
      }
    </li>`;
  }
}
