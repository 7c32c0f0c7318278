import { afterEach, describe, expect, it, vi } from "vitest";
import { Format } from "../src/format";
import { readPart } from "../src/panel/catalogue";
import type { PanelContext } from "../src/panel/context";
import { PartElement } from "../src/panel/part";
import { MOST_ROWS, Surfaces, keysOf } from "../src/panel/surfaces";
import type { Press, TurnEvent } from "../src/wire";
import { wordsOf } from "../src/words";
import downloads from "./streams/downloads.json";
import everyPart from "./streams/every-part.json";

const words = wordsOf("en");

function surfacesOf(events: unknown): Surfaces {
  const surfaces = new Surfaces();
  for (const event of events as TurnEvent[]) {
    if (event.type === "panel") surfaces.take(event.messages);
  }
  return surfaces;
}

async function settle(): Promise<void> {
  for (let round = 0; round < 8; round += 1)
    await new Promise((resolve) => setTimeout(resolve));
}

/** A surface with one field of no value. */
function inputs(type: string, choices?: string[]): Surfaces {
  const surfaces = new Surfaces();
  surfaces.take([
    message({ createSurface: { surfaceId: "t12", catalogId: "lucid:v1" } }),
    message({
      updateComponents: {
        surfaceId: "t12",
        components: [
          { id: "root", component: "Column", children: ["s1"] },
          {
            id: "s1",
            component: "Input",
            label: "Paper",
            value: "",
            type,
            effect: "reversible",
            ...(choices && { choices }),
          },
        ],
      },
    }),
  ]);
  return surfaces;
}

interface Drawn {
  element: PartElement;
  presses: Omit<Press, "surface">[];
  redraw: () => Promise<void>;
}

async function draw(
  surfaces: Surfaces,
  id: string,
  answer: boolean | (() => Promise<boolean>) = true,
): Promise<Drawn> {
  const surface = surfaces.get(id);
  if (!surface) throw new Error("no such surface");
  const presses: Omit<Press, "surface">[] = [];
  const context: PanelContext = {
    words,
    format: new Format("en", words, () => new Date("2026-11-23T21:00:00Z")),
    surface,
    act: (press) => {
      presses.push(press);
      return typeof answer === "boolean" ? Promise.resolve(answer) : answer();
    },
  };
  const element = new PartElement();
  const redraw = async () => {
    element.version = surface.version;
    await settle();
  };
  element.context = context;
  document.body.append(element);
  await redraw();
  return { element, presses, redraw };
}

const text = (node: Element | null | undefined) =>
  node?.textContent.replace(/\s+/g, " ").trim();
const message = (body: object) => ({ version: "v0.9", ...body });

afterEach(() => document.body.replaceChildren());

describe("messages", () => {
  it("are refused one by one when they are not as they should be", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const surfaces = surfacesOf(downloads);
    surfaces.take([
      null,
      7,
      { createSurface: { surfaceId: "x", catalogId: "lucid:v1" } },
      message({ createSurface: { surfaceId: "x", catalogId: "basic" } }),
      message({
        updateDataModel: { surfaceId: "nowhere", path: "/a", value: 1 },
      }),
      message({
        updateDataModel: { surfaceId: "t12", path: "/s2/rows", value: 1 },
      }),
      message({ openUrl: { url: "https://example.org" } }),
      message({
        updateDataModel: { surfaceId: "t12", path: "/s9", value: { value: 1 } },
      }),
    ]);
    expect(warn).toHaveBeenCalledTimes(7);
    expect(surfaces.get("x")).toBeUndefined();
    expect(surfaces.get("t12")?.resolve({ path: "/s9/value" })).toEqual({
      ready: true,
      value: 1,
    });
    warn.mockRestore();
  });

  it("cannot grow without bounds", () => {
    const surfaces = surfacesOf(downloads);
    const rows = Array.from({ length: MOST_ROWS + 5 }, (_, number) => ({
      ref: `r${number}`,
    }));
    surfaces.take([
      message({
        updateDataModel: { surfaceId: "t12", path: "/s2", value: { rows } },
      }),
    ]);
    expect(surfaces.get("t12")?.rows({ path: "/s2/rows" })).toHaveLength(
      MOST_ROWS,
    );
    for (let number = 0; number < 100; number += 1) {
      surfaces.take([
        message({
          createSurface: { surfaceId: `n${number}`, catalogId: "lucid:v1" },
        }),
      ]);
    }
    expect(surfaces.get("t12")).toBeUndefined();
  });

  it("resolve pointers without reaching into prototypes", () => {
    expect(keysOf("/a~1b/~0c/0")).toEqual(["a/b", "~c", "0"]);
    const surface = surfacesOf(downloads).get("t12");
    expect(surface?.resolve({ path: "/constructor/name" })).toEqual({
      ready: false,
    });
    expect(surface?.resolve({ path: "/s2/rows/0/__proto__" })).toEqual({
      ready: false,
    });
  });
});

describe("components", () => {
  it.each([
    [{ component: "Hologram" }],
    [{ component: "Table", columns: [], rows: { path: "/x" } }],
    [
      {
        component: "Slider",
        label: "x",
        value: 1,
        min: 5,
        max: 5,
        step: 1,
        type: "number",
        effect: "read",
      },
    ],
    [{ component: "Button", label: 5, effect: "read" }],
    [{ component: "Button", label: "x", effect: "wild" }],
    [{ component: "Text", value: { path: "no-pointer" }, type: "text" }],
    [{}],
  ])("%j are shown as an error in their place", (raw) => {
    expect(readPart(raw).component).toBe("Broken");
  });

  it("are all drawn, and one that is unknown does not take the others down", async () => {
    const { element } = await draw(surfacesOf(everyPart), "t5");
    expect(text(element.querySelector(".panel-title"))).toBe(
      "Everything at once",
    );
    expect(text(element.querySelector(".found .text-value"))).toContain(
      "eleven days",
    );
    expect(
      element.querySelector("[role=meter]")?.getAttribute("aria-valuetext"),
    ).toBe("73%");
    expect(
      element.querySelector("[role=switch]")?.getAttribute("aria-checked"),
    ).toBe("true");
    expect(element.querySelectorAll("lucid-chart svg rect")).toHaveLength(3);
    expect(element.querySelectorAll(".skeleton")).toHaveLength(1);
    const errors = Array.from(element.querySelectorAll(".part-error"), text);
    expect(errors[0]).toBe("This part (Hologram) cannot be shown here.");
    expect(errors[1]).toBe(
      "The folder ~/Dwnloads is not there. What to do: Check its name.",
    );
    expect(text(element.querySelector(".empty"))).toBe("Nothing was found.");
  });

  it("show text as text", async () => {
    const surfaces = surfacesOf(downloads);
    surfaces.take([
      message({
        updateComponents: {
          surfaceId: "t12",
          components: [
            {
              id: "s1",
              component: "Title",
              text: "<img src=x onerror=alert(1)>",
            },
          ],
        },
      }),
    ]);
    const { element } = await draw(surfaces, "t12");
    expect(element.querySelector("img")).toBeNull();
    expect(text(element.querySelector(".panel-title"))).toBe(
      "<img src=x onerror=alert(1)>",
    );
  });

  it("do not follow a circle of children", async () => {
    const surfaces = surfacesOf(downloads);
    surfaces.take([
      message({
        updateComponents: {
          surfaceId: "t12",
          components: [
            {
              id: "s2",
              component: "Section",
              title: "round",
              children: ["root", "s1"],
            },
          ],
        },
      }),
    ]);
    const { element } = await draw(surfaces, "t12");
    expect(element.querySelectorAll(".section")).toHaveLength(1);
  });
});

/** A surface with `component` over `data`. */
function one(component: object, data: unknown): Surfaces {
  const surfaces = new Surfaces();
  surfaces.take([
    message({ createSurface: { surfaceId: "t1", catalogId: "lucid:v1" } }),
    message({
      updateComponents: {
        surfaceId: "t1",
        components: [{ id: "root", ...component }],
      },
    }),
    message({
      updateDataModel: { surfaceId: "t1", path: "/d", value: data },
    }),
  ]);
  return surfaces;
}

describe("numbers that name something", () => {
  it("are written plain in tables and records, amounts beside them grouped", async () => {
    const column = (key: string) => ({ key, label: key, type: "number" });
    const table = {
      component: "Table",
      columns: [column("pid"), column("parent_id"), column("paid")],
      rows: { path: "/d/rows" },
    };
    const row = { pid: 41234, parent_id: 1000, paid: 41234 };
    const { element } = await draw(one(table, { rows: [row] }), "t1");
    const cells = Array.from(element.querySelectorAll("tbody td"), text);
    expect(cells).toEqual(["41234", "1000", "41,234"]);
    const rows = Object.entries(row).map(([key, value]) => ({
      key,
      label: key,
      value,
      type: "number",
    }));
    const record = { component: "KeyValue", rows: { path: "/d/rows" } };
    const drawn = await draw(one(record, { rows }), "t1");
    const values = Array.from(drawn.element.querySelectorAll("dd"), text);
    expect(values).toEqual(["41234", "1000", "41,234"]);
  });
});

describe("tables", () => {
  it("write values out and send the row's handle with a press", async () => {
    const { element, presses } = await draw(surfacesOf(downloads), "t12");
    const rows = Array.from(element.querySelectorAll("tbody tr"));
    expect(rows).toHaveLength(4);
    expect(
      Array.from(rows[0]?.querySelectorAll("td") ?? [], text).slice(0, 3),
    ).toEqual(["holiday in the mountains.mkv", "4.2 GB", "yesterday"]);
    expect(text(rows[2]?.querySelectorAll("td")[2])).toBe("–");
    rows[1]
      ?.querySelector<HTMLButtonElement>("[data-verb='files.trash']")
      ?.click();
    expect(presses).toEqual([
      { component: "s2", verb: "files.trash", ref: "r2" },
    ]);
  });

  it("open the row on Enter, and move with the arrow keys", async () => {
    const { element, presses } = await draw(surfacesOf(downloads), "t12");
    const rows = Array.from(element.querySelectorAll<HTMLElement>("tbody tr"));
    rows[0]?.focus();
    rows[0]?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }),
    );
    expect(document.activeElement).toBe(rows[1]);
    rows[1]?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true }),
    );
    expect(presses).toEqual([
      { component: "s2", verb: "files.open", ref: "r2" },
    ]);
  });

  it("are opened by a double click on the row, not on a button or its second click", async () => {
    const { element, presses } = await draw(surfacesOf(downloads), "t12");
    const button = element.querySelector<HTMLElement>(
      "[data-ref=r1] [data-verb='files.trash']",
    );
    for (const detail of [1, 2])
      button?.dispatchEvent(new MouseEvent("click", { detail, bubbles: true }));
    button?.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(presses.map((press) => press.verb)).toEqual(["files.trash"]);
    element
      .querySelector("[data-ref=r1] td")
      ?.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(presses.map((press) => press.verb)).toEqual([
      "files.trash",
      "files.open",
    ]);
  });

  it("keep the elements of rows, and the focus in the place of one that goes", async () => {
    const surfaces = surfacesOf(downloads);
    const { element, redraw } = await draw(surfaces, "t12");
    const row = (ref: string) =>
      element.querySelector<HTMLElement>(`[data-ref=${ref}]`);
    const third = row("r3");
    row("r2")?.querySelector<HTMLElement>("[data-verb='files.trash']")?.focus();
    const rows = surfaces.get("t12")?.rows({ path: "/s2/rows" }) ?? [];
    surfaces.take([
      message({
        updateDataModel: {
          surfaceId: "t12",
          path: "/s2",
          value: { rows: rows.filter(({ ref }) => ref !== "r2") },
        },
      }),
    ]);
    await redraw();
    expect(row("r3")).toBe(third);
    expect(document.activeElement).toBe(third);
  });

  it("name the row in each button for a screen reader", async () => {
    const { element } = await draw(surfacesOf(downloads), "t12");
    const button = element.querySelector(
      "[data-ref=r2] [data-verb='files.trash']",
    );
    expect(button?.getAttribute("aria-label")).toBe(
      "Move to trash: debian-12.7.0-amd64-netinst.iso",
    );
  });

  it("ask for other rows", async () => {
    const { element, presses } = await draw(surfacesOf(everyPart), "t5");
    const pages = element.querySelector("lucid-list .pages");
    expect(text(pages)).toBe("Previous 1–2 of 230 Next");
    pages?.querySelector<HTMLButtonElement>("button:last-child")?.click();
    expect(presses).toContainEqual({
      component: "list",
      verb: "page",
      value: 2,
    });
  });

  it("keep the focus on the button of a page that is the last or the first", async () => {
    const { element, presses } = await draw(surfacesOf(everyPart), "t5");
    const pages = element.querySelector("lucid-list .pages");
    expect(pages?.getAttribute("aria-label")).toBe("Pages");
    const previous = pages?.querySelector("button");
    expect(previous?.getAttribute("aria-disabled")).toBe("true");
    previous?.focus();
    previous?.click();
    expect(document.activeElement).toBe(previous);
    expect(presses).toEqual([]);
  });

  it("go to the ends with Home and End", async () => {
    const { element } = await draw(surfacesOf(downloads), "t12");
    const rows = Array.from(element.querySelectorAll<HTMLElement>("tbody tr"));
    const press = (key: string) =>
      document.activeElement?.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true }),
      );
    rows[1]?.focus();
    press("End");
    expect(document.activeElement).toBe(rows[3]);
    press("Home");
    expect(document.activeElement).toBe(rows[0]);
  });
});

describe("charts", () => {
  const lines = (points: object[]) =>
    one(
      {
        component: "Chart",
        kind: "line",
        x: { key: "at", label: "At", type: "number" },
        series: [{ key: "in", label: "In", type: "number" }],
        points: { path: "/d/points" },
      },
      { points },
    );

  it("draw a value between two gaps as a dot", async () => {
    const values = [null, 5, null, 1, 2];
    const points = values.map((value, at) => ({ at, in: value }));
    const { element } = await draw(lines(points), "t1");
    const path = element.querySelector("path.line")?.getAttribute("d");
    expect(path).toMatch(/^M160\.0 [\d.]+h0M480\.0 [\d.]+h0L640\.0 [\d.]+$/);
  });

  it("name the first and the last point of a line", async () => {
    const points = Array.from({ length: 100 }, (_, at) => ({ at, in: at }));
    const { element } = await draw(lines(points), "t1");
    const labels = Array.from(
      element.querySelectorAll(".chart-axis span"),
      text,
    );
    expect(labels).toHaveLength(8);
    expect([labels[0], labels.at(-1)]).toEqual(["0", "99"]);
  });
});

describe("controls", () => {
  it("show the new state at once and take it back when it was not done", async () => {
    const { element, presses, redraw } = await draw(
      surfacesOf(everyPart),
      "t5",
      false,
    );
    const toggle = element.querySelector<HTMLButtonElement>("[role=switch]");
    toggle?.click();
    expect(presses).toEqual([
      { component: "mute", verb: "change", value: false },
    ]);
    await redraw();
    expect(toggle?.getAttribute("aria-checked")).toBe("true");
  });

  it("send a slider's value when it is let go, not while it is dragged", async () => {
    const { element, presses } = await draw(surfacesOf(everyPart), "t5");
    const slider = element.querySelector<HTMLInputElement>("input[type=range]");
    if (!slider) throw new Error("no slider");
    slider.value = "55";
    slider.dispatchEvent(new Event("input"));
    expect(presses).toEqual([]);
    slider.dispatchEvent(new Event("change"));
    expect(presses).toEqual([
      { component: "volume", verb: "change", value: 55 },
    ]);
  });

  it("send the newest value once the one on its way has arrived", async () => {
    const arrived: ((done: boolean) => void)[] = [];
    const { element, presses } = await draw(
      surfacesOf(everyPart),
      "t5",
      () => new Promise((resolve) => arrived.push(resolve)),
    );
    const slider = element.querySelector<HTMLInputElement>("input[type=range]");
    if (!slider) throw new Error("no slider");
    for (const value of ["55", "60", "70"]) {
      slider.value = value;
      slider.dispatchEvent(new Event("input"));
      slider.dispatchEvent(new Event("change"));
    }
    await settle();
    expect(presses.map((press) => press.value)).toEqual([55]);
    expect(slider.getAttribute("aria-busy")).toBe("true");
    arrived.shift()?.(true);
    await settle();
    expect(presses.map((press) => press.value)).toEqual([55, 70]);
    expect(text(element.querySelector("output"))).toBe("70%");
    arrived.shift()?.(true);
    await settle();
    expect(slider.getAttribute("aria-busy")).toBeNull();
  });

  it("do not take an empty field for zero", async () => {
    const { element, presses } = await draw(inputs("number"), "t12");
    const field = element.querySelector<HTMLInputElement>("input");
    if (!field) throw new Error("no field");
    const enter = () =>
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    field.value = "";
    enter();
    field.value = "0";
    enter();
    expect(presses.map((press) => press.value)).toEqual([0]);
  });

  it("show no choice when none is made", async () => {
    const { element } = await draw(inputs("text", ["A4", "Letter"]), "t12");
    const choice = element.querySelector<HTMLSelectElement>("select");
    expect(choice?.selectedOptions[0]?.textContent.trim()).toBe("");
    expect(choice?.options).toHaveLength(3);
  });

  it("are not pressed twice while the first press is on its way", async () => {
    const { element, presses } = await draw(surfacesOf(everyPart), "t5");
    const button = element.querySelector<HTMLButtonElement>(
      "lucid-button button",
    );
    button?.click();
    button?.click();
    expect(presses).toHaveLength(1);
  });
});

describe("an error in one part", () => {
  it("leaves the rest of the panel", async () => {
    const error = vi
      .spyOn(console, "error")
      .mockImplementation(() => undefined);
    const surfaces = surfacesOf(downloads);
    const part = surfaces.get("t12")?.parts.get("s2");
    if (part?.component !== "Table") throw new Error("no table");
    part.columns = null as unknown as typeof part.columns;
    const { element } = await draw(surfaces, "t12");
    expect(text(element.querySelector(".panel-title"))).toBe("Big downloads");
    expect(text(element.querySelector(".part-error"))).toBe(
      "This part could not be shown.",
    );
    error.mockRestore();
  });
});
