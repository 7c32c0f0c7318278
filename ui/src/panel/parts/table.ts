import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { actionButtons } from "../actions";
import type { PartOf } from "../catalogue";
import { RowsElement, type Row } from "../rows";
import { drawValue, isNumeric, skeleton } from "../value";

/** Rows in columns, each with its buttons. */
@customElement("lucid-table")
export class TablePart extends RowsElement {
  @property({ attribute: false }) shape!: PartOf<"Table">;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const rows = context.surface.rows(part.rows);
    if (!rows) return skeleton(context, 4);
    return html`<div class="table-scroll">
        <table>
          ${
            part.caption === ""
              ? nothing
              : html`<caption>
                  ${part.caption}
                </caption>`
          }
          <thead>
            <tr>
              ${part.columns.map(
                (column) =>
                  html`<th
                    scope="col"
                    class=${isNumeric(column.type) ? "numeric" : ""}
                  >
                    ${column.label}
                  </th>`,
              )}
              ${
                part.actions.length === 0
                  ? nothing
                  : html`<th scope="col" class="actions">
                      <span class="unseen">${context.words.rowActions}</span>
                    </th>`
              }
            </tr>
          </thead>
          <tbody>
            ${repeat(rows, this.keyOf, (row, index) => this.row(row, index, rows.length))}
          </tbody>
        </table>
      </div>
      ${this.pages(part, rows.length)}`;
  }

  private row(row: Row, index: number, count: number): unknown {
    const { shape: part, context } = this;
    const ref = this.refOf(row);
    const first = part.columns[0];
    const about = first ? context.format.value(row[first.key], first.type) : "";
    const active = this.isActive(index, count);
    return html`<tr
      data-row
      data-ref=${ref ?? nothing}
      tabindex=${active ? "0" : "-1"}
      @focusin=${() => this.activate(index)}
      @keydown=${(event: KeyboardEvent) => this.rowKeys(event, index, row, part.actions)}
      @dblclick=${(event: Event) => this.doubleClick(event, row, part.actions)}
    >
      ${part.columns.map(
        (column) =>
          html`<td class=${isNumeric(column.type) ? "numeric" : ""}>
            ${drawValue(context, row[column.key], column.type)}
          </td>`,
      )}
      ${
        part.actions.length === 0
          ? nothing
          : html`<td class="actions">
              ${
                ref === undefined
                  ? nothing
                  : actionButtons(
                      context,
                      this.presses,
                      this.partId,
                      part.actions,
                      ref,
                      about,
                      active,
                    )
              }
            </td>`
      }
    </tr>`;
  }
}
