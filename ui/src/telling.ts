/** What is told for a while: notices, what can be undone, and what only a screen reader says. */

import type { Notice } from "./view/notice";

const NOTICE_MS = 6000;
const TOAST_MS = 12_000;

export class Telling {
  notice: Notice | undefined;
  /** The turn that was just done and can be undone. */
  toasted: string | undefined;
  /** For screen readers. */
  announcement = "";
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;
  private toastTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly changed: () => void) {}

  tell(notice: Notice): void {
    this.closeNotice();
    this.notice = notice;
    // What is bad is an alert, which is read by itself, and stays.
    if (notice.kind === "bad") return;
    this.announce(notice.text);
    this.noticeTimer = setTimeout(() => this.closeNotice(), NOTICE_MS);
  }

  closeNotice(): void {
    clearTimeout(this.noticeTimer);
    this.notice = undefined;
    this.changed();
  }

  toast(turn: string): void {
    this.closeToast();
    this.toasted = turn;
    this.toastTimer = setTimeout(() => this.closeToast(), TOAST_MS);
  }

  closeToast(): void {
    clearTimeout(this.toastTimer);
    this.toasted = undefined;
    this.changed();
  }

  announce(text: string): void {
    this.announcement = text;
    this.changed();
  }
}
