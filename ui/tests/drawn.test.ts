// @vitest-environment node
// Every scene of dev/scenes.ts, drawn by a browser: what can only be seen where letters have a size.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSENT, OVERLAY } from "../dev/scenes";

const AXE = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);
const BREACHES = `axe.run(document, {
    // A window that is one line has no heading.
    rules: { "page-has-heading-one": { enabled: false } },
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }).then((result) => result.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => id + ": " + node.html + " " + node.failureSummary)))`;
const PATIENCE_MS = 60_000;
const TABLES = ["panel", "processes", "processes_zh", "thousand"];

let server: ViteDevServer;
let browser: Browser;

beforeAll(async () => {
  server = await createServer({ server: { port: 0 }, logLevel: "error" });
  await server.listen();
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}, PATIENCE_MS);

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function drawn(
  file: string,
  scene: string,
  width: number,
): Promise<Page> {
  const height = OVERLAY[scene]?.height ?? 688;
  const page = await browser.newPage({
    viewport: { width, height },
    // Colours are read as they are in the end.
    reducedMotion: "reduce",
  });
  const base = server.resolvedUrls?.local[0] ?? "";
  await page.goto(`${base}dev/${file}?scene=${scene}`);
  await page.waitForSelector("html[data-staged]", { state: "attached" });
  return page;
}

describe("nothing breaks the rules of accessibility", () => {
  const scenes = [
    // A thousand rows are the same as three, and take as many times as long.
    ...Object.keys(OVERLAY)
      .filter((scene) => scene !== "thousand")
      .map((scene) => ["index.html", scene] as const),
    ...Object.keys(CONSENT).map((scene) => ["consent.html", scene] as const),
  ];
  it.each(scenes)(
    "in %s?scene=%s, in light and in dark colours",
    async (file, scene) => {
      const page = await drawn(file, scene, file === "index.html" ? 816 : 560);
      await page.evaluate(AXE);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(BREACHES)).toEqual([]);
      }
      await page.close();
    },
    PATIENCE_MS,
  );
});

/** What has the focus, and whether that is seen. */
const FOCUSED = `(() => {
    const { activeElement: at } = document;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const isSeen = at.id === "line" || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
    return [at.className.trim().split(" ").at(-1) || at.id || at.tagName, isSeen];
  })()`;

describe("the keyboard alone", () => {
  it.each([
    ["processes", ["stage", "TR", "danger", "why-button"]],
    ["question", ["stage", "button", "button", "button", "why-button"]],
    ["toast", ["stage", "undo", "close", "why-button"]],
    ["plan", ["stage", "plan-toggle", "TR", "action", "action", "why-button"]],
    ["problem", ["close"]],
  ])(
    "reaches everything of %s, and the focus is seen",
    async (scene, stops) => {
      const page = await drawn("index.html", scene, 816);
      await page.focus("#line");
      for (const stop of stops) {
        await page.keyboard.press("Tab");
        expect(await page.evaluate(FOCUSED)).toEqual([stop, true]);
      }
      await page.close();
    },
    PATIENCE_MS,
  );

  it(
    "reads the whole of a name that is cut short",
    async () => {
      const page = await drawn("index.html", "processes", 816);
      await page.focus("tr:nth-child(1)[data-row]");
      await page.keyboard.press("ArrowDown");
      const cut = `(() => {
        const cell = document.activeElement.querySelector("td.cut");
        return cell.scrollWidth > cell.clientWidth;
      })()`;
      expect(await page.evaluate(cut)).toBe(false);
      await page.close();
    },
    PATIENCE_MS,
  );
});

/** What of a table's rows is covered or cut although it must not be. */
const SQUEEZED = `Array.from(document.querySelectorAll("tr"), (row) => {
    const cells = Array.from(row.children);
    const actions = row.querySelector(".actions").getBoundingClientRect();
    const wrong = cells.filter((cell) => {
      if (cell.matches(".actions")) return false;
      const isCovered = cell.getBoundingClientRect().right > actions.left + 0.5;
      const isCut = !cell.matches("td.cut") && cell.scrollWidth > cell.clientWidth;
      return isCovered || isCut;
    });
    const edge = row.closest(".table-scroll").getBoundingClientRect().right;
    return [...wrong.map((cell) => cell.innerText), ...(actions.right > edge + 0.5 ? ["buttons"] : [])];
  }).flat().slice(0, 4)`;

it.each(TABLES)(
  "the table of %s has room for its numbers and its buttons, however wide the window is",
  async (scene) => {
    const page = await drawn("index.html", scene, 816);
    for (const width of [816, 760, 688, 640]) {
      await page.setViewportSize({ width, height: 688 });
      // The table hears of its width after it is laid out.
      await page.evaluate("new Promise(requestAnimationFrame)");
      await page.evaluate("new Promise(requestAnimationFrame)");
      expect(await page.evaluate(SQUEEZED), `at ${width}`).toEqual([]);
      const first = await page.locator("td").first().boundingBox();
      expect(first?.width, `at ${width}`).toBeGreaterThan(100);
    }
    await page.close();
  },
  PATIENCE_MS,
);

it(
  "of a path that is too long the folders give way, and the name when nothing of them is left",
  async () => {
    const page = await drawn("index.html", "thousand", 816);
    const widths = await page.evaluate(`(() => {
      const [folder, file] = document.querySelector(".path").children;
      const text = document.createRange();
      text.selectNodeContents(file);
      const widthOf = (part) => part.getBoundingClientRect().width;
      return { folder: widthOf(folder), missing: widthOf(text) - widthOf(file) };
    })()`);
    const { folder, missing } = widths as { folder: number; missing: number };
    expect(folder).toBeGreaterThan(0);
    expect(missing).toBeLessThan(0.01);
    await page.close();
  },
  PATIENCE_MS,
);
