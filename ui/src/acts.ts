/** What a person starts, and how each of it ended. */

import * as bridge from "./bridge";
import type { Session } from "./session";
import { isDone, isRunning, type Turn } from "./turns";
import type { Press, SearchResult } from "./wire";

/** What the acts need of whatever draws them. */
export interface Stage {
  /** Something is to be drawn anew. */
  changed: () => void;
  /** A call did not succeed. */
  failed: (error: unknown) => void;
  /** What was wanted is done, and the overlay is in the way. */
  leave: () => void;
  /** A turn had ended before its number was known, so that its end is told only now. */
  late: (turn: Turn) => void;
}

export class Acts {
  /** Turns that opened something: the overlay goes when they are done. */
  private readonly leaving = new Set<string>();
  /** Who waits to hear how a turn ended. */
  private readonly endings = new Map<string, (done: boolean) => void>();
  /** The turn that is being undone. */
  private undoing: string | undefined;
  /** Turns that took something back: a second press undoes what was before, and not these. */
  private readonly undoings = new Set<string>();
  /** Turns of which the kernel says that nothing is left to undo. */
  private readonly spent = new Set<string>();

  constructor(
    private readonly session: Session,
    private readonly stage: Stage,
  ) {}

  /** Begins a turn from words and shows it. */
  async ask(text: string): Promise<void> {
    const turn = await bridge.ask(text);
    this.session.show(turn);
    this.stage.changed();
    const known = this.session.get(turn);
    if (known?.finish) this.stage.late(known);
  }

  async open(result: SearchResult): Promise<void> {
    const turn = await bridge.open(result.id);
    this.leaving.add(turn);
    const known = this.session.get(turn);
    if (known?.finish) this.ended(known);
  }

  /** Stops `turn`, or all when it is empty. */
  async stop(turn: string): Promise<void> {
    try {
      await bridge.stop(turn);
    } catch (error) {
      this.stage.failed(error);
    }
  }

  /** Presses a part of a panel; resolves to whether it was done. */
  async press(press: Press): Promise<boolean> {
    try {
      const turn = await bridge.act(press);
      return turn === "" || (await this.follow(turn));
    } catch (error) {
      this.stage.failed(error);
      return false;
    }
  }

  /** The newest of the shown turns that can be undone. */
  get undoable(): Turn | undefined {
    return this.candidates.find((turn) => turn.id !== this.undoing);
  }

  /** Shown turns with something to undo, newest first. */
  private get candidates(): Turn[] {
    const { shown, following } = this.session;
    return [...(shown ? [shown] : []), ...following]
      .filter(({ id, finish }) => finish?.undoable && !this.spent.has(id))
      .filter(({ id }) => !this.undoings.has(id))
      .reverse();
  }

  async undo(): Promise<void> {
    const turn = this.undoable;
    if (!turn) return;
    this.undoing = turn.id;
    try {
      const undoing = await bridge.undo(turn.id);
      this.undoings.add(undoing);
      await this.follow(undoing);
    } catch (error) {
      this.stage.failed(error);
    }
    await this.check();
    this.undoing = undefined;
    this.stage.changed();
  }

  /** Asks the kernel what is left to undo, for another window or a command may have undone it. */
  async check(): Promise<void> {
    for (const { id } of this.candidates) {
      if (await isLeft(id)) return;
      this.spent.add(id);
      this.stage.changed();
    }
  }

  /** `turn` has ended: whoever waits for it is told. */
  ended(turn: Turn): void {
    this.endings.get(turn.id)?.(isDone(turn));
    this.endings.delete(turn.id);
    if (!this.leaving.delete(turn.id)) return;
    if (isDone(turn)) this.stage.leave();
    else this.session.show(turn.id);
  }

  /** The kernel is another one: what was awaited of the old one will not come. */
  settle(): void {
    for (const [id, resolve] of this.endings) {
      const turn = this.session.get(id);
      if (turn && isRunning(turn)) continue;
      resolve(turn !== undefined && isDone(turn));
      this.endings.delete(id);
    }
  }

  /** Shows `turn` below the one it was begun from; resolves to whether it was done. */
  private async follow(turn: string): Promise<boolean> {
    this.session.follow(turn);
    this.stage.changed();
    const known = this.session.get(turn);
    if (known?.finish) {
      this.stage.late(known);
      return isDone(known);
    }
    return new Promise((resolve) => this.endings.set(turn, resolve));
  }
}

/** Whether anything of `turn` can still be undone; a kernel that does not answer changes nothing. */
async function isLeft(turn: string): Promise<boolean> {
  try {
    const report = await bridge.why(turn);
    return report.turn.entries.some((entry) => entry.undoable);
  } catch {
    return true;
  }
}
