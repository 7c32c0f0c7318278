import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";
import { actionButtons } from "../actions";
import type { Column, PartOf } from "../catalogue";
import { RowsElement, type Row } from "../rows";
import { drawValue, isNumeric, isText, skeleton } from "../value";
import { needed, shares } from "../widths";

/** Rows in columns, each with its buttons. */
@customElement("lucid-table")
export class TablePart extends RowsElement {
  @property({ attribute: false }) shape!: PartOf<"Table">;
  /** Its width in pixels, once it is laid out. */
  @state() private room = Infinity;
  private readonly resized = new ResizeObserver(([entry]) => {
    if (entry) this.room = entry.contentRect.width;
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override render(): unknown {
    const { shape: part, context } = this;
    const rows = context.surface.rows(part.rows);
    if (!rows) return skeleton(context, 4);
    const isNarrow =
      part.actions.length > 0 &&
      this.room < needed(part.columns, part.actions, rows, context.format);
    return html`<div class="table-scroll">
        <table class=${isNarrow ? "narrow" : ""}>
          ${
            part.caption === ""
              ? nothing
              : html`<caption>
                  ${part.caption}
                </caption>`
          }
          <colgroup>
            ${shares(part.columns, rows).map((width) => html`<col style=${styleMap({ width })} />`)}
          </colgroup>
          <thead>
            <tr>
              ${part.columns.map(
                (column) =>
                  html`<th scope="col" class=${kindOf(column)}>
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
          html`<td
            class=${kindOf(column)}
            title=${fullText(row[column.key], column) ?? nothing}
          >
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
                  : html`<div class="row-actions">
                      ${actionButtons(context, this.presses, this.partId, part.actions, ref, about, active)}
                    </div>`
              }
            </td>`
      }
    </tr>`;
  }
}

function kindOf({ type }: Column): string {
  if (isNumeric(type)) return "numeric";
  return isText(type) ? "cut" : "";
}

/** What a cell that may be cut short holds; a path says so itself. */
function fullText(value: unknown, { type }: Column): string | undefined {
  return isText(type) && type !== "path" && typeof value === "string"
    ? value
    : undefined;
}
