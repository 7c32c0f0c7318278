/** The surfaces that panels are drawn from: components by id and a data model, changed by A2UI v0.9 messages. */

import { id, object, readPart, type Bound, type Part } from "./catalogue";

const CATALOGUE = "lucid:v1";
const MOST_SURFACES = 32;
const MOST_PARTS = 400;
export const MOST_ROWS = 1000;

/** What a bound property stands for: a value, or nothing yet. */
export type Resolved = { ready: true; value: unknown } | { ready: false };

export class Surface {
  readonly parts = new Map<string, Part>();
  private readonly data = new Map<string, unknown>();
  /** Grows with every change, so that what draws it knows. */
  version = 0;

  constructor(readonly id: string) {}

  /** Replaces the components that have the same ids and keeps the others. */
  update(components: unknown[]): void {
    for (const component of components) {
      const raw = object(component);
      const name = id(raw["id"]);
      if (this.parts.has(name) || this.parts.size < MOST_PARTS) {
        this.parts.set(name, readPart(raw));
      }
    }
    this.version += 1;
  }

  /** Replaces the value at `path`, one level below the root. */
  set(path: string, value: unknown): void {
    const [key, ...deeper] = keysOf(path);
    if (key === undefined || deeper.length > 0) throw new TypeError("path");
    this.data.set(key, value);
    this.version += 1;
  }

  resolve(bound: Bound): Resolved {
    if ("literal" in bound) return { ready: true, value: bound.literal };
    const [key, ...keys] = keysOf(bound.path);
    let value = key === undefined ? undefined : this.data.get(key);
    for (const inner of keys) value = child(value, inner);
    return value === undefined ? { ready: false } : { ready: true, value };
  }

  /** The rows at `bound`, at most 1000; undefined while they are awaited. */
  rows(bound: Bound): Record<string, unknown>[] | undefined {
    const resolved = this.resolve(bound);
    if (!resolved.ready) return undefined;
    if (!Array.isArray(resolved.value)) return [];
    return resolved.value
      .slice(0, MOST_ROWS)
      .filter(
        (row): row is Record<string, unknown> =>
          typeof row === "object" && row !== null,
      );
  }

  number(bound: Bound, otherwise: number): number {
    const resolved = this.resolve(bound);
    return resolved.ready && typeof resolved.value === "number"
      ? resolved.value
      : otherwise;
  }
}

export class Surfaces {
  private readonly surfaces = new Map<string, Surface>();

  get(surface: string): Surface | undefined {
    return this.surfaces.get(surface);
  }

  /** Takes messages in order; one that is not as it should be is left out and does not stop the others. */
  take(messages: unknown[]): void {
    for (const message of messages) {
      try {
        this.takeOne(object(message));
      } catch (error) {
        console.warn("a message of a panel is not as it should be", error);
      }
    }
  }

  private takeOne(message: Record<string, unknown>): void {
    if (message["version"] !== "v0.9") throw new TypeError("version");
    if (message["createSurface"] !== undefined) {
      this.create(object(message["createSurface"]));
    } else if (message["updateComponents"] !== undefined) {
      const update = object(message["updateComponents"]);
      const components = update["components"];
      if (!Array.isArray(components)) throw new TypeError("components");
      this.existing(update).update(components);
    } else if (message["updateDataModel"] !== undefined) {
      const update = object(message["updateDataModel"]);
      const path = update["path"];
      if (typeof path !== "string") throw new TypeError("path");
      this.existing(update).set(path, update["value"]);
    } else if (message["deleteSurface"] !== undefined) {
      this.surfaces.delete(id(object(message["deleteSurface"])["surfaceId"]));
    } else {
      throw new TypeError("unknown message");
    }
  }

  private create(created: Record<string, unknown>): void {
    if (created["catalogId"] !== CATALOGUE) throw new TypeError("catalogue");
    const name = id(created["surfaceId"]);
    this.surfaces.delete(name);
    this.surfaces.set(name, new Surface(name));
    const oldest = this.surfaces.keys().next().value;
    if (this.surfaces.size > MOST_SURFACES && oldest !== undefined) {
      this.surfaces.delete(oldest);
    }
  }

  private existing(update: Record<string, unknown>): Surface {
    const surface = this.surfaces.get(id(update["surfaceId"]));
    if (!surface) throw new TypeError("surface");
    return surface;
  }
}

/** Splits a JSON Pointer (RFC 6901). */
export function keysOf(path: string): string[] {
  if (!path.startsWith("/")) throw new TypeError("path");
  return path
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function child(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
