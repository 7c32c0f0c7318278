import { html, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Column, PartOf } from "../catalogue";
import { RowsElement, type Row } from "../rows";
import { drawValue, skeleton } from "../value";

const WIDTH = 640;
const HEIGHT = 180;
const MOST_LABELS = 8;
const MOST_BAR = 56;

/** Lines or bars, and the same figures as a table for whoever wants to read them. */
@customElement("lucid-chart")
export class ChartPart extends RowsElement {
  @property({ attribute: false }) shape!: PartOf<"Chart">;

  protected override render(): unknown {
    const { shape: part, context } = this;
    const points = context.surface.rows(part.points);
    if (!points) return skeleton(context, 4);
    const label =
      part.caption === ""
        ? part.series.map((series) => series.label).join(", ")
        : part.caption;
    return html`<figure class="chart chart-${part.kind}">
      ${part.caption === "" ? nothing : html`<figcaption class="caption">${part.caption}</figcaption>`}
      <span class="scale" aria-hidden="true"
        >${context.format.value(topOf(points, part.series), part.series[0]?.type ?? "number")}</span
      >
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
        ${this.drawing(points)}
      </svg>
      <div class="chart-axis" aria-hidden="true">
        ${this.labels(points).map((point) => html`<span>${context.format.value(point[part.x.key], part.x.type)}</span>`)}
      </div>
      <p class="legend">
        ${part.series.map((series, index) => html`<span><i class="swatch series-${index}"></i>${series.label}</span>`)}
      </p>
      <details>
        <summary>${context.words.chartData}</summary>
        ${this.figures(points)}
      </details>
    </figure>`;
  }

  private labels(points: Row[]): Row[] {
    if (this.shape.kind === "bar") {
      const step = Math.ceil(points.length / MOST_LABELS);
      return points.filter((_, index) => index % step === 0);
    }
    // The first and the last stand at the edges, and the others at even distances between them.
    const count = Math.min(points.length, MOST_LABELS);
    const step = (points.length - 1) / Math.max(count - 1, 1);
    return Array.from({ length: count }, (_, index) =>
      points.at(Math.round(index * step)),
    ).filter((point) => point !== undefined);
  }

  private drawing(points: Row[]): unknown {
    const { series, kind } = this.shape;
    const top = topOf(points, series);
    const bottom = Math.min(...valuesOf(points, series), 0);
    const span = top - bottom || 1;
    const y = (value: number) =>
      8 + (1 - (value - bottom) / span) * (HEIGHT - 16);
    const grid = svg`<line class="grid" x1="0" x2=${WIDTH} y1=${y(0)} y2=${y(0)}></line>
      <line class="grid" x1="0" x2=${WIDTH} y1=${y(top)} y2=${y(top)}></line>`;
    return [
      grid,
      kind === "bar" ? this.bars(points, y) : this.lines(points, y),
    ];
  }

  private bars(points: Row[], y: (value: number) => number): unknown {
    const { series } = this.shape;
    const slot = WIDTH / Math.max(points.length, 1);
    const width = Math.min(slot * 0.64, MOST_BAR) / series.length;
    const margin = (slot - width * series.length) / 2;
    return points.map((point, place) =>
      series.map(({ key }, index) => {
        const value = numberAt(point, key);
        if (value === undefined) return nothing;
        const x = slot * place + margin + width * index;
        return svg`<rect class="series-${index}" x=${x} width=${width} rx="3"
          y=${Math.min(y(value), y(0))} height=${Math.max(Math.abs(y(0) - y(value)), 1)}></rect>`;
      }),
    );
  }

  private lines(points: Row[], y: (value: number) => number): unknown {
    const step = WIDTH / Math.max(points.length - 1, 1);
    return this.shape.series.map(({ key }, index) => {
      let pen = "M";
      const path = points.flatMap((point, place) => {
        const value = numberAt(point, key);
        if (value === undefined) {
          pen = "M";
          return [];
        }
        // A step of nothing, so that a value between two gaps is a dot.
        const dot = pen === "M" ? "h0" : "";
        const piece = `${pen}${(step * place).toFixed(1)} ${y(value).toFixed(1)}${dot}`;
        pen = "L";
        return [piece];
      });
      return svg`<path class="line series-${index}" d=${path.join("")}></path>`;
    });
  }

  private figures(points: Row[]): unknown {
    const columns = [this.shape.x, ...this.shape.series];
    return html`<div class="table-scroll">
      <table>
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col">${column.label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${points.map(
            (point) =>
              html`<tr>
                ${columns.map((column) => html`<td>${drawValue(this.context, point[column.key], column.type)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

function topOf(points: Row[], series: Column[]): number {
  return Math.max(...valuesOf(points, series), 0);
}

function valuesOf(points: Row[], series: Column[]): number[] {
  return points.flatMap((point) =>
    series.map(({ key }) => numberAt(point, key) ?? 0),
  );
}

function numberAt(point: Row, key: string): number | undefined {
  const value = point[key];
  return typeof value === "number" && Number.isFinite(value)
    ? value
    : undefined;
}
