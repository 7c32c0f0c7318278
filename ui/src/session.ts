/** All turns and panels that the overlay knows, rebuilt from the kernel's state whenever it is lost. */

import { Surfaces } from "./panel/surfaces";
import { after, isRunning, lost, newTurn, type Turn } from "./turns";
import type { StateReport, TurnEvent } from "./wire";

const MOST_TURNS = 64;

interface Known {
  turn: Turn;
  /** The sequence number of the next event. */
  next: number;
  /** Events that came before one that is missing. */
  early: Map<number, TurnEvent>;
}

export class Session {
  readonly surfaces = new Surfaces();
  private readonly known = new Map<string, Known>();
  /** The turn that is shown, and those that were begun from its panel. */
  main: string | undefined;
  private followers: string[] = [];

  /** `refill` is asked for all events of a turn of which one was missed. */
  constructor(private readonly refill: (turn: string) => void) {}

  get(turn: string | undefined): Turn | undefined {
    return turn === undefined ? undefined : this.known.get(turn)?.turn;
  }

  get shown(): Turn | undefined {
    return this.get(this.main);
  }

  get following(): Turn[] {
    return this.followers.flatMap((id) => this.get(id) ?? []);
  }

  /** The turns that still run, newest last. */
  get running(): Turn[] {
    return [...this.known.values()]
      .map((known) => known.turn)
      .filter(isRunning);
  }

  /** Shows `turn` and nothing of earlier ones. */
  show(turn: string | undefined): void {
    this.main = turn;
    this.followers = [];
    if (turn !== undefined) this.entry(turn);
  }

  /** `turn` was begun from what is shown. */
  follow(turn: string): void {
    if (turn === "" || turn === this.main || this.followers.includes(turn)) {
      return;
    }
    this.entry(turn);
    this.followers.push(turn);
  }

  /** Takes one event; it may be a repetition or out of order. */
  take(turn: string, sequence: number, event: TurnEvent): void {
    const known = this.entry(turn);
    if (sequence < known.next) return;
    if (sequence > known.next) {
      known.early.set(sequence, event);
      this.refill(turn);
      return;
    }
    this.apply(known, event);
    let early = known.early.get(known.next);
    while (early) {
      known.early.delete(known.next);
      this.apply(known, early);
      early = known.early.get(known.next);
    }
  }

  /** Takes all events of a turn so far. */
  takeAll(turn: string, events: TurnEvent[]): void {
    events.forEach((event, sequence) => this.take(turn, sequence, event));
  }

  /** The kernel is gone: what runs stays as far as it came. */
  lose(): void {
    for (const known of this.known.values()) {
      if (isRunning(known.turn)) known.turn = lost(known.turn);
    }
  }

  /** Redraws what a kernel knows, which may be another one than before. */
  replicate(state: StateReport): void {
    for (const [id, events] of state.turns) {
      const known = this.known.get(id);
      // It was another kernel's turn, or was given up although only the bus was away.
      const isStale = known && (known.turn.lost || events.length < known.next);
      if (isStale) this.known.delete(id);
    }
    const alive = new Set(state.turns.map(([id]) => id));
    for (const [id, known] of this.known) {
      // A new kernel does not go on by itself with a turn in which the old one died.
      if (!alive.has(id) && isRunning(known.turn))
        known.turn = lost(known.turn);
    }
    for (const [id, events] of state.turns) this.takeAll(id, events);
    this.followers = this.followers.filter((id) => this.known.has(id));
    if (this.main === undefined || !this.known.has(this.main)) {
      this.main = this.lastDrawn(state);
    }
  }

  /** The last turn that a person began in words; presses on its panel belong to it. */
  private lastDrawn(state: StateReport): string | undefined {
    const ids = state.turns.map(([id]) => id).reverse();
    const told = ids.find((id) => {
      const turn = this.get(id);
      return turn && (turn.route?.kind !== "given" || turn.surfaces.length > 0);
    });
    return told ?? ids[0];
  }

  private entry(turn: string): Known {
    let known = this.known.get(turn);
    if (!known) {
      known = { turn: newTurn(turn), next: 0, early: new Map() };
      this.known.set(turn, known);
      this.forgetOldest();
    }
    return known;
  }

  private apply(known: Known, event: TurnEvent): void {
    // Whoever tells of a turn goes on with it.
    known.turn = { ...after(known.turn, event), lost: false };
    known.next += 1;
    if (event.type === "panel") this.surfaces.take(event.messages);
  }

  private forgetOldest(): void {
    for (const [id, known] of this.known) {
      if (this.known.size <= MOST_TURNS) return;
      if (id !== this.main && !isRunning(known.turn)) this.known.delete(id);
    }
  }
}
