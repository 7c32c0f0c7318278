/** How values are written out for a person. */

import type { Words } from "./words";

export const VALUE_TYPES = [
  "text",
  "number",
  "percent",
  "bytes",
  "duration",
  "time",
  "path",
  "bool",
  "app",
] as const;
/** A number that names something is told apart from amounts by its key alone; see `typeOf`. */
export type ValueType = (typeof VALUE_TYPES)[number] | "id";

const NAMES_SOMETHING = /^(?:.*_)?[pug]?id$/u;

/** The type of the field `key`: a number in a field such as `pid` is a name, and is never grouped. */
export function typeOf(key: string, type: ValueType): ValueType {
  return type === "number" && NAMES_SOMETHING.test(key) ? "id" : type;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const NEAR_DAYS = 6;

/** Writes values for one language. */
export class Format {
  private readonly numbers: Intl.NumberFormat;
  private readonly relative: Intl.RelativeTimeFormat;

  constructor(
    private readonly locale: string,
    private readonly words: Words,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    this.relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  }

  /** Writes `value` of `type`; a string where the type wants something else is shown as it is. */
  value(value: unknown, type: ValueType): string {
    if (value === null || value === undefined) return this.words.noValue;
    if (typeof value === "boolean") {
      return value ? this.words.yes : this.words.no;
    }
    if (typeof value === "number") return this.amount(value, type);
    if (typeof value !== "string") return JSON.stringify(value);
    return type === "time" ? this.time(value) : value;
  }

  /** The exact form of a value for a tooltip, where it differs from the shown one. */
  exact(value: unknown, type: ValueType): string | undefined {
    if (type === "path" && typeof value === "string") return value;
    if (type === "bytes" && typeof value === "number") {
      return this.unit(value, "byte", 0, "long");
    }
    if (type !== "time" || typeof value !== "string") return undefined;
    const date = new Date(value);
    if (Number.isNaN(date.getTime())) return undefined;
    return date.toLocaleString(this.locale, {
      dateStyle: "full",
      timeStyle: "medium",
    });
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  /** Milliseconds, with as many digits as tell something. */
  milliseconds(value: number): string {
    return value < 1000
      ? this.unit(value, "millisecond", value < 10 ? 1 : 0)
      : this.unit(value / 1000, "second", 1);
  }

  /** Milliseconds as a number of seconds, with as many digits as tell something. */
  seconds(ms: number): string {
    const seconds = Math.max(ms / 1000, 0.01);
    const digits = seconds < 0.1 ? 2 : seconds < 9.95 ? 1 : 0;
    return new Intl.NumberFormat(this.locale, {
      maximumFractionDigits: digits,
    }).format(seconds);
  }

  /** A share, 0 to 1, in percents. */
  share(value: number, maximumFractionDigits = 0): string {
    const digits = { style: "percent", maximumFractionDigits } as const;
    return new Intl.NumberFormat(this.locale, digits).format(value);
  }

  private amount(value: number, type: ValueType): string {
    if (type === "percent") return this.share(value / 100, 1);
    if (type === "bytes") return this.bytes(value);
    if (type === "duration") return this.duration(value);
    return type === "id" ? String(value) : this.number(value);
  }

  bytes(value: number): string {
    let amount = value;
    let index = 0;
    while (Math.abs(amount) >= 999.5 && index < UNITS.length - 1) {
      amount /= 1000;
      index += 1;
    }
    const digits = index === 0 || Math.abs(amount) >= 99.5 ? 0 : 1;
    return this.unit(amount, UNITS[index] ?? "byte", digits);
  }

  duration(seconds: number): string {
    const whole = Math.round(seconds);
    const parts: [number, string][] = [
      [Math.floor(whole / 86_400), "day"],
      [Math.floor(whole / 3600) % 24, "hour"],
      [Math.floor(whole / 60) % 60, "minute"],
      [whole % 60, "second"],
    ];
    const told = parts.filter(([amount]) => amount > 0).slice(0, 2);
    if (told.length === 0) return this.unit(seconds, "second", 1);
    return told.map(([amount, unit]) => this.unit(amount, unit, 0)).join(" ");
  }

  private unit(
    amount: number,
    unit: string,
    digits: number,
    unitDisplay: "short" | "long" = "short",
  ): string {
    return new Intl.NumberFormat(this.locale, {
      style: "unit",
      unit,
      unitDisplay,
      maximumFractionDigits: digits,
    }).format(amount);
  }

  private time(text: string): string {
    const date = new Date(text);
    if (Number.isNaN(date.getTime())) return text;
    const seconds = (date.getTime() - this.now().getTime()) / 1000;
    const distance = Math.abs(seconds);
    if (distance < 60) {
      return seconds <= 0
        ? this.words.justNow
        : this.relative.format(Math.round(seconds), "second");
    }
    if (distance < 3600) {
      return this.relative.format(Math.round(seconds / 60), "minute");
    }
    if (distance < 86_400) {
      return this.relative.format(Math.round(seconds / 3600), "hour");
    }
    if (distance < NEAR_DAYS * 86_400) {
      return this.relative.format(Math.round(seconds / 86_400), "day");
    }
    return date.toLocaleString(this.locale, {
      dateStyle: "medium",
      timeStyle: "short",
    });
  }
}
