/** Going through earlier requests with the arrow keys. */

export class HistoryWalk {
  private utterances: string[] = [];
  private at = -1;

  /** Begins anew with `utterances`, newest first. */
  renew(utterances: string[]): void {
    this.utterances = utterances.filter(
      (utterance, index) =>
        utterance.trim() !== "" && utterances.indexOf(utterance) === index,
    );
    this.at = -1;
  }

  /** Whether the line `text` is a place in the walk, so that arrow keys go on in it. */
  isAt(text: string): boolean {
    return text === "" || (this.at >= 0 && this.utterances[this.at] === text);
  }

  /** One step back in time; undefined at the end. */
  older(): string | undefined {
    if (this.at + 1 >= this.utterances.length) return undefined;
    this.at += 1;
    return this.utterances[this.at];
  }

  /** One step forward; the empty line after the newest. */
  newer(): string | undefined {
    if (this.at < 0) return undefined;
    this.at -= 1;
    return this.at < 0 ? "" : this.utterances[this.at];
  }

  /** Whether the line shows an earlier request. */
  get isWalking(): boolean {
    return this.at >= 0;
  }

  /** The line was changed by hand. */
  leave(): void {
    this.at = -1;
  }
}
