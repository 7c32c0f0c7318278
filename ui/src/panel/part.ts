/** One component of a surface, whatever it is. */

import { html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { picture } from "../view/icons";
import { told } from "../view/told";
import "./bar";
import type { Part, PartOf } from "./catalogue";
import type { PanelContext } from "./context";
import "./parts/chart";
import "./parts/controls";
import "./parts/gallery";
import "./parts/list";
import "./parts/more";
import "./parts/record";
import "./parts/table";
import { SafeElement } from "./safe";
import { drawValue, skeleton } from "./value";

const ROOT = "root";

@customElement("lucid-part")
export class PartElement extends SafeElement {
  @property({ attribute: false }) context!: PanelContext;
  @property({ attribute: false }) partId = ROOT;
  /** The surface's version: a part is drawn again when it grows. */
  @property({ attribute: false }) version = 0;
  /** Ids of the parts around this one, so that a circle ends. */
  @property({ attribute: false }) within: readonly string[] = [];

  protected override brokenText(): string {
    return this.context.words.brokenPart;
  }

  protected override render(): unknown {
    const part = this.context.surface.parts.get(this.partId);
    if (!part || this.within.includes(this.partId)) return nothing;
    return this.draw(part);
  }

  private draw(part: Part): unknown {
    const { context, partId, version } = this;
    switch (part.component) {
      case "Column":
        return html`<div class="column">${this.children_(part.children)}</div>`;
      case "Section":
        return html`<section class="section">
          <h3>${part.title}</h3>
          ${this.children_(part.children)}
        </section>`;
      case "Title":
        return html`<h2 class="panel-title">${part.text}</h2>`;
      case "Text":
        return this.text(part);
      case "Meter":
        return this.meter(part);
      case "Image":
        return this.image(part);
      case "Table":
        return html`<lucid-table
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-table>`;
      case "List":
        return html`<lucid-list
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-list>`;
      case "Gallery":
        return html`<lucid-gallery
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-gallery>`;
      case "KeyValue":
        return html`<lucid-record
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-record>`;
      case "Chart":
        return html`<lucid-chart
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-chart>`;
      case "Button":
        return html`<lucid-button
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-button>`;
      case "Toggle":
        return html`<lucid-toggle
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-toggle>`;
      case "Slider":
        return html`<lucid-slider
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-slider>`;
      case "Input":
        return html`<lucid-input
          .context=${context}
          .partId=${partId}
          .version=${version}
          .shape=${part}
        ></lucid-input>`;
      case "More":
        return html`<lucid-more
          .context=${context}
          .partId=${partId}
          .shape=${part}
        ></lucid-more>`;
      case "Error":
        return this.error(part.text, part.remedy);
      case "Empty":
        return html`<p class="empty">${part.text}</p>`;
      case "Broken":
        return this.error(context.words.unknownPart(part.name), "");
    }
  }

  private children_(ids: string[]): unknown {
    const within = [...this.within, this.partId];
    return ids.map(
      (id) =>
        html`<lucid-part
          .context=${this.context}
          .partId=${id}
          .version=${this.version}
          .within=${within}
        ></lucid-part>`,
    );
  }

  private text(part: PartOf<"Text">): unknown {
    const resolved = this.context.surface.resolve(part.value);
    const label =
      part.label === ""
        ? nothing
        : html`<span class="text-label">${part.label}</span>`;
    if (!resolved.ready)
      return html`${label}${skeleton(this.context, part.found ? 3 : 1)}`;
    const value = drawValue(this.context, resolved.value, part.type);
    if (!part.found)
      return html`<p class="text">
        ${label}<span class="text-value">${value}</span>
      </p>`;
    return html`<blockquote
      class="text found"
      aria-label=${this.context.words.found}
    >
      ${label}<span class="text-value">${value}</span>
    </blockquote>`;
  }

  private meter(part: PartOf<"Meter">): unknown {
    const { surface, format } = this.context;
    const resolved = surface.resolve(part.value);
    if (!resolved.ready) return skeleton(this.context, 1);
    const max = surface.number(part.max, 100);
    const value = typeof resolved.value === "number" ? resolved.value : null;
    const shown = format.value(resolved.value, part.type);
    const ofMax =
      part.type === "percent"
        ? nothing
        : html`<span class="of-max"> / ${format.value(max, part.type)}</span>`;
    return html`<div
      class="meter"
      role="meter"
      aria-label=${part.label}
      aria-valuemin="0"
      aria-valuemax=${max}
      aria-valuenow=${value ?? 0}
      aria-valuetext=${shown}
    >
      <div class="meter-words">
        <span>${part.label}</span
        ><span>${shown}${value === null ? nothing : ofMax}</span>
      </div>
      <meter-bar
        .share=${value === null || max <= 0 ? 0 : value / max}
      ></meter-bar>
    </div>`;
  }

  private image(part: PartOf<"Image">): unknown {
    const resolved = this.context.surface.resolve(part.image);
    if (!resolved.ready) return skeleton(this.context, 4);
    return html`<figure class="image">
      ${picture(resolved.value, part.label, this.context.words.noPicture)}
      <figcaption>${part.label}</figcaption>
    </figure>`;
  }

  private error(text: string, remedy: string): unknown {
    return html`<div class="part-error" role="alert">
      ${told(this.context.words, text, remedy)}
    </div>`;
  }
}
