/** What the Escape key does: it must stop things at any moment, and only then put the overlay away. */

const TWICE_MS = 400;

export type EscapeAct = "stop" | "stop_all" | "hide" | "wait" | "close_drawer";

export class EscapeKey {
  private last = -Infinity;

  /**
   * Returns what a press at `now` does.
   *
   * `wait` means: something runs that is not shown here; hide after
   * `TWICE_MS` unless a second press comes, which stops everything.
   */
  pressed(
    now: number,
    is: { shownRunning: boolean; anyRunning: boolean; drawerOpen: boolean },
  ): EscapeAct {
    const twice = now - this.last <= TWICE_MS;
    this.last = now;
    if (twice) {
      this.last = -Infinity;
      return "stop_all";
    }
    if (is.shownRunning) return "stop";
    if (is.drawerOpen) return "close_drawer";
    return is.anyRunning ? "wait" : "hide";
  }

  static readonly patience = TWICE_MS;
}
