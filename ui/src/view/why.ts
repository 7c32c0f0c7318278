/** The drawer that says why a turn went as it did. */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import * as bridge from "../bridge";
import type { Format } from "../format";
import { SafeElement } from "../panel/safe";
import { ofKernel, visible } from "../visible";
import type {
  Finish,
  Label,
  Route,
  RouteStep,
  Timings,
  Weighing,
  WhyReport,
} from "../wire";
import type { Words } from "../words";
import { code } from "./code";

const TIMINGS: [keyof Timings, keyof Words & `timing_${string}`][] = [
  ["routed_ms", "timing_routed"],
  ["first_statement_ms", "timing_first_statement"],
  ["first_action_ms", "timing_first_action"],
  ["planned_ms", "timing_planned"],
  ["total_ms", "timing_total"],
];

@customElement("lucid-why")
export class WhyDrawer extends SafeElement {
  @property({ attribute: false }) words!: Words;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) turn = "";
  /** Changes when the turn has finished, so that the report is read again. */
  @property({ attribute: false }) finished = false;
  @state() private report: WhyReport | undefined;
  @state() private failed = false;

  protected override brokenText(): string {
    return this.words.brokenPart;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("turn") || changed.has("finished")) void this.read();
  }

  private async read(): Promise<void> {
    const turn = this.turn;
    try {
      const report = await bridge.why(turn);
      if (turn !== this.turn) return;
      const isFirst = this.report === undefined;
      this.report = report;
      await this.updateComplete;
      if (isFirst) this.scrollIntoView({ block: "start" });
    } catch {
      this.failed = this.report === undefined;
    }
  }

  protected override render(): unknown {
    const { words, report } = this;
    return html`<section class="why" id="why" aria-label=${words.whyLabel}>
      ${
        this.failed
          ? html`<p class="part-error" role="alert">${words.why_failed}</p>`
          : report
            ? this.sections(report)
            : html`<p class="note">${words.loading}…</p>`
      }
    </section>`;
  }

  private sections(report: WhyReport): TemplateResult {
    const { words } = this;
    const { turn } = report;
    return html`<dl class="record why-record">
      ${entry(words.why_route, this.route(report.route))}
      ${entry(words.why_considered, names(report.considered, words))}
      ${report.weighing ? entry(words.why_sure, this.sure(report.weighing)) : nothing}
      ${entry(
        words.why_plan,
        turn.plan === ""
          ? words.why_none
          : html`<pre>
${turn.plan
                .trimEnd()
                .split("\n")
                .map((line) => html`${code(line)}${"\n"}`)}</pre>`,
      )}
      ${entry(words.why_decisions, this.decisions(report))}
      ${turn.entries.length === 0 ? nothing : entry(words.why_journal, this.journal(report))}
      ${turn.finish ? this.finish(turn.finish) : nothing}
    </dl>`;
  }

  private route(route: Route | null): unknown {
    const { words } = this;
    if (!route) return words.why_none;
    if (route.kind === "given") return words.route_given;
    if (route.kind === "template") {
      return html`<p>${words.route_template(visible(route.function))}</p>
        <p class="quiet">
          ${words.why_pattern} <q>${visible(route.pattern)}</q>
        </p>`;
    }
    return html`<p>${words.route_model(visible(route.model))}</p>
      <p class="quiet">${words.why_reason} ${ofKernel(route.reason)}</p>
      ${this.askedBefore(route.steps)}
      ${(this.report?.rewritten ?? []).map(
        (reason) =>
          html`<p class="quiet">${words.why_rewritten} ${visible(reason)}</p>`,
      )}`;
  }

  private askedBefore(steps: RouteStep[] = []): TemplateResult[] {
    return steps.map(
      ({ model, reason }) =>
        html`<p class="quiet">
          ${this.words.route_step(visible(model))} ${ofKernel(reason)}
        </p>`,
    );
  }

  private readers(readers: NonNullable<Finish["readers"]>): TemplateResult[] {
    return readers.map(
      ({ model, broke_off, steps }) =>
        html`<p>
            ${broke_off ? this.words.reader_broke_off(visible(model)) : visible(model)}
          </p>
          ${this.askedBefore(steps)}`,
    );
  }

  private sure(weighing: Weighing): TemplateResult {
    const { words, format } = this;
    const share = (value: number | null) =>
      value === null ? "–" : format.share(value);
    return html`<p>
        ${words.sure(
          share(weighing.plan),
          share(weighing.words_known),
          share(weighing.nearest_act),
          share(weighing.nearest_words),
        )}
      </p>
      ${weighing.exits_only ? html`<p class="quiet">${words.sure_exits}</p>` : nothing}`;
  }

  private decisions(report: WhyReport): unknown {
    const { words } = this;
    if (report.decisions.length === 0) return words.why_none;
    const named: Partial<Record<string, string>> = {
      allow: words.decision_allow,
      confirm: words.decision_confirm,
      deny: words.decision_deny,
    };
    return html`<ul>
      ${report.decisions.map(
        ({ call, decision, reason, labels }) =>
          html`<li>
            <b class="decision decision-${decision}"
              >${named[decision] ?? decision}</b
            >
            ${ofKernel(reason)} ${code(call)} ${this.labels(labels ?? [])}
          </li>`,
      )}
    </ul>`;
  }

  /** Where each argument comes from. */
  private labels(labels: Label[]): unknown {
    const { words } = this;
    if (labels.length === 0) return nothing;
    const named: Partial<Record<string, string>> = {
      user: words.label_user,
      system: words.label_system,
      untrusted: words.label_untrusted,
    };
    const told = labels.map(({ argument, integrity, private: isPrivate }) => {
      const from = named[integrity] ?? integrity;
      return words.label(
        argument,
        isPrivate ? words.label_private(from) : from,
      );
    });
    return html`<div class="quiet">${told.join(" · ")}</div>`;
  }

  private journal(report: WhyReport): unknown {
    const { words } = this;
    const named: Partial<Record<string, string>> = {
      open: words.entry_open,
      done: words.entry_done,
      failed: words.entry_failed,
      unknown: words.entry_unknown,
      undone: words.entry_undone,
    };
    return html`<ul>
      ${report.turn.entries.map(
        ({ call, state: entryState, note }) =>
          html`<li>
            <b>${named[entryState] ?? entryState}</b> ${ofKernel(note)}
            ${code(call)}
          </li>`,
      )}
    </ul>`;
  }

  private finish({ timings, tokens, energy, readers = [] }: Finish): unknown {
    const { words, format } = this;
    const number = (value: number) => format.number(value);
    const methods: Partial<Record<string, string>> = {
      rapl: words.energy_rapl,
      estimate: words.energy_estimate,
    };
    const method = methods[energy.method];
    return html`${readers.length === 0 ? nothing : entry(words.why_readers, this.readers(readers))}
    ${entry(
      words.why_timings,
      html`<ul class="timings">
        ${TIMINGS.map(([key, label]) => {
          const value = timings[key];
          return value === null
            ? nothing
            : html`<li>
                <span>${words[label]}</span>
                <span>${format.milliseconds(value)}</span>
              </li>`;
        })}
      </ul>`,
    )}
    ${entry(
      words.why_tokens,
      tokens.prompt + tokens.decoded === 0
        ? words.tokens_none
        : words.tokens(
            number(tokens.prompt),
            number(tokens.restored),
            number(tokens.decoded),
          ),
    )}
    ${entry(
      words.why_energy,
      method === undefined
        ? words.energy_none
        : html`${format.number(energy.joules)} J
            <span class="quiet">${method}</span>`,
    )}`;
  }
}

function names(list: string[], words: Words): unknown {
  return list.length === 0
    ? words.why_none
    : html`<span class="names"
        >${list.map((name) => html`<code>${visible(name)}</code>`)}</span
      >`;
}

function entry(label: string, content: unknown): TemplateResult {
  return html`<div>
    <dt>${label}</dt>
    <dd>${content}</dd>
  </div>`;
}
