/** The buttons of rows and records. */

import { html, nothing, type TemplateResult } from "lit";
import type { Press } from "../wire";
import type { Action } from "./catalogue";
import type { PanelContext } from "./context";

/** Remembers which presses are on their way, so that a button is not pressed twice meanwhile. */
export class Presses {
  private readonly pending = new Set<string>();

  constructor(private readonly changed: () => void) {}

  isPending(press: Omit<Press, "surface">): boolean {
    return this.pending.has(keyOf(press));
  }

  /** Sends `press` unless it is on its way; resolves to whether it was done. */
  async send(
    context: PanelContext,
    press: Omit<Press, "surface">,
  ): Promise<boolean> {
    const key = keyOf(press);
    if (this.pending.has(key)) return false;
    this.pending.add(key);
    this.changed();
    try {
      return await context.act(press);
    } finally {
      this.pending.delete(key);
      this.changed();
    }
  }
}

function keyOf(press: Omit<Press, "surface">): string {
  return `${press.component}\n${press.verb}\n${press.ref ?? ""}`;
}

/** The action of Enter and of a double click: the first that changes nothing. */
export function mainAction(actions: Action[]): Action | undefined {
  return actions.find(
    ({ effect }) => effect === "read" || effect === "transient",
  );
}

export function isDangerous(action: Pick<Action, "effect">): boolean {
  return action.effect === "irreversible" || action.effect === "egress";
}

/** Buttons for `actions` on the row `ref`; `about` is what a screen reader adds to each label. */
export function actionButtons(
  context: PanelContext,
  presses: Presses,
  component: string,
  actions: Action[],
  ref: string | undefined,
  about: string,
  inTabOrder: boolean,
): TemplateResult {
  return html`${actions.map((action) => {
    const press: Omit<Press, "surface"> =
      ref === undefined
        ? { component, verb: action.verb }
        : { component, verb: action.verb, ref };
    const pending = presses.isPending(press);
    return html`<button
      type="button"
      class="action ${isDangerous(action) ? "danger" : ""}"
      tabindex=${inTabOrder ? nothing : "-1"}
      data-verb=${action.verb}
      aria-label=${about === "" ? action.label : `${action.label}: ${about}`}
      aria-disabled=${pending ? "true" : nothing}
      aria-busy=${pending ? "true" : nothing}
      @click=${(event: MouseEvent) => {
        // The second click of two may meet another row, which moved there.
        if (event.detail <= 1) void presses.send(context, press);
      }}
    >
      ${action.label}
    </button>`;
  })}`;
}
