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
  private known = new Map<string, Record<string, string>>();
  private language = "en";

  /** `changed`: there is more to draw. */
  constructor(private readonly changed: () => void) {}

  /** Speaks `language` from now on; asks the kernel, unless it has answered. */
  async want(language: string): Promise<void> {
    this.language = language;
    if (this.known.has(language)) return;
    this.known.set(language, {});
    try {
      this.known.set(language, await bridge.summaries(language));
      this.changed();
    } catch {
      // Steps show their state and their text meanwhile; the next wish asks again.
      this.known.delete(language);
    }
  }

  /** Another kernel may have other functions. */
  forget(): void {
    this.known.clear();
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
    const known = this.known.get(this.language) ?? {};
    if (Object.hasOwn(known, name)) return known[name];
    const own = words[`does_${name}`];
    return typeof own === "string" ? own : undefined;
  }
}
