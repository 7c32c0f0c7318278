/** The line: what is typed, the choices for it, and the way through earlier requests. */

import * as bridge from "./bridge";
import { KeyClock } from "./clock";
import { choices, type Choice } from "./enter";
import { HistoryWalk } from "./history";
import { LateSearch } from "./late";
import { SearchQueue } from "./search";
import { TypingReporter } from "./typing";
import type { SearchResult } from "./wire";

/** How long Enter waits for the matches of the last key, so that what it does is what would be shown. */
const SETTLE_MS = 150;

/** What the line needs of whatever draws it. */
export interface LineHost {
  /** The field on the page. */
  readonly field: HTMLInputElement;
  /** Something is to be drawn anew. */
  changed: () => void;
  /** Another choice is highlighted, or there are others. */
  moved: () => void;
  /** The matches for the keys that were pressed at `keys` are to be drawn. */
  answered: (keys: number[]) => void;
}

export class Line {
  text = "";
  private results: SearchResult[] = [];
  /** What apps have found for the text. */
  private late: SearchResult[] = [];
  private highlighted = 0;
  /** Keys are measured. */
  measured = false;
  readonly walk = new HistoryWalk();
  private readonly clock = new KeyClock();
  private readonly reporter = new TypingReporter((text) => {
    bridge.typing(text).catch(() => undefined);
  });
  private readonly queue = new SearchQueue(bridge.search, (found) => {
    this.results = found.results;
    this.highlight(0);
    const keys = this.clock.answered(found.query);
    if (keys.length > 0) this.host.answered(keys);
  });
  private readonly apps = new LateSearch(bridge.searchApps, (results) => {
    this.late = results;
    this.host.changed();
  });

  constructor(private readonly host: LineHost) {}

  get choices(): Choice[] {
    return choices(this.text, this.results, this.late);
  }

  /** The index of the highlighted choice. */
  get selected(): number {
    return Math.min(this.highlighted, this.choices.length - 1);
  }

  /** The field was changed by the person. */
  typed(event: Event): void {
    this.text = this.host.field.value;
    if (this.measured) this.clock.typed(this.text, event.timeStamp);
    this.walk.leave();
    const { isComposing } = event as InputEvent;
    // Half of a word that is being composed is told nobody.
    this.search(isComposing ? "" : this.text);
    if (!isComposing) this.reporter.typed(this.text);
  }

  /** Puts `text` into the field and looks for matches. */
  set(text: string): void {
    this.text = text;
    this.host.field.value = text;
    this.search();
  }

  /** Empties the field for the next request. */
  clear(): void {
    this.set("");
    this.host.field.focus();
  }

  /** `text` was sent; what was typed meanwhile stays. */
  sent(text: string): void {
    if (this.text.trim() === text) this.clear();
  }

  /** Whether an arrow key was taken: for earlier requests, or to choose. */
  arrow(up: boolean): boolean {
    if (this.walk.isAt(this.text) && (up || this.walk.isWalking)) {
      const text = up ? this.walk.older() : this.walk.newer();
      if (text !== undefined) this.put(text);
      return true;
    }
    const count = this.choices.length;
    if (count === 0) return false;
    this.highlight((this.highlighted + (up ? count - 1 : 1)) % count);
    return true;
  }

  /** What Enter does now, once the matches of the last key are there; nothing when the line is changed meanwhile. */
  async entered(asWords: boolean): Promise<Choice | undefined> {
    const text = this.text;
    if (text.trim() === "") return undefined;
    if (asWords) return { kind: "do", text: text.trim() };
    const moved = this.highlighted;
    if (moved === 0 && !this.walk.isWalking) await this.queue.settle(SETTLE_MS);
    return this.text === text ? this.choices[moved] : undefined;
  }

  /** A choice was made: matches that are still awaited are not measured. */
  chosen(): void {
    this.clock.clear();
  }

  /** A request is sent: nothing more is told of its words. */
  asked(): void {
    this.reporter.reset();
  }

  /** Looks for matches anew, because another kernel may know others. */
  searchAgain(): void {
    this.queue.want("");
    this.queue.want(this.text);
  }

  /** Puts an earlier request into the field, whole, so that Enter asks it again. */
  private put(text: string): void {
    this.text = text;
    this.host.field.value = text;
    this.results = [];
    this.late = [];
    this.highlight(0);
    this.queue.want("");
    this.apps.want("");
  }

  /** Looks for matches, and asks apps for `told`. */
  private search(told = this.text): void {
    if (this.text.trim() === "") this.results = [];
    this.late = [];
    this.highlight(0);
    this.queue.want(this.text);
    this.apps.want(told);
  }

  private highlight(index: number): void {
    this.highlighted = index;
    this.host.changed();
    this.host.moved();
  }
}
