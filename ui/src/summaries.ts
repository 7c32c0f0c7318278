/** What statements do, in a sentence of their own: before there is anything to tell of them, a person reads that. */

import * as bridge from "./bridge";
import type { Words } from "./words";

const NAME = "[a-z_]\\w*(?:\\.[a-z_]\\w*)*";
const CALL = new RegExp(`^\\s*(?:\\w+\\s*=\\s*)?(?<name>${NAME})\\s*\\(`, "u");
const EACH = new RegExp(
  `^\\s*(?:\\w+\\s*=\\s*)?each\\s*\\([^,]*,\\s*(?<name>${NAME})\\s*[,)]`,
  "u",
);

export class Summaries {
  private known: Record<string, string> = {};
  private isKnown = false;

  /** `changed`: there is more to draw. */
  constructor(private readonly changed: () => void) {}

  /** Asks the kernel, unless it has answered. */
  async want(): Promise<void> {
    if (this.isKnown) return;
    this.isKnown = true;
    try {
      this.known = await bridge.summaries();
      this.changed();
    } catch {
      // Steps show their state and their text meanwhile; the next wish asks again.
      this.isKnown = false;
    }
  }

  /** Another kernel may have other functions. */
  forget(): void {
    this.isKnown = false;
  }

  /** What `statement` does, as far as it is written; undefined where nobody has said. */
  of(statement: string, words: Words): string | undefined {
    const each = EACH.exec(statement)?.groups?.["name"];
    if (each !== undefined) {
      const sentence = this.named(each, words);
      return sentence === undefined ? undefined : words.does_each(sentence);
    }
    const name = CALL.exec(statement)?.groups?.["name"];
    return name === undefined ? undefined : this.named(name, words);
  }

  private named(
    name: string,
    words: Partial<Record<string, unknown>>,
  ): string | undefined {
    if (Object.hasOwn(this.known, name)) return this.known[name];
    const own = words[`does_${name}`];
    return typeof own === "string" ? own : undefined;
  }
}
