/** The catalogue `lucid:v1`: every component that a panel may have, and nothing else. */

import { VALUE_TYPES, typeOf, type ValueType } from "../format";

export const EFFECTS = [
  "read",
  "transient",
  "reversible",
  "irreversible",
  "egress",
] as const;
export type Effect = (typeof EFFECTS)[number];

/** A value, or the place in the data model where it will be. */
export type Bound = { path: string } | { literal: unknown };

export interface Action {
  verb: string;
  label: string;
  effect: Effect;
}

export interface Column {
  key: string;
  label: string;
  type: ValueType;
}

interface Listed {
  rows: Bound;
  total: Bound;
  offset: Bound;
  actions: Action[];
  caption: string;
}

export type Part =
  | { component: "Column"; children: string[] }
  | { component: "Section"; title: string; children: string[] }
  | { component: "Title"; text: string }
  | {
      component: "Text";
      value: Bound;
      type: ValueType;
      label: string;
      found: boolean;
    }
  | {
      component: "Meter";
      value: Bound;
      max: Bound;
      type: ValueType;
      label: string;
    }
  | ({ component: "Table"; columns: Column[] } & Listed)
  | ({ component: "List"; type: ValueType; detailType: ValueType } & Listed)
  | { component: "KeyValue"; rows: Bound; actions: Action[]; caption: string }
  | ({ component: "Gallery" } & Listed)
  | { component: "Image"; image: Bound; label: string }
  | {
      component: "Chart";
      kind: "line" | "bar";
      x: Column;
      series: Column[];
      points: Bound;
      caption: string;
    }
  | { component: "Button"; label: string; effect: Effect }
  | { component: "Toggle"; label: string; value: Bound; effect: Effect }
  | {
      component: "Slider";
      label: string;
      value: Bound;
      min: number;
      max: number;
      step: number;
      type: ValueType;
      effect: Effect;
    }
  | {
      component: "Input";
      label: string;
      value: Bound;
      type: ValueType;
      choices: string[] | undefined;
      maxLength: number;
      effect: Effect;
    }
  | { component: "Error"; text: string; remedy: string }
  | { component: "Empty"; text: string }
  | { component: "More"; label: string }
  /** What is not of the catalogue, or not as it says: shown as an error in its place. */
  | { component: "Broken"; name: string };

export type PartName = Part["component"];
export type PartOf<Name extends PartName> = Extract<Part, { component: Name }>;

const MOST_CHILDREN = 200;
const MOST_COLUMNS = 24;
const MOST_ACTIONS = 12;
const MOST_SERIES = 4;
const MOST_CHOICES = 200;
const MOST_TEXT = 4200;

type Raw = Record<string, unknown>;

/** Reads a component; anything that is not as the catalogue says becomes `Broken`. */
export function readPart(raw: Raw): Part {
  const name = typeof raw["component"] === "string" ? raw["component"] : "?";
  try {
    return read(name, raw);
  } catch {
    return { component: "Broken", name: name.slice(0, 40) };
  }
}

function read(name: string, raw: Raw): Part {
  switch (name) {
    case "Column":
      return { component: name, children: children(raw) };
    case "Section":
      return {
        component: name,
        title: text(raw["title"]),
        children: children(raw),
      };
    case "Title":
      return { component: name, text: text(raw["text"]) };
    case "Text":
      return {
        component: name,
        value: bound(raw["value"]),
        type: type(raw["type"]),
        label: optionalText(raw["label"]),
        found: raw["found"] === true,
      };
    case "Meter":
      return {
        component: name,
        value: bound(raw["value"]),
        max: bound(raw["max"] ?? 100),
        type: type(raw["type"] ?? "percent"),
        label: text(raw["label"]),
      };
    case "Table":
      return {
        component: name,
        columns: columns(raw["columns"], MOST_COLUMNS),
        ...listed(raw, "rows"),
      };
    case "List":
      return {
        component: name,
        type: type(raw["type"]),
        detailType: type(raw["detailType"] ?? "text"),
        ...listed(raw, "items"),
      };
    case "KeyValue":
      return {
        component: name,
        rows: bound(raw["rows"]),
        actions: actions(raw["actions"]),
        caption: optionalText(raw["caption"]),
      };
    case "Gallery":
      return { component: name, ...listed(raw, "items") };
    case "Image":
      return {
        component: name,
        image: bound(raw["image"]),
        label: text(raw["label"]),
      };
    case "Chart":
      return {
        component: name,
        kind: oneOf(["line", "bar"] as const, raw["kind"]),
        x: column(raw["x"]),
        series: columns(raw["series"], MOST_SERIES),
        points: bound(raw["points"]),
        caption: optionalText(raw["caption"]),
      };
    case "Button":
      return {
        component: name,
        label: text(raw["label"]),
        effect: effect(raw["effect"]),
      };
    case "Toggle":
      return {
        component: name,
        label: text(raw["label"]),
        value: bound(raw["value"]),
        effect: effect(raw["effect"]),
      };
    case "Slider":
      return slider(raw);
    case "Input":
      return {
        component: name,
        label: text(raw["label"]),
        value: bound(raw["value"]),
        type: type(raw["type"]),
        choices:
          raw["choices"] === undefined
            ? undefined
            : list(raw["choices"], MOST_CHOICES).map(text),
        maxLength:
          raw["maxLength"] === undefined ? MOST_TEXT : number(raw["maxLength"]),
        effect: effect(raw["effect"]),
      };
    case "Error":
      return {
        component: name,
        text: text(raw["text"]),
        remedy: optionalText(raw["remedy"]),
      };
    case "Empty":
      return { component: name, text: text(raw["text"]) };
    case "More":
      return { component: name, label: text(raw["label"]) };
    default:
      return { component: "Broken", name: name.slice(0, 40) };
  }
}

function slider(raw: Raw): Part {
  const min = number(raw["min"]);
  const max = number(raw["max"]);
  const step = number(raw["step"]);
  if (!(min < max) || !(step > 0)) throw new TypeError("range");
  return {
    component: "Slider",
    label: text(raw["label"]),
    value: bound(raw["value"]),
    min,
    max,
    step,
    type: type(raw["type"]),
    effect: effect(raw["effect"]),
  };
}

function listed(raw: Raw, rows: "rows" | "items"): Listed {
  return {
    rows: bound(raw[rows]),
    total: bound(raw["total"] ?? null),
    offset: bound(raw["offset"] ?? 0),
    actions: actions(raw["actions"]),
    caption: optionalText(raw["caption"]),
  };
}

function children(raw: Raw): string[] {
  return list(raw["children"], MOST_CHILDREN).map(id);
}

function columns(value: unknown, most: number): Column[] {
  const read = list(value, most).map(column);
  if (read.length === 0) throw new TypeError("columns");
  return read;
}

function column(value: unknown): Column {
  const raw = object(value);
  const key = id(raw["key"]);
  return {
    key,
    label: text(raw["label"]),
    type: typeOf(key, type(raw["type"])),
  };
}

function actions(value: unknown): Action[] {
  return list(value ?? [], MOST_ACTIONS).map((action) => {
    const raw = object(action);
    return {
      verb: id(raw["verb"]),
      label: text(raw["label"]),
      effect: effect(raw["effect"]),
    };
  });
}

function bound(value: unknown): Bound {
  if (value === undefined) throw new TypeError("value");
  if (typeof value !== "object" || value === null) return { literal: value };
  const path = object(value)["path"];
  if (typeof path !== "string" || !path.startsWith("/"))
    throw new TypeError("path");
  return { path };
}

export function object(value: unknown): Raw {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("object");
  }
  return value as Raw;
}

function list(value: unknown, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new TypeError("list");
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("text");
  return value.slice(0, MOST_TEXT);
}

function optionalText(value: unknown): string {
  return value === undefined || value === null ? "" : text(value);
}

export function id(value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > 128) {
    throw new TypeError("id");
  }
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new TypeError("number");
  return value;
}

function type(value: unknown): ValueType {
  return oneOf(VALUE_TYPES, value);
}

function effect(value: unknown): Effect {
  return oneOf(EFFECTS, value);
}

function oneOf<const T extends string>(
  values: readonly T[],
  value: unknown,
): T {
  const found = values.find((known) => known === value);
  if (found === undefined) throw new TypeError("value of a list");
  return found;
}
