// Draws every state of the interface in Chromium without a kernel:
// `npm run pictures -- FOLDER` leaves one PNG for each scene, theme and language.

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const folder = process.argv[2] ?? "../target/pictures/ui";
const only = process.argv[3];
const scenes = [
  "idle",
  "matches",
  "words",
  "running",
  "panel",
  "why",
  "failing",
  "toast",
  "problem",
  "lost",
  "every",
  "gone",
];
const consents = ["one", "bulk"];

await mkdir(folder, { recursive: true });
const server = await createServer({ server: { port: 0 }, logLevel: "error" });
await server.listen();
const base = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const colorScheme of ["light", "dark"]) {
  for (const language of ["en", "zh"]) {
    for (const [page, name] of [
      ...scenes.map((s) => ["index", s]),
      ...consents.map((s) => ["consent", s]),
    ]) {
      if (only && !only.split(",").includes(name)) continue;
      const isConsent = page === "consent";
      const viewport = isConsent
        ? { width: 560, height: 560 }
        : { width: 816, height: name === "every" ? 1900 : 688 };
      const tab = await browser.newPage({ viewport, colorScheme });
      tab.on("pageerror", (error) => console.error(name, error.message));
      tab.on("console", (message) => {
        if (
          message.type() === "error" &&
          !/ERR_UNKNOWN_URL_SCHEME/.test(message.text())
        ) {
          console.error(name, message.text());
        }
      });
      await tab.goto(
        `${base}dev/${page}.html?scene=${name}&language=${language}`,
      );
      await tab.waitForTimeout(isConsent ? 500 : 1200);
      await tab.screenshot({
        path: `${folder}/${isConsent ? "consent-" : ""}${name}-${colorScheme}-${language}.png`,
      });
      await tab.close();
    }
  }
}
await browser.close();
await server.close();
