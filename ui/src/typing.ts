/** Tells the kernel the finished words while they are typed, so that a model can read them early. */

const PAUSE_MS = 150;

/**
 * Returns the words of `text` that are finished: up to the last space or sign, or the last Chinese character.
 *
 * The space is kept, because the kernel takes the last word for an unfinished one without it.
 */
export function finishedWords(text: string): string {
  const match = /^.*(?:[\s\p{P}]|\p{Script=Han})/su.exec(text);
  return match && match[0].trim() !== "" ? match[0] : "";
}

/** Reports finished words, not more often than every 150 ms. */
export class TypingReporter {
  private told = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (text: string) => void) {}

  /** The line now holds `text`. */
  typed(text: string): void {
    const words = finishedWords(text);
    if (words === this.told) return;
    this.told = words;
    clearTimeout(this.timer);
    if (words === "") return;
    this.timer = setTimeout(() => this.tell(words), PAUSE_MS);
  }

  /** The line was sent or emptied; nothing more is told of it. */
  reset(): void {
    clearTimeout(this.timer);
    this.told = "";
  }
}
