/**
 * The consent dialog: the kernel's own words about what would be done.
 *
 * Nothing generated is ever drawn here. The page only says which button was
 * pressed; the answer itself is built in Rust from the kernel's request.
 */

import { Channel, invoke } from "@tauri-apps/api/core";
import { LitElement, html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { callError } from "../bridge";
import { EscapeKey } from "../escape";
import { commonFolder } from "../folder";
import { ofKernel } from "../visible";
import type { ConsentArgument, ConsentRequest, Verdict } from "../wire";
import { localeOf, wordsOf, type Words } from "../words";
import { icon } from "./icons";
import { noticeOf } from "./notice";

interface ConsentView {
  request: ConsentRequest;
  behind: number;
  reading_ms: number;
}

@customElement("lucid-consent")
export class ConsentElement extends LitElement {
  @state() private words: Words = wordsOf("en");
  @state() private view: ConsentView | null = null;
  @state() private behind = 0;
  /** No key has moved the focus from the no, where the page itself has put it. */
  @state() private untouched = true;
  /** The yes is shut until the question could be read. */
  @state() private armed = false;
  @state() private problem = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private escapedAt = -Infinity;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.key, { capture: true });
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.key, { capture: true });
    clearTimeout(this.timer);
  }

  private async begin(): Promise<void> {
    const channel = new Channel<ConsentView | null>();
    channel.onmessage = (view) => void this.take(view);
    const language = await invoke<string>("consent_connect", { channel });
    this.words = wordsOf(language);
    document.documentElement.lang = localeOf(language);
    document.title = this.words.consentTitle;
  }

  private async take(view: ConsentView | null): Promise<void> {
    const isSame =
      view?.request.consent === this.view?.request.consent &&
      view?.request.digest === this.view?.request.digest;
    if (isSame && view && this.view) {
      // Only how many wait behind it has changed.
      this.behind = view.behind;
      return;
    }
    this.view = view;
    this.behind = view?.behind ?? 0;
    if (!view) return;
    this.problem = "";
    this.armed = false;
    this.untouched = true;
    clearTimeout(this.timer);
    await this.updateComplete;
    this.querySelector<HTMLButtonElement>(".no")?.focus();
    requestAnimationFrame(() => void this.arm(view));
  }

  /** Opens the yes a while after the shell knows that `view` is drawn, since it counts from there. */
  private async arm(view: ConsentView): Promise<void> {
    const isCurrent = () => this.view === view;
    try {
      await invoke("consent_shown", { consent: view.request.consent });
    } catch (error) {
      this.tellError(error);
      return;
    }
    if (!isCurrent()) return;
    this.timer = setTimeout(() => {
      this.armed = isCurrent();
    }, view.reading_ms + 20);
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault();
      // A key that is held is one press, and never the second.
      if (!event.repeat) this.pressEscape(performance.now());
    } else if (event.key === "Tab") {
      this.untouched = false;
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const buttons = Array.from(
        this.querySelectorAll<HTMLButtonElement>(".buttons button"),
      );
      this.untouched = false;
      buttons.at(event.key === "ArrowLeft" ? 0 : -1)?.focus();
    }
  };

  /** Once means no; twice stops everything, also what would be asked next. */
  private pressEscape(now: number): void {
    const twice = now - this.escapedAt <= EscapeKey.patience;
    this.escapedAt = twice ? -Infinity : now;
    void (twice ? this.send("consent_stop", {}) : this.answer("escape"));
  }

  private async answer(verdict: Verdict): Promise<void> {
    const view = this.view;
    if (!view || (verdict === "yes" && !this.armed)) return;
    const { consent, digest } = view.request;
    await this.send("consent_answer", { consent, digest, verdict });
  }

  private async send(
    command: string,
    args: Record<string, unknown>,
  ): Promise<void> {
    try {
      await invoke(command, args);
    } catch (error) {
      this.tellError(error);
    }
  }

  private tellError(error: unknown): void {
    this.problem = noticeOf(this.words, callError(error)).text;
  }

  protected override render(): unknown {
    const { words, view } = this;
    if (!view) return nothing;
    const { request } = view;
    return html`<div
      class="consent"
      role="alertdialog"
      aria-modal="true"
      aria-labelledby="title"
      aria-describedby="undoable reason"
    >
      <header>
        ${icon("consent")}
        <p>${words.consentTitle}</p>
        ${this.behind > 0 ? html`<span class="behind">${words.consentBehind(this.behind)}</span>` : nothing}
      </header>
      <div
        class="body"
        tabindex="0"
        role="group"
        aria-label=${words.consentExactly}
      >
        <h1 class="sentence" id="title">
          <bdi>${ofKernel(asQuestion(request.sentence))}</bdi>
        </h1>
        <p class="undoable ${request.undoable ? "" : "final"}" id="undoable">
          ${icon(request.undoable ? "undo" : "failed")}
          ${request.undoable ? words.consentUndoable : words.consentNotUndoable}
        </p>
        <p class="reason" id="reason">
          <span>${words.consentReason}</span> ${ofKernel(request.reason)}
        </p>
        ${this.targets(request.targets)}
        <dl class="arguments">
          <div>
            <dt>${words.consentFunction}</dt>
            <dd><code>${ofKernel(request.function)}</code></dd>
          </div>
          ${request.arguments.map((argument) => this.argument(argument))}
        </dl>
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${ofKernel(this.problem)}</p>`}
      <footer class="buttons">
        <span class="keys" aria-hidden="true">${words.consentKeys}</span>
        <button
          type="button"
          class="no ${this.untouched ? "has-focus" : ""}"
          @click=${() => void this.answer("no")}
        >
          ${words.consentNo}
        </button>
        <button
          type="button"
          class="yes ${request.undoable ? "" : "final"}"
          aria-disabled=${this.armed ? "false" : "true"}
          @click=${() => void this.answer("yes")}
        >
          ${words.consentYes}
        </button>
      </footer>
    </div>`;
  }

  private argument({ name, value, from_words }: ConsentArgument): unknown {
    const { words } = this;
    return html`<div>
      <dt><code>${ofKernel(name)}</code></dt>
      <dd>
        <bdi class="value">${ofKernel(value)}</bdi>
        <span class="origin ${from_words ? "" : "foreign"}"
          >${from_words ? words.consentFromWords : words.consentNotFromWords}</span
        >
      </dd>
    </div>`;
  }

  private targets(targets: string[]): unknown {
    if (targets.length === 0) return nothing;
    const { words } = this;
    const folder = commonFolder(targets);
    return html`<h2>
        ${words.consentTargets(targets.length)}${folder === "" ? nothing : html` · <bdi>${ofKernel(folder)}</bdi>`}
      </h2>
      <ol class="targets">
        ${targets.map(
          (target) =>
            html`<li><bdi>${ofKernel(target.slice(folder.length))}</bdi></li>`,
        )}
      </ol>`;
  }
}

/** The kernel's one sentence as a question; several sentences stay as they are. */
function asQuestion(sentence: string): string {
  if (/[.。!！?？]\s*\S/u.test(sentence.replace(/\S\.\S/gu, "")))
    return sentence;
  return sentence.replace(/\.$/u, "?").replace(/。$/u, "？");
}
