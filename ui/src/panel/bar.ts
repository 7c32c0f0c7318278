/** A thin bar; the value beside it says the same in words. */

import { LitElement, svg } from "lit";
import { customElement, property } from "lit/decorators.js";

@customElement("meter-bar")
export class MeterBar extends LitElement {
  /** From 0 to 1. */
  @property({ attribute: false }) share = 0;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): unknown {
    const width = Math.min(Math.max(this.share, 0), 1) * 100;
    // A drawing, because a strict policy for styles forbids a width in the markup.
    return svg`<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width="100" height="4"></rect>
      <rect class="bar-value" width=${width} height="4"></rect>
    </svg>`;
  }
}
