/** Signs drawn here, and pictures that come through the shell's own schemes. */

import { html, svg, type TemplateResult } from "lit";

/** Paths on a 16-pixel square, drawn with a round pen. */
const SIGNS = {
  waiting: "M8 3.5v4.6l3 1.8 M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 1 0 8 1.8",
  consent:
    "M8 1.6 13.2 3.6v4c0 3.3-2.1 5.5-5.2 6.8-3.1-1.3-5.2-3.5-5.2-6.8v-4Z M8 5v3.4 M8 11v.1",
  running: "M14.2 8A6.2 6.2 0 1 1 8 1.8",
  done: "M3 8.6 6.4 12 13 4.6",
  failed:
    "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 1 0 8 1.8 M8 4.8v3.8 M8 11.1v.1",
  refused: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 1 0 8 1.8 M3.8 12.2 12.2 3.8",
  skipped: "M4 8h8",
  unknown:
    "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 1 0 8 1.8 M6.2 6.4a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2 M8 11.4v.1",
  writing: "M10.8 2.6 13.4 5.2 5.6 13H3v-2.6Z",
  do: "M8 1.5 9.5 6.5 14.5 8 9.5 9.5 8 14.5 6.5 9.5 1.5 8 6.5 6.5Z",
  app: "M3 3h10v10H3Z M3 6h10",
  file: "M4 1.8h5l3 3v9.4H4Z M9 1.8v3h3",
  folder: "M1.8 4h4.4l1.4 1.6h6.6v7H1.8Z",
  calculation: "M3.5 5.8h9 M3.5 10.2h9",
  hit: "M7 2.4a4.6 4.6 0 1 0 0 9.2A4.6 4.6 0 1 0 7 2.4 M10.4 10.4l3.2 3.2",
  enter: "M13 3.6v4a1.8 1.8 0 0 1-1.8 1.8H3.2 M6.2 6.4l-3 3 3 3",
  up: "M8 13V3.4 M4.2 7.2 8 3.4l3.8 3.8",
  down: "M8 3v9.6 M4.2 8.8 8 12.6l3.8-3.8",
  more: "M5.5 3.5 10 8l-4.5 4.5",
  close: "M4 4l8 8 M12 4l-8 8",
  undo: "M5.4 3.2 2.4 6.2l3 3 M2.6 6.2h6.6a3.6 3.6 0 0 1 0 7.2H7",
  picture: "M2 3h12v10H2Z M2 11l3.5-3.5 3 3 2-2L14 12 M10.6 5.9v.1",
} as const;

export type Sign = keyof typeof SIGNS;

/** A sign; what it means stands beside it in words. */
export function icon(sign: Sign): TemplateResult {
  return html`<svg
    class="sign sign-${sign}"
    viewBox="0 0 16 16"
    aria-hidden="true"
    focusable="false"
  >
    ${svg`<path d=${SIGNS[sign]}></path>`}
  </svg>`;
}

/** The icon `name` of the icon theme; `otherwise` stands behind it, for themes that lack it. */
export function themeIcon(name: string, otherwise: Sign): TemplateResult {
  if (name === "")
    return html`<span class="theme-icon">${icon(otherwise)}</span>`;
  const source = `icon://localhost/${encodeURIComponent(name)}`;
  return html`<span class="theme-icon"
    >${icon(otherwise)}<img
      alt=""
      draggable="false"
      src=${source}
      @load=${(event: Event) => mark(event, "loaded")}
      @error=${(event: Event) => mark(event, "missing")}
  /></span>`;
}

/** The picture at a `file:` URI, which the shell gives only when the kernel named it. */
export function picture(
  uri: unknown,
  label: string,
  missing: string,
): TemplateResult {
  if (typeof uri !== "string" || !uri.startsWith("file:///")) {
    return html`<span class="no-picture"
      >${icon("picture")}<span class="unseen">${missing}</span></span
    >`;
  }
  const source = `picture://localhost/${encodeURIComponent(uri)}`;
  return html`<span class="picture"
    >${icon("picture")}<img
      alt=${label}
      loading="lazy"
      draggable="false"
      src=${source}
      @load=${(event: Event) => mark(event, "loaded")}
      @error=${(event: Event) => mark(event, "missing")}
  /></span>`;
}

function mark(event: Event, state: "loaded" | "missing"): void {
  (event.target as HTMLElement).parentElement?.setAttribute(
    "data-state",
    state,
  );
}
