/** When keys were pressed whose matches are not drawn yet. */

export class KeyClock {
  private waiting: { text: string; at: number }[] = [];

  /** A key made the line `text` at `at`. */
  typed(text: string, at: number): void {
    this.waiting.push({ text, at });
  }

  /** Returns the times of the keys that the answer to `query` holds: its own, and those before it. */
  answered(query: string): number[] {
    const last = this.waiting.findLastIndex(({ text }) => text === query);
    return this.waiting.splice(0, last + 1).map(({ at }) => at);
  }

  /** Something else was done than to wait. */
  clear(): void {
    this.waiting = [];
  }
}
