/** What tables, lists and galleries share: rows in pages, one of which the keyboard is on. */

import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { Presses, mainAction } from "./actions";
import type { Action, Bound } from "./catalogue";
import type { PanelContext } from "./context";
import { SafeElement } from "./safe";

export type Row = Record<string, unknown>;

interface Paged {
  rows: Bound;
  total: Bound;
  offset: Bound;
  actions: Action[];
}

export abstract class RowsElement extends SafeElement {
  @property({ attribute: false }) context!: PanelContext;
  @property({ attribute: false }) partId = "";
  @property({ attribute: false }) version = 0;
  @state() private active = 0;
  /** What had the focus last in these rows. */
  private focused: Element | null = null;
  protected readonly presses = new Presses(() => this.requestUpdate());

  protected override brokenText(): string {
    return this.context.words.brokenPart;
  }

  /** Rows keep their elements when others go, so that the focus and a press stay with their row. */
  protected readonly keyOf = (row: Row, index: number): string | number =>
    this.refOf(row) ?? index;

  protected refOf(row: Row): string | undefined {
    const ref = row["ref"];
    return typeof ref === "string" ? ref : undefined;
  }

  /** The row that Tab reaches; arrow keys move it. */
  protected isActive(index: number, count: number): boolean {
    return index === Math.min(this.active, count - 1);
  }

  protected rowKeys(
    event: KeyboardEvent,
    index: number,
    row: Row,
    actions: Action[],
  ): void {
    const places: Partial<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: Infinity,
    };
    const place = places[event.key];
    if (place !== undefined) {
      event.preventDefault();
      this.focusRow(place);
    } else if (event.key === "Enter" && event.target === event.currentTarget) {
      event.preventDefault();
      this.runMain(row, actions);
    }
  }

  protected doubleClick(event: Event, row: Row, actions: Action[]): void {
    const target = event.target as Element;
    if (!target.closest("button")) this.runMain(row, actions);
  }

  protected runMain(row: Row, actions: Action[]): void {
    const action = mainAction(actions);
    const ref = this.refOf(row);
    if (action && ref !== undefined) {
      void this.presses.send(this.context, {
        component: this.partId,
        verb: action.verb,
        ref,
      });
    }
  }

  protected activate(index: number): void {
    this.active = index;
    this.focused = document.activeElement;
  }

  /** A row that goes while it has the focus gives it to the one in its place. */
  protected override updated(): void {
    const isGone = this.focused?.isConnected === false;
    if (isGone && document.activeElement === document.body)
      this.focusRow(this.active);
    if (isGone) this.focused = null;
  }

  private focusRow(index: number): void {
    const rows = Array.from(this.querySelectorAll<HTMLElement>("[data-row]"));
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    row?.focus();
  }

  /** The line that says which rows are shown, with the way to the others. */
  protected pages(part: Paged, count: number): TemplateResult | typeof nothing {
    const { surface, words, format } = this.context;
    const offset = surface.number(part.offset, 0);
    const total = surface.number(part.total, count);
    if (total <= count && offset === 0) return nothing;
    const size = Math.max(count, 1);
    // Not `disabled`, which would take the focus from whoever has pressed it.
    const button = (label: string, to: number, isShut: boolean) =>
      html`<button
        type="button"
        class="action"
        aria-disabled=${isShut ? "true" : "false"}
        @click=${() => {
          if (!isShut)
            void this.presses.send(this.context, {
              component: this.partId,
              verb: "page",
              value: to,
            });
        }}
      >
        ${label}
      </button>`;
    return html`<nav class="pages" aria-label=${words.pagesLabel}>
      ${button(words.previousPage, Math.max(0, offset - size), offset === 0)}
      <span>
        ${words.rowsShown(format.number(offset + 1), format.number(offset + count), format.number(total))}
      </span>
      ${button(words.nextPage, offset + size, offset + count >= total)}
    </nav>`;
  }
}
