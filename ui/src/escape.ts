/** What the Escape key does: it must stop things at any moment, and only then put the overlay away. */

const TWICE_MS = 400;

export type EscapeAct =
  | "stop"
  | "stop_all"
  | "hide"
  | "wait"
  | "close_notice"
  | "close_drawer"
  | "nothing";

export interface EscapeView {
  /** A turn runs that is shown; never so while the kernel is gone. */
  shownRunning: boolean;
  /** Any turn runs. */
  anyRunning: boolean;
  /** A problem is told that stays until it is closed. */
  noticeOpen: boolean;
  /** The drawer is open, and seen. */
  drawerOpen: boolean;
}

export class EscapeKey {
  private last = -Infinity;
  private wasElsewhere = false;

  /**
   * Returns what a press at `now` does.
   *
   * `wait` means: something runs that is not shown here; hide after
   * `TWICE_MS` unless a second press comes, which stops everything.
   */
  pressed(now: number, is: EscapeView): EscapeAct {
    const twice = now - this.last <= TWICE_MS;
    const wasElsewhere = this.wasElsewhere;
    this.last = now;
    this.wasElsewhere = false;
    if (twice && is.anyRunning) {
      this.last = -Infinity;
      return "stop_all";
    }
    // It was meant to stop things, and the first press has done so.
    if (twice && wasElsewhere) return "nothing";
    if (is.shownRunning) return "stop";
    if (is.noticeOpen) return "close_notice";
    if (is.drawerOpen) return "close_drawer";
    return is.anyRunning ? "wait" : "hide";
  }

  /** A press was made elsewhere at `now`: the next one is the second. */
  pressedElsewhere(now: number): void {
    this.last = now;
    this.wasElsewhere = true;
  }

  static readonly patience = TWICE_MS;
}
