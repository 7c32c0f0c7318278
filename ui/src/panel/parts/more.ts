import { html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PartOf } from "../catalogue";
import type { PanelContext } from "../context";
import { SafeElement } from "../safe";
import { skeleton } from "../value";

/** A place that is worked out when it is looked at, once. */
@customElement("lucid-more")
export class MorePart extends SafeElement {
  @property({ attribute: false }) shape!: PartOf<"More">;
  @property({ attribute: false }) context!: PanelContext;
  @property({ attribute: false }) partId = "";
  @state() private asked = false;
  private observer: IntersectionObserver | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.ask();
    });
    this.observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
  }

  protected override render(): unknown {
    const label = html`<span class="more-label">${this.shape.label}</span>`;
    if (this.asked)
      return html`<div class="more">${label}${skeleton(this.context, 2)}</div>`;
    return html`<button
      type="button"
      class="more action"
      @click=${() => this.ask()}
      @focus=${() => this.ask()}
    >
      ${label}
    </button>`;
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    this.observer?.disconnect();
    void this.context
      .act({ component: this.partId, verb: "more" })
      .then((done) => {
        this.asked = done;
      });
  }
}
