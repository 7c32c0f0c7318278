import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import { Presses, isDangerous } from "../actions";
import type { PartOf } from "../catalogue";
import type { PanelContext } from "../context";
import { SafeElement } from "../safe";
import type { Resolved } from "../surfaces";
import { skeleton } from "../value";

type Value = boolean | number | string;

/** What a person sets; shown at once, and taken back when the kernel could not do it. */
abstract class Control extends SafeElement {
  @property({ attribute: false }) context!: PanelContext;
  @property({ attribute: false }) partId = "";
  @property({ attribute: false }) version = 0;
  /** What the person chose while it is not known to be so yet. */
  @state() protected chosen: Value | undefined;
  /** What was chosen while an earlier choice was on its way. */
  private next: Value | undefined;
  protected readonly presses = new Presses(() => this.requestUpdate());

  protected override brokenText(): string {
    return this.context.words.brokenPart;
  }

  /** `true` while a choice is on its way; said to screen readers. */
  protected get busy(): "true" | typeof nothing {
    return this.chosen === undefined ? nothing : "true";
  }

  /** Sends `value`, or keeps it until what is on its way has arrived; of several, the newest. */
  protected async change(value: Value): Promise<void> {
    const isSending = this.chosen !== undefined;
    this.chosen = value;
    this.next = value;
    if (isSending) return;
    while (this.next !== undefined) {
      const sent: Value = this.next;
      this.next = undefined;
      await this.presses.send(this.context, {
        component: this.partId,
        verb: "change",
        value: sent,
      });
    }
    // Either the data model has the new value by now, or it was not done and the old one shows again.
    this.chosen = undefined;
  }
}

@customElement("lucid-button")
export class ButtonPart extends Control {
  @property({ attribute: false }) shape!: PartOf<"Button">;

  protected override render(): unknown {
    const press = { component: this.partId, verb: "press" };
    const pending = this.presses.isPending(press);
    return html`<button
      type="button"
      class="button ${isDangerous(this.shape) ? "danger" : ""}"
      aria-disabled=${pending ? "true" : nothing}
      aria-busy=${pending ? "true" : nothing}
      @click=${() => void this.presses.send(this.context, press)}
    >
      ${this.shape.label}
    </button>`;
  }
}

@customElement("lucid-toggle")
export class TogglePart extends Control {
  @property({ attribute: false }) shape!: PartOf<"Toggle">;

  protected override render(): unknown {
    const resolved = this.context.surface.resolve(this.shape.value);
    if (!resolved.ready && this.chosen === undefined)
      return skeleton(this.context, 1);
    const on = this.chosen ?? (resolved.ready && resolved.value === true);
    const { words } = this.context;
    return html`<button
      type="button"
      class="switch"
      role="switch"
      aria-checked=${on ? "true" : "false"}
      aria-busy=${this.busy}
      @click=${() => void this.change(!on)}
    >
      <span class="switch-label">${this.shape.label}</span>
      <span class="switch-state" aria-hidden="true"
        >${on ? words.on : words.off}</span
      >
      <span class="switch-track" aria-hidden="true"></span>
    </button>`;
  }
}

@customElement("lucid-slider")
export class SliderPart extends Control {
  @property({ attribute: false }) shape!: PartOf<"Slider">;
  @state() private dragged: number | undefined;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const resolved = context.surface.resolve(part.value);
    if (!resolved.ready && this.chosen === undefined)
      return skeleton(context, 1);
    const known =
      resolved.ready && typeof resolved.value === "number"
        ? resolved.value
        : part.min;
    const value = this.dragged ?? Number(this.chosen ?? known);
    const shown = context.format.value(value, part.type);
    return html`<label class="slider">
      <span>${part.label}</span>
      <input
        type="range"
        min=${part.min}
        max=${part.max}
        step=${part.step}
        .value=${String(value)}
        aria-valuetext=${shown}
        aria-busy=${this.busy}
        @input=${(event: Event) => {
          this.dragged = Number((event.target as HTMLInputElement).value);
        }}
        @change=${(event: Event) => {
          this.dragged = undefined;
          void this.change(Number((event.target as HTMLInputElement).value));
        }}
      />
      <output>${shown}</output>
    </label>`;
  }
}

@customElement("lucid-input")
export class InputPart extends Control {
  @property({ attribute: false }) shape!: PartOf<"Input">;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const resolved = context.surface.resolve(part.value);
    if (!resolved.ready && this.chosen === undefined)
      return skeleton(context, 1);
    const value = String(this.chosen ?? plain(resolved));
    return html`<label class="field">
      <span>${part.label}</span>
      ${part.choices ? this.choices(part.choices, value) : this.line(value)}
    </label>`;
  }

  private choices(choices: string[], value: string): unknown {
    // `live`, because the browser has chosen already when a choice is taken back.
    return html`<select
      aria-busy=${this.busy}
      @change=${(event: Event) => void this.change((event.target as HTMLSelectElement).value)}
    >
      ${
        choices.includes(value)
          ? nothing
          : html`<option value="" disabled hidden .selected=${live(true)}>
              ${value}
            </option>`
      }
      ${choices.map(
        (choice) =>
          html`<option value=${choice} .selected=${live(choice === value)}>
            ${choice}
          </option>`,
      )}
    </select>`;
  }

  private line(value: string): unknown {
    const isNumber =
      this.shape.type !== "text" &&
      this.shape.type !== "path" &&
      this.shape.type !== "app";
    return html`<input
      type=${isNumber ? "number" : "text"}
      maxlength=${this.shape.maxLength}
      aria-busy=${this.busy}
      .value=${value}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== "Enter" || event.isComposing) return;
        const typed = (event.target as HTMLInputElement).value;
        // An empty field of numbers is no number, and what is no number reads as empty.
        if (isNumber && typed.trim() === "") return;
        void this.change(isNumber ? Number(typed) : typed);
      }}
    />`;
  }
}

/** The value of a field as text; what is no text or number is empty. */
function plain(resolved: Resolved): string {
  if (!resolved.ready) return "";
  const { value } = resolved;
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : "";
}
