/** The overlay: one line, the choices under it, the turn that is shown. */

import { LitElement, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Acts } from "../acts";
import * as bridge from "../bridge";
import type { Choice } from "../enter";
import { EscapeKey } from "../escape";
import { Format } from "../format";
import { Line } from "../line";
import type { PanelContext } from "../panel/context";
import type { Surface } from "../panel/surfaces";
import { Session } from "../session";
import { Summaries } from "../summaries";
import { Telling } from "../telling";
import { isRunning, worthTelling, type Turn } from "../turns";
import type { ModelProgress, SearchResult, ShellEvent } from "../wire";
import { languageOf, localeOf, wordsOf, type Words } from "../words";
import { download, footer, idle } from "./frame";
import { icon } from "./icons";
import { line as lineView } from "./line";
import { choiceWords, matches, warm } from "./matches";
import { notice, noticeOf, toast } from "./notice";
import { followerView, turnView } from "./turn";
import "./why";

const HISTORY = 200;
/** How much of the stage a page is, so that a line or two stay in sight. */
const PAGE = 0.85;

@customElement("lucid-overlay")
export class OverlayElement extends LitElement {
  @state() private words: Words = wordsOf("en");
  @state() private present = true;
  @state() private whyOpen = false;
  /** The plan of a turn that is done is shown in full. */
  @state() private planOpen = false;
  @state() private progress:
    { id: string; progress: ModelProgress } | undefined;
  private format = new Format("en", this.words);
  /** The language of the session, and that of what is shown. */
  private language = "en";
  private spoken = "en";
  /** The shell has said since the beginning whether there is a kernel. */
  private heard = false;
  private hideTimer: ReturnType<typeof setTimeout> | undefined;
  private isChoosing = false;

  private readonly escape = new EscapeKey();
  private contexts = new WeakMap<Surface, PanelContext>();
  private readonly session = new Session((turn) => void this.refill(turn));
  private readonly acts = new Acts(this.session, {
    changed: () => this.requestUpdate(),
    failed: (error) => this.tellError(error),
    leave: () => this.leave(),
    late: (turn) => this.turnEnded(turn),
  });
  private readonly telling = new Telling(() => this.requestUpdate());
  private readonly summaries = new Summaries(() => this.requestUpdate());
  private readonly line = new Line(this);
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
    this.field.focus();
  }

  // What the line needs

  get field(): HTMLInputElement {
    const field = this.querySelector<HTMLInputElement>("#line");
    if (!field) throw new Error("the line is always drawn");
    return field;
  }

  changed(): void {
    this.requestUpdate();
  }

  moved(): void {
    void this.updateComplete.then(() =>
      this.querySelector(".match[aria-selected=true]")?.scrollIntoView({
        block: "nearest",
      }),
    );
  }

  /** Measures from each key to the second frame after its matches are in the page. */
  answered(keys: number[]): void {
    void this.updateComplete.then(() =>
      requestAnimationFrame(() =>
        requestAnimationFrame((now) =>
          keys.forEach((at) => void bridge.measured(now - at)),
        ),
      ),
    );
  }

  // What comes from the shell

  private async begin(): Promise<void> {
    const beginning = await bridge.connect((event) => this.take(event));
    this.language = beginning.language;
    this.speak();
    this.line.measured = beginning.measured;
    document.documentElement.classList.toggle("plain", !beginning.composited);
    document.documentElement.style.setProperty(
      "--most-height",
      `${beginning.most_height}px`,
    );
    document.documentElement.dataset["ready"] = "true";
    // What it has said meanwhile is newer.
    if (!this.heard) this.present = beginning.present;
    if (beginning.typed !== "") this.line.set(beginning.typed + this.line.text);
    this.fit();
    warm(this.words, this);
    if (this.present) await this.replicate();
  }

  /** Speaks the language in which what is shown was asked. */
  private speak(): void {
    const { shown } = this.session;
    // What it was asked with comes with its first event.
    if (shown?.utterance === "") return;
    const language = languageOf(shown?.utterance ?? "", this.language);
    if (language === this.spoken) return;
    this.spoken = language;
    const locale = localeOf(language);
    this.words = wordsOf(language);
    this.format = new Format(locale, this.words);
    this.contexts = new WeakMap();
    document.documentElement.lang = locale;
    if (this.session.shown) void this.summaries.want(language);
  }

  protected override willUpdate(): void {
    this.speak();
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
        if (event.escaped) this.escape.pressedElsewhere(performance.now());
        if (event.waiting > 0)
          this.telling.announce(this.words.consentElsewhere);
        break;
    }
  }

  private shown(trigger: number): void {
    this.field.focus();
    this.field.select();
    // The model is loaded while the person types.
    bridge.typing("").catch(() => undefined);
    // The first frame may fire before the surface is mapped; the second has been drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        void bridge.painted(trigger);
        void this.summaries.want(this.spoken);
      }),
    );
  }

  private kernel(present: boolean): void {
    const came = present && !this.present;
    this.heard = true;
    this.present = present;
    if (!present) {
      this.session.lose();
      this.acts.settle();
    }
    if (came) {
      this.summaries.forget();
      this.telling.tell({ text: this.words.back, remedy: "", kind: "good" });
      this.line.searchAgain();
    }
    if (present) void this.replicate();
  }

  private async replicate(): Promise<void> {
    try {
      this.session.replicate(await bridge.state());
      this.acts.settle();
      this.requestUpdate();
      if (this.session.shown) void this.summaries.want(this.spoken);
      await this.acts.check();
    } catch (error) {
      this.tellError(error);
    }
    await this.renewHistory();
  }

  private async renewHistory(): Promise<void> {
    try {
      this.line.walk.renew(await bridge.history(HISTORY));
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
    this.requestUpdate();
    this.speak();
    const turn = this.session.get(id);
    if (!turn) return;
    if (turn.finish) this.turnEnded(turn);
    else if (turn === this.session.shown && turn.steps.length > 0) {
      const step = turn.steps.at(-1);
      if (step) {
        const sentence = step.note ?? this.summaries.of(step.text, this.words);
        const state = this.words[`state_${step.state}`];
        this.telling.announce(`${sentence ?? ""} ${state}`.trim());
      }
    }
  }

  private turnEnded(turn: Turn): void {
    if (turn === this.session.shown && turn.finish) {
      const outcome = this.words[`outcome_${turn.finish.outcome}`];
      // Problems are alerts, which are read by themselves.
      this.telling.announce([outcome, ...turn.said].join(" "));
    }
    this.acts.ended(turn);
    if (turn.finish?.undoable && this.acts.undoable === turn)
      this.telling.toast(turn.id);
    void this.acts.check();
  }

  // What the person does

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
      (event.target !== this.field || this.line.text === "") &&
      !isEditable(event.target, this.field)
    ) {
      event.preventDefault();
      void this.acts.undo();
      return;
    }
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isWord = event.key.length === 1 && event.key !== " ";
    if (isPlain && isWord && !isEditable(event.target)) this.field.focus();
  };

  private readonly lineKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void this.pressEnter(event.ctrlKey);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (this.line.arrow(event.key === "ArrowUp")) event.preventDefault();
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
      this.field.focus();
  }

  private page(up: boolean): void {
    const stage = this.querySelector(".stage");
    const step = (stage?.clientHeight ?? 0) * PAGE;
    stage?.scrollBy({ top: up ? -step : step });
  }

  private async pressEnter(asWords: boolean): Promise<void> {
    const choice = await this.line.entered(asWords);
    if (choice) await this.choose(choice);
  }

  private async choose(choice: Choice): Promise<void> {
    this.line.chosen();
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
    this.line.asked();
    await this.acts.ask(text);
    void this.summaries.want(this.spoken);
    this.whyOpen = false;
    this.planOpen = false;
    this.telling.closeNotice();
    this.telling.closeToast();
    this.line.sent(text);
    void this.renewHistory();
  }

  private async open(result: SearchResult): Promise<void> {
    await this.acts.open(result);
    this.line.clear();
  }

  private async copy(result: SearchResult): Promise<void> {
    await bridge.copy(result.title);
    this.telling.tell({ text: this.words.copied, remedy: "", kind: "good" });
    this.line.clear();
    this.leave();
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
      noticeOpen: this.telling.notice?.kind === "bad",
      drawerOpen: this.whyOpen && this.line.choices.length === 0,
    });
    if (act === "stop") running.forEach((turn) => void this.acts.stop(turn.id));
    else if (act === "stop_all") void this.acts.stop("");
    else if (act === "close_notice") this.telling.closeNotice();
    else if (act === "close_drawer") this.whyOpen = false;
    else if (act === "hide") this.leave();
    else if (act === "wait")
      this.hideTimer = setTimeout(() => this.leave(), EscapeKey.patience);
  }

  // What is told

  private tellError(error: unknown): void {
    const call = bridge.callError(error);
    // A kernel that is gone has a banner of its own.
    if (call.kind !== "kernel_gone" || this.present)
      this.telling.tell(noticeOf(this.words, call));
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
    const { words, telling } = this;
    const { choices: list, selected } = this.line;
    const choice = list[selected];
    const running = this.runningShown.length > 0;
    return html`<main class="card ${running ? "is-running" : ""}">
      ${lineView(words, {
        running,
        choices: list,
        selected,
        typed: (event) => this.line.typed(event),
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
      ${telling.notice ? notice(words, telling.notice, () => telling.closeNotice()) : nothing}
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
            : telling.announcement
        }
      </div>
    </main>`;
  }

  private get toastedTurn(): Turn | undefined {
    const turn = this.acts.undoable;
    return turn?.id === this.telling.toasted ? turn : undefined;
  }

  private toastView(choosing: boolean): unknown {
    const turn = this.toastedTurn;
    if (!turn) return nothing;
    return toast(this.words, turn, {
      choosing,
      hasKey: this.line.text === "",
      undo: () => void this.acts.undo(),
      close: () => this.telling.closeToast(),
    });
  }

  /** The turn that is shown; kept while matches hide it, since to draw it again takes longer than a key. */
  private turns(hidden: boolean): unknown {
    const { words } = this;
    const { shown, following } = this.session;
    if (!shown)
      return hidden ? nothing : idle(words, (text) => this.line.set(text));
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
        summaryOf: (statement) => this.summaries.of(statement, words),
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
