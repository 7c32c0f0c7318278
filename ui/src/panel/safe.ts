/** An element that an error in its own drawing cannot take the rest down with. */

import { LitElement, type PropertyValues } from "lit";

/** Draws in the page itself, so that one style sheet and one tree of names serve all. */
export class SafeElement extends LitElement {
  private broken = false;

  /** What stands in the place of an element that cannot be drawn. */
  protected brokenText(): string {
    return "⚠";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override update(changed: PropertyValues): void {
    if (this.broken) return;
    try {
      super.update(changed);
    } catch (error) {
      this.broken = true;
      console.error("an element could not be drawn", error);
      const note = document.createElement("p");
      note.className = "part-error";
      note.setAttribute("role", "alert");
      note.textContent = this.brokenText();
      // Lit's own markers stay where they are; whatever was half drawn is hidden.
      for (const half of Array.from(this.children))
        half.setAttribute("hidden", "");
      this.append(note);
    }
  }
}
