/** Instant matches while typing: what was typed on is answered at once, the newest question last. */

import type { SearchReport, SearchResult } from "./wire";

export interface Found {
  query: string;
  results: SearchResult[];
}

/**
 * Asks at most one question at a time.
 *
 * While one is on its way only the newest of the later ones is kept, so that a
 * fast typist cannot queue up work. An answer is shown when the newest question
 * begins with what it answers, and then the newer answer; any other is dropped.
 */
export class SearchQueue {
  private wanted = "";
  private running = false;
  private settled: Found = { query: "", results: [] };
  private waiters: (() => void)[] = [];

  constructor(
    private readonly ask: (query: string) => Promise<SearchReport>,
    private readonly show: (found: Found) => void,
  ) {}

  /** Whether the answer to the newest question is there. */
  get isSettled(): boolean {
    return !this.running && this.settled.query === this.wanted;
  }

  /** Asks for `query`. */
  want(query: string): void {
    this.wanted = query;
    if (this.running) return;
    // What is asked again has its answer already.
    if (this.isSettled) this.show(this.settled);
    else void this.run();
  }

  /** Resolves when the newest question is answered, or after `ms`. */
  async settle(ms: number): Promise<void> {
    if (this.isSettled) return;
    await Promise.race([
      new Promise<void>((resolve) => this.waiters.push(resolve)),
      new Promise<void>((resolve) => setTimeout(resolve, ms)),
    ]);
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.settled.query !== this.wanted) {
      const query = this.wanted;
      const results = await this.results(query);
      this.settled = { query, results };
      if (isBeginning(query, this.wanted)) this.show(this.settled);
    }
    this.running = false;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** Asks also for nothing, because the shell keeps what was asked last as the draft. */
  private async results(query: string): Promise<SearchResult[]> {
    try {
      return (await this.ask(query)).results;
    } catch {
      // Without a kernel there are no matches; its banner says so already.
      return [];
    }
  }
}

function isBeginning(query: string, wanted: string): boolean {
  return query === wanted || (query !== "" && wanted.startsWith(query));
}
