/** What apps find for the words: they are asked when the person pauses, and answer later than the index does. */

import type { SearchReport, SearchResult } from "./wire";

/** How long nothing is typed before apps are asked. */
export const PAUSE_MS = 250;

export class LateSearch {
  private wanted = "";
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: (query: string) => Promise<SearchReport>,
    private readonly show: (results: SearchResult[]) => void,
  ) {}

  /** Asks for `query` once it has stood a while; what is answered to another is dropped. */
  want(query: string): void {
    clearTimeout(this.pause);
    this.wanted = query;
    if (query.trim() === "") return;
    this.pause = setTimeout(() => void this.run(query), PAUSE_MS);
  }

  private async run(query: string): Promise<void> {
    try {
      const { results } = await this.ask(query);
      if (query === this.wanted && results.length > 0) this.show(results);
    } catch {
      // What apps find is an addition: the banner says that the kernel is not there.
    }
  }
}
