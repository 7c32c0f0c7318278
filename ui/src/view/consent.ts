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
import { ofKernel } from "../visible";
import type { ConsentArgument, ConsentRequest } from "../wire";
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
  /** The yes is shut until the question could be read. */
  @state() private armed = false;
  @state() private problem = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.key, { capture: true });
    void this.begin();
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
    this.view = view;
    if (isSame || !view) return;
    this.problem = "";
    this.armed = false;
    clearTimeout(this.timer);
    await this.updateComplete;
    this.querySelector<HTMLButtonElement>(".no")?.focus();
    requestAnimationFrame(() => {
      void invoke("consent_shown", { consent: view.request.consent });
      this.timer = setTimeout(() => {
        this.armed = true;
      }, view.reading_ms + 20);
    });
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault();
      void this.answer(false);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const buttons = Array.from(
        this.querySelectorAll<HTMLButtonElement>(".buttons button"),
      );
      buttons.at(event.key === "ArrowLeft" ? 0 : -1)?.focus();
    }
  };

  private async answer(granted: boolean): Promise<void> {
    const view = this.view;
    if (!view || (granted && !this.armed)) return;
    const { consent, digest } = view.request;
    try {
      await invoke("consent_answer", { consent, digest, granted });
    } catch (error) {
      this.tellError(error);
    }
  }

  private tellError(error: unknown): void {
    const told = noticeOf(this.words, callError(error));
    this.problem = told?.text ?? this.words.gone;
  }

  protected override render(): unknown {
    const { words, view } = this;
    if (!view) return nothing;
    const { request, behind } = view;
    return html`<main
      class="consent"
      role="alertdialog"
      aria-labelledby="title"
      aria-describedby="sentence"
    >
      <header>
        ${icon("consent")}
        <h1 id="title">${words.consentTitle}</h1>
        ${behind > 0 ? html`<span class="behind">${words.consentBehind(behind)}</span>` : nothing}
      </header>
      <div
        class="body"
        tabindex="0"
        role="group"
        aria-label=${words.consentExactly}
      >
        <p class="sentence" id="sentence">
          <bdi>${ofKernel(request.sentence)}</bdi>
        </p>
        <p class="reason">
          <span>${words.consentReason}:</span> ${ofKernel(request.reason)}
        </p>
        <p class="undoable ${request.undoable ? "" : "final"}">
          ${icon(request.undoable ? "undo" : "failed")}
          ${request.undoable ? words.consentUndoable : words.consentNotUndoable}
        </p>
        <dl class="arguments">
          <div>
            <dt>${words.consentFunction}</dt>
            <dd><code>${ofKernel(request.function)}</code></dd>
          </div>
          ${request.arguments.map((argument) => this.argument(argument))}
        </dl>
        ${this.targets(request.targets)}
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${ofKernel(this.problem)}</p>`}
      <footer class="buttons">
        <span class="keys" aria-hidden="true">${words.consentKeys}</span>
        <button
          type="button"
          class="no"
          @click=${() => void this.answer(false)}
        >
          ${words.consentNo}
        </button>
        <button
          type="button"
          class="yes ${request.undoable ? "" : "final"}"
          aria-disabled=${this.armed ? "false" : "true"}
          @click=${() => void this.answer(true)}
        >
          ${words.consentYes}
        </button>
      </footer>
    </main>`;
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
    return html`<h2>${this.words.consentTargets(targets.length)}</h2>
      <ol class="targets">
        ${targets.map((target) => html`<li><bdi>${ofKernel(target)}</bdi></li>`)}
      </ol>`;
  }
}
