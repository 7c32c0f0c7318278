/** The overlay: one line, the choices under it, the turn that is shown. */

import { LitElement, html, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Acts } from "../acts";
import * as bridge from "../bridge";
import { KeyClock } from "../clock";
import { choices, type Choice } from "../enter";
import { EscapeKey } from "../escape";
import { Format } from "../format";
import { HistoryWalk } from "../history";
import type { PanelContext } from "../panel/context";
import type { Surface } from "../panel/surfaces";
import { SearchQueue } from "../search";
import { Session } from "../session";
import { isRunning, worthTelling, type Turn } from "../turns";
import { TypingReporter } from "../typing";
import type { ModelProgress, SearchResult, ShellEvent } from "../wire";
import { localeOf, wordsOf, type Words } from "../words";
import { download, footer, idle } from "./frame";
import { icon } from "./icons";
import { line } from "./line";
import { choiceWords, matches, warm } from "./matches";
import { notice, noticeOf, toast, type Notice } from "./notice";
import { followerView, turnView } from "./turn";
import "./why";

const HISTORY = 200;
/** How long Enter waits for the matches of the last key, so that what it does is what would be shown. */
const SETTLE_MS = 150;
const NOTICE_MS = 6000;
const TOAST_MS = 12_000;
/** How much of the stage a page is, so that a line or two stay in sight. */
const PAGE = 0.85;

@customElement("lucid-overlay")
export class OverlayElement extends LitElement {
  @state() private words: Words = wordsOf("en");
  @state() private present = true;
  @state() private text = "";
  @state() private results: SearchResult[] = [];
  @state() private selected = 0;
  @state() private notice: Notice | undefined;
  /** The turn that was just done and can be undone. */
  @state() private toasted: string | undefined;
  @state() private whyOpen = false;
  /** The plan of a turn that is done is shown in full. */
  @state() private planOpen = false;
  @state() private announcement = "";
  @state() private progress:
    { id: string; progress: ModelProgress } | undefined;
  /** Grows when a turn or panel changes. */
  @state() private drawn = 0;

  private format = new Format("en", this.words);
  private language = "en";
  private measured = false;
  private readonly clock = new KeyClock();
  /** How many consents wait. */
  private asking = 0;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;
  private toastTimer: ReturnType<typeof setTimeout> | undefined;
  private hideTimer: ReturnType<typeof setTimeout> | undefined;
  private isChoosing = false;

  private readonly escape = new EscapeKey();
  private readonly walk = new HistoryWalk();
  private contexts = new WeakMap<Surface, PanelContext>();
  private readonly session = new Session((turn) => void this.refill(turn));
  private readonly acts = new Acts(this.session, {
    changed: () => {
      this.drawn += 1;
    },
    failed: (error) => this.tellError(error),
    leave: () => this.leave(),
  });
  private readonly reporter = new TypingReporter((text) => {
    bridge.typing(text).catch(() => undefined);
  });
  private readonly queue = new SearchQueue(bridge.search, (found) => {
    this.results = found.results;
    this.selected = 0;
    this.measureKeys(found.query);
  });
  private readonly resized = new ResizeObserver(() => this.fit());
  private readonly drawnAnew = new MutationObserver(() => this.keepFocus());
  /** What had the focus last. */
  private focused: EventTarget | null = null;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.anyKey, { capture: true });
    this.addEventListener("focusin", (event) => {
      this.focused = event.target;
    });
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.anyKey, { capture: true });
    this.resized.disconnect();
    this.drawnAnew.disconnect();
  }

  protected override firstUpdated(): void {
    const card = this.querySelector(".card");
    if (card) {
      this.resized.observe(card);
      this.drawnAnew.observe(card, { childList: true, subtree: true });
    }
    this.line.focus();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("selected") || changed.has("results")) {
      this.querySelector(".match[aria-selected=true]")?.scrollIntoView({
        block: "nearest",
      });
    }
  }

  // What comes from the shell

  private async begin(): Promise<void> {
    const beginning = await bridge.connect((event) => this.take(event));
    this.language = beginning.language;
    this.words = wordsOf(this.language);
    this.format = new Format(localeOf(this.language), this.words);
    this.contexts = new WeakMap();
    this.measured = beginning.measured;
    document.documentElement.lang = localeOf(this.language);
    document.documentElement.classList.toggle("plain", !beginning.composited);
    document.documentElement.style.setProperty(
      "--most-height",
      `${beginning.most_height}px`,
    );
    document.documentElement.dataset["ready"] = "true";
    this.present = beginning.present;
    if (beginning.typed !== "") this.setText(beginning.typed + this.text);
    this.fit();
    warm(this.words, this);
    if (this.present) await this.replicate();
  }

  private take(event: ShellEvent): void {
    switch (event.type) {
      case "shown":
        this.shown(event.trigger);
        break;
      case "kernel":
        this.kernel(event.present);
        break;
      case "turn":
        this.session.take(event.turn, event.sequence, event.event);
        this.turnChanged(event.turn);
        break;
      case "model":
        this.progress = event.progress.stage === "placed" ? undefined : event;
        break;
      case "consent":
        // Escape may have answered it, so that the next one is the second press.
        if (event.waiting < this.asking)
          this.escape.pressedElsewhere(performance.now());
        this.asking = event.waiting;
        if (event.waiting > 0) this.announcement = this.words.consentElsewhere;
        break;
    }
  }

  private shown(trigger: number): void {
    this.line.focus();
    this.line.select();
    // The first frame may fire before the surface is mapped; the second has been drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => void bridge.painted(trigger)),
    );
  }

  private kernel(present: boolean): void {
    const came = present && !this.present;
    this.present = present;
    if (!present) {
      this.session.lose();
      this.acts.settle();
      this.drawn += 1;
    }
    if (came) {
      this.tell({ text: this.words.back, remedy: "", kind: "good" });
      this.queue.want("");
      this.queue.want(this.text);
    }
    if (present) void this.replicate();
  }

  private async replicate(): Promise<void> {
    try {
      this.session.replicate(await bridge.state());
      this.acts.settle();
      this.drawn += 1;
      await this.acts.check();
    } catch (error) {
      this.tellError(error);
    }
    await this.renewHistory();
  }

  private async renewHistory(): Promise<void> {
    try {
      this.walk.renew(await bridge.history(HISTORY));
    } catch (error) {
      this.tellError(error);
    }
  }

  private async refill(turn: string): Promise<void> {
    try {
      this.session.takeAll(turn, await bridge.events(turn));
      this.turnChanged(turn);
    } catch (error) {
      this.tellError(error);
    }
  }

  private turnChanged(id: string): void {
    this.drawn += 1;
    const turn = this.session.get(id);
    if (!turn) return;
    if (turn.finish) this.turnEnded(turn);
    else if (turn === this.session.shown && turn.steps.length > 0) {
      const step = turn.steps.at(-1);
      if (step)
        this.announcement = `${step.note ?? step.text} ${this.words[`state_${step.state}`]}`;
    }
  }

  private turnEnded(turn: Turn): void {
    if (turn === this.session.shown && turn.finish) {
      const told = [
        ...turn.said,
        ...turn.problems.map((problem) => problem.sentence),
      ];
      const outcome = this.words[`outcome_${turn.finish.outcome}`];
      this.announcement = [outcome, ...told].join(" ");
    }
    this.acts.ended(turn);
    if (turn.finish?.undoable && this.acts.undoable === turn)
      this.toast(turn.id);
    void this.acts.check();
  }

  private toast(turn: string): void {
    this.toasted = turn;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => {
      this.toasted = undefined;
    }, TOAST_MS);
  }

  // What the person does

  private get line(): HTMLInputElement {
    const line = this.querySelector<HTMLInputElement>("#line");
    if (!line) throw new Error("the line is always drawn");
    return line;
  }

  private get choices(): Choice[] {
    return choices(this.text, this.results);
  }

  private get runningShown(): Turn[] {
    const { shown, following } = this.session;
    const turns = shown ? [shown, ...following] : following;
    return this.present ? turns.filter(isRunning) : [];
  }

  /** Keys that do the same wherever the focus is, and keys that were meant for the line. */
  private readonly anyKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      // A key that is held is one press, and never the second.
      if (!event.repeat) this.pressEscape();
      return;
    }
    const isUndo =
      (event.ctrlKey || event.metaKey) &&
      !event.shiftKey &&
      event.key.toLowerCase() === "z";
    if (
      isUndo &&
      (event.target !== this.line || this.text === "") &&
      !isEditable(event.target, this.line)
    ) {
      event.preventDefault();
      void this.acts.undo();
      return;
    }
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isWord = event.key.length === 1 && event.key !== " ";
    if (isPlain && isWord && !isEditable(event.target)) this.line.focus();
  };

  private readonly lineKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void this.pressEnter(event.ctrlKey);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (this.arrow(event.key === "ArrowUp")) event.preventDefault();
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      this.page(event.key === "PageUp");
    }
  };

  /** A button that goes while it has the focus leaves it to the line, and not to nobody. */
  private keepFocus(): void {
    const { focused } = this;
    if (
      document.activeElement === document.body &&
      focused instanceof HTMLElement &&
      !focused.isConnected
    )
      this.line.focus();
  }

  private page(up: boolean): void {
    const stage = this.querySelector(".stage");
    const step = (stage?.clientHeight ?? 0) * PAGE;
    stage?.scrollBy({ top: up ? -step : step });
  }

  private arrow(up: boolean): boolean {
    if (this.walk.isAt(this.text) && (up || this.walk.isWalking)) {
      const text = up ? this.walk.older() : this.walk.newer();
      if (text !== undefined) this.putText(text);
      return true;
    }
    const count = this.choices.length;
    if (count === 0) return false;
    this.selected = (this.selected + (up ? count - 1 : 1)) % count;
    return true;
  }

  /** Puts an earlier request into the line, whole, so that Enter asks it again. */
  private putText(text: string): void {
    this.text = text;
    this.line.value = text;
    this.results = [];
    this.selected = 0;
    this.queue.want("");
  }

  private setText(text: string): void {
    this.text = text;
    this.line.value = text;
    this.changed();
  }

  private readonly typed = (event: Event): void => {
    this.text = this.line.value;
    if (this.measured) this.clock.typed(this.text, event.timeStamp);
    this.walk.leave();
    this.changed();
    if (!(event as InputEvent).isComposing) this.reporter.typed(this.text);
  };

  private changed(): void {
    this.selected = 0;
    if (this.text.trim() === "") this.results = [];
    this.queue.want(this.text);
  }

  private async pressEnter(asWords: boolean): Promise<void> {
    const text = this.text;
    if (text.trim() === "") return;
    const moved = this.selected;
    if (!asWords && moved === 0 && !this.walk.isWalking)
      await this.queue.settle(SETTLE_MS);
    if (this.text !== text) return;
    const choice = asWords
      ? ({ kind: "do", text: text.trim() } as const)
      : this.choices[moved];
    if (choice) await this.choose(choice);
  }

  private async choose(choice: Choice): Promise<void> {
    this.clock.clear();
    // A second Enter while the first is on its way is the same wish.
    if (this.isChoosing) return;
    this.isChoosing = true;
    try {
      if (choice.kind === "do") await this.ask(choice.text);
      else if (choice.kind === "copy") await this.copy(choice.result);
      else await this.open(choice.result);
    } catch (error) {
      this.tellError(error);
    } finally {
      this.isChoosing = false;
    }
  }

  private async ask(text: string): Promise<void> {
    this.reporter.reset();
    await this.acts.ask(text);
    this.whyOpen = false;
    this.planOpen = false;
    this.notice = undefined;
    this.toasted = undefined;
    // What was typed meanwhile stays.
    if (this.text.trim() === text) this.clearLine();
    void this.renewHistory();
  }

  private async open(result: SearchResult): Promise<void> {
    await this.acts.open(result);
    this.clearLine();
  }

  private async copy(result: SearchResult): Promise<void> {
    await bridge.copy(result.title);
    this.tell({ text: this.words.copied, remedy: "", kind: "good" });
    this.clearLine();
    this.leave();
  }

  private clearLine(): void {
    this.setText("");
    this.line.focus();
    this.drawn += 1;
  }

  private leave(): void {
    void bridge.hide();
  }

  private pressEscape(): void {
    clearTimeout(this.hideTimer);
    const running = this.runningShown;
    const act = this.escape.pressed(performance.now(), {
      shownRunning: running.length > 0,
      // Without a kernel nothing can be stopped, and the overlay must not keep the keyboard.
      anyRunning: this.present && this.session.running.length > 0,
      noticeOpen: this.notice?.kind === "bad",
      drawerOpen: this.whyOpen && this.choices.length === 0,
    });
    if (act === "stop") running.forEach((turn) => void this.acts.stop(turn.id));
    else if (act === "stop_all") void this.acts.stop("");
    else if (act === "close_notice") this.notice = undefined;
    else if (act === "close_drawer") this.whyOpen = false;
    else if (act === "hide") this.leave();
    else if (act === "wait")
      this.hideTimer = setTimeout(() => this.leave(), EscapeKey.patience);
  }

  // What is told

  private tellError(error: unknown): void {
    const told = noticeOf(this.words, bridge.callError(error));
    if (told) this.tell(told);
    else this.present = false;
  }

  private tell(told: Notice): void {
    clearTimeout(this.noticeTimer);
    this.notice = told;
    // An alert is read by itself.
    if (told.kind !== "bad") this.announcement = told.text;
    if (told.kind !== "bad") {
      this.noticeTimer = setTimeout(() => {
        this.notice = undefined;
      }, NOTICE_MS);
    }
  }

  /** Measures from each key to the second frame after its matches are in the page. */
  private measureKeys(query: string): void {
    const keys = this.clock.answered(query);
    if (keys.length === 0) return;
    void this.updateComplete.then(() =>
      requestAnimationFrame(() =>
        requestAnimationFrame((now) =>
          keys.forEach((at) => void bridge.measured(now - at)),
        ),
      ),
    );
  }

  /** Tells the shell which part of its window is drawn on. */
  private fit(): void {
    const card = this.querySelector(".card");
    if (!card || document.documentElement.dataset["ready"] === undefined)
      return;
    const { x, y, width, height } = card.getBoundingClientRect();
    void bridge.fit({
      x: Math.floor(x),
      y: Math.floor(y),
      width: Math.ceil(width),
      height: Math.ceil(height),
    });
  }

  // What is drawn

  private panelsOf(turn: Turn): PanelContext[] {
    return turn.surfaces.flatMap((id) => {
      const surface = this.session.surfaces.get(id);
      if (!surface) return [];
      return this.contextOf(surface);
    });
  }

  /** The same for the same surface, so that its parts are drawn anew only when it changes. */
  private contextOf(surface: Surface): PanelContext {
    let context = this.contexts.get(surface);
    if (!context) {
      const { words, format } = this;
      context = {
        words,
        format,
        surface,
        act: (press) => this.acts.press({ ...press, surface: surface.id }),
      };
      this.contexts.set(surface, context);
    }
    return context;
  }

  protected override render(): unknown {
    const { words } = this;
    const list = this.choices;
    const selected = Math.min(this.selected, list.length - 1);
    const choice = list[selected];
    const running = this.runningShown.length > 0;
    return html`<main class="card ${running ? "is-running" : ""}">
      ${line(words, {
        running,
        choices: list,
        selected,
        typed: this.typed,
        key: this.lineKey,
      })}
      ${
        this.present
          ? nothing
          : html`<div class="banner" role="alert">
              ${icon("failed")}
              <p><b>${words.gone}</b> ${words.goneDetail}</p>
            </div>`
      }
      ${
        list.length === 0
          ? nothing
          : matches(words, list, selected, (index) => {
              const chosen = list[index];
              if (chosen) void this.choose(chosen);
            })
      }
      ${this.turns(list.length > 0)}
      ${this.progress ? download(words, this.format, this.progress.id, this.progress.progress) : nothing}
      ${this.notice ? notice(words, this.notice, () => (this.notice = undefined)) : nothing}
      <div role="status">${this.toastView(list.length > 0)}</div>
      ${footer(words, this.format, {
        running,
        choosing: list.length > 0,
        shown: this.session.shown,
        undoable: this.toastedTurn ? undefined : this.acts.undoable,
        whyOpen: this.whyOpen,
        undo: () => void this.acts.undo(),
        stop: () => this.pressEscape(),
        toggleWhy: () => {
          this.whyOpen = !this.whyOpen;
        },
      })}
      <div class="unseen" role="status" aria-live="polite">
        ${
          list.length > 0 && choice
            ? `${words.matchCount(list.length)}. ${choiceWords(words, choice)}`
            : this.announcement
        }
      </div>
    </main>`;
  }

  private get toastedTurn(): Turn | undefined {
    const turn = this.acts.undoable;
    return turn?.id === this.toasted ? turn : undefined;
  }

  private toastView(choosing: boolean): unknown {
    const turn = this.toastedTurn;
    if (!turn) return nothing;
    return toast(this.words, turn, {
      choosing,
      hasKey: this.text === "",
      undo: () => void this.acts.undo(),
      close: () => (this.toasted = undefined),
    });
  }

  /** The turn that is shown; kept while matches hide it, since to draw it again takes longer than a key. */
  private turns(hidden: boolean): unknown {
    const { words } = this;
    const { shown, following } = this.session;
    if (!shown)
      return hidden ? nothing : idle(words, (text) => this.setText(text));
    return html`<div
      class="stage"
      tabindex="0"
      role="region"
      aria-label=${words.stageLabel}
      ?hidden=${hidden}
    >
      ${turnView(shown, {
        words,
        panels: this.panelsOf(shown),
        planOpen: this.planOpen,
        togglePlan: () => (this.planOpen = !this.planOpen),
        answer: (text) => void this.choose({ kind: "do", text }),
      })}
      ${worthTelling(following).map((turn) => followerView(turn, words))}
      ${
        this.whyOpen
          ? html`<lucid-why
              .words=${words}
              .format=${this.format}
              .turn=${shown.id}
              .finished=${!isRunning(shown)}
            ></lucid-why>`
          : nothing
      }
    </div>`;
  }
}

/** Whether keys typed at `target` are text there; `except` is not asked. */
function isEditable(target: EventTarget | null, except?: HTMLElement): boolean {
  if (target === except || !(target instanceof HTMLElement)) return false;
  return target.matches("input:not([type=range]), select, textarea");
}
