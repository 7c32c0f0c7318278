// Draws every state of the interface (dev/scenes.ts) in Chromium without a kernel:
// `npm run pictures -- FOLDER [SCENE,SCENE… [WIDTH]]` leaves one PNG for each scene, look and language.

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const folder = process.argv[2] ?? "../target/pictures/ui";
const only = process.argv[3]?.split(",");
const width = Number(process.argv[4] ?? 816);
const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  forced: { colorScheme: "dark", forcedColors: "active" },
};

await mkdir(folder, { recursive: true });
const server = await createServer({ server: { port: 0 }, logLevel: "error" });
await server.listen();
const { OVERLAY, CONSENT } = await server.ssrLoadModule("/dev/scenes.ts");
const pages = [
  ...Object.entries(OVERLAY).map(([scene, { height }]) => ({
    file: "index.html",
    scene,
    name: scene,
    viewport: { width, height: height ?? 688 },
  })),
  ...Object.keys(CONSENT).map((scene) => ({
    file: "consent.html",
    scene,
    name: `consent-${scene}`,
    viewport: { width: 560, height: 560 },
  })),
].filter(({ name }) => !only || only.includes(name));
const base = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

async function take({ file, scene, name, viewport }, look, language) {
  const tab = await browser.newPage({ viewport, ...looks[look] });
  tab.on("pageerror", (error) => console.error(name, error.message));
  tab.on("console", (message) => {
    // Icons and pictures come through schemes that only the shell has.
    const text = message.text();
    if (message.type() === "error" && !/URL_SCHEME|favicon|404/.test(text))
      console.error(name, text);
  });
  await tab.goto(`${base}dev/${file}?scene=${scene}&language=${language}`);
  await tab.waitForSelector("html[data-staged]", { state: "attached" });
  await tab.screenshot({ path: `${folder}/${name}-${look}-${language}.png` });
  await tab.close();
}

for (const look of Object.keys(looks))
  for (const language of ["en", "zh"])
    for (const page of pages) await take(page, look, language);
await browser.close();
await server.close();
