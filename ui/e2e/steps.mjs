// What a person does, in order, and what they must see.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pause, until } from "./desk.mjs";

const axe = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);
const BIG = "kindly show me whatever exceeds 100 MB in Downloads";
const CONSENT = "Lucid asks before it acts";
/** Longer than a yes is shut after the question is drawn. */
const READING_MS = 900;

async function say(desk, words) {
  await until("the line is empty and has the focus", () =>
    desk.script(
      "const line = document.querySelector('#line'); line.focus(); return line.value === '' && document.hasFocus()",
    ),
  );
  desk.type(words);
  await until(
    "the words are in the line",
    async () =>
      (await desk.script("return document.querySelector('#line').value")) ===
      words,
  );
  await desk.see("#enter-hint", "Do this");
  desk.keys("Return");
}

/** Breaches of WCAG A and AA that axe finds in the page. */
async function breaches(desk) {
  await desk.script(axe);
  await desk.script(`
    window.found = undefined;
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
      .then((result) => { window.found = result.violations.map((each) =>
        each.id + ": " + each.nodes.map((node) => node.html + " " + node.failureSummary).join(" | ")); });
  `);
  await until("axe is done", () =>
    desk.script("return window.found !== undefined"),
  );
  return desk.script("return window.found");
}

async function consentWindow(desk) {
  await until(
    "the consent window is there",
    () => desk.windows(CONSENT).length > 0,
  );
  await pause(READING_MS);
}

/** Says yes: Right goes to it. One that came too soon changes nothing, so it is said again. */
const sayYes = (desk) =>
  until("the consent window is gone", async () => {
    desk.keys("Right", "Return");
    await pause(500);
    return desk.windows(CONSENT).length === 0;
  });

const consentGone = (desk) =>
  until("the consent window is gone", () => desk.windows(CONSENT).length === 0);

export const steps = [
  [
    "the overlay is shown with the line in focus",
    async (desk) => {
      assert.equal(
        await desk.script("return document.activeElement?.id"),
        "line",
      );
      assert.equal(await desk.count(".banner"), 0);
      await desk.picture("1-idle");
    },
  ],

  [
    "nothing breaks the rules of accessibility in light colours",
    async (desk) => {
      assert.deepEqual(await breaches(desk), []);
    },
  ],

  [
    "a calculation is answered while typing",
    async (desk) => {
      desk.type("6*7");
      await desk.see(".match", "42");
      await desk.see("#enter-hint", "Copy 42");
      desk.keys("ctrl+a", "Delete");
      await until(
        "the matches are gone",
        async () => (await desk.count(".match")) === 0,
      );
    },
  ],

  [
    "words become a plan and a panel",
    async (desk) => {
      await say(desk, BIG);
      await desk.see(".panel-title", "Big downloads");
      await desk.see("tbody", "film.mkv");
      await desk.see(".outcome", "Done");
      assert.equal(await desk.count("tbody tr"), 2);
      assert.deepEqual(await breaches(desk), []);
      await desk.picture("2-panel");
    },
  ],

  [
    "a row's button moves the file to the trash",
    async (desk) => {
      await desk.click("tbody tr:first-child [data-verb='files.trash']");
      // The toast goes by itself: on a busy machine it may be gone when the other was seen.
      await Promise.all([
        desk.see(".follower[data-outcome=done]", ""),
        desk.see(".toast", "This can be undone."),
      ]);
      assert.equal(existsSync(join(desk.downloads, "film.mkv")), false);
      assert.deepEqual(await breaches(desk), []);
      await desk.picture("3-trashed");
    },
  ],

  [
    "Ctrl+Z brings it back",
    async (desk) => {
      await desk.see(".undo", "Undo");
      desk.keys("ctrl+z");
      await until("the file is back", () =>
        existsSync(join(desk.downloads, "film.mkv")),
      );
      await until(
        "the kernel says that nothing is left to undo",
        async () => (await desk.count(".undo")) === 0,
      );
    },
  ],

  [
    "a bulk act is asked in a window of its own, and no means no",
    async (desk) => {
      await say(desk, "kindly throw everything in Downloads away");
      await consentWindow(desk);
      await desk.see(".consent-note", "window of its own");
      // What the function does is said by the kernel, long before it is done.
      await desk.see(".step-consent .step-sentence", "For each row: Moves");
      await desk.picture("4-consent");
      desk.keys("Escape");
      await consentGone(desk);
      await desk.see(".step-state", "Refused");
      assert.equal(existsSync(join(desk.downloads, "song.flac")), true);
    },
  ],

  [
    "yes means yes, once it could be read",
    async (desk) => {
      await say(desk, "kindly throw everything in Downloads away");
      await consentWindow(desk);
      await sayYes(desk);
      await until(
        "the file is gone",
        () => !existsSync(join(desk.downloads, "song.flac")),
      );
      await desk.see(".outcome", "Done");
      desk.keys("ctrl+z");
      await until("the file is back", () =>
        existsSync(join(desk.downloads, "song.flac")),
      );
    },
  ],

  [
    "a consent dialog whose process dies asks again",
    async (desk) => {
      await say(desk, "kindly throw everything in Downloads away");
      await consentWindow(desk);
      desk.killNewestPage();
      await pause(READING_MS * 2);
      await consentWindow(desk);
      await desk.picture("4-consent-again");
      desk.keys("Escape");
      await consentGone(desk);
      await desk.see(".step-state", "Refused");
    },
  ],

  [
    "Escape twice in the consent window stops everything",
    async (desk) => {
      await say(desk, "kindly throw everything in Downloads away");
      await consentWindow(desk);
      desk.keys("Escape", "Escape");
      await consentGone(desk);
      await until(
        "nothing runs",
        async () => (await desk.count(".stop")) === 0,
      );
      assert.equal(existsSync(join(desk.downloads, "song.flac")), true);
      assert.deepEqual(await desk.windows("^Lucid$").length, 1);
    },
  ],

  [
    "Escape stops a request that is being thought about",
    async (desk) => {
      await say(desk, "kindly think for ever");
      await desk.see(".stop", "Stop");
      desk.keys("Escape");
      await desk.see(".outcome", "Stopped");
    },
  ],

  [
    "what another program calls waits for the person's yes",
    async (desk) => {
      const song = join(desk.downloads, "song.flac");
      const program = await desk.startProgram();
      const trash = () => program.call("files-trash", { path: song });
      const refused = trash();
      await consentWindow(desk);
      await desk.picture("5-program");
      desk.keys("Escape");
      await consentGone(desk);
      assert.equal((await refused).done, false);
      assert.equal(existsSync(song), true);

      const granted = trash();
      await consentWindow(desk);
      await sayYes(desk);
      const { done, said } = await granted;
      assert.equal(done, true, said);
      assert.equal(existsSync(song), false);
      program.end();
      assert.equal(desk.command("undo").status, 0);
      assert.equal(existsSync(song), true);
    },
  ],

  [
    "why is told",
    async (desk) => {
      await say(desk, BIG);
      await desk.see(".outcome", "Done");
      await desk.click(".why-button");
      await desk.see("lucid-why", "files.find");
      assert.deepEqual(await breaches(desk), []);
      await desk.picture("6-why");
      desk.keys("Escape");
    },
  ],

  [
    "a killed kernel is told, and what was typed stays",
    async (desk) => {
      await desk.killKernel();
      await desk.see(".banner", "The kernel is not running.");
      await desk.script("document.querySelector('#line').focus()");
      desk.type("kindly tell me something");
      await until("the words are in the line", async () =>
        (
          await desk.script("return document.querySelector('#line').value")
        ).endsWith("something"),
      );
      await desk.picture("7-gone");
      assert.deepEqual(await breaches(desk), []);
      desk.keys("Escape");
      await until(
        "Escape hides the overlay without a kernel",
        () => desk.windows("^Lucid$").length === 0,
      );
      desk.showShell();
      await until(
        "it is shown again",
        () => desk.windows("^Lucid$").length > 0,
      );
      await desk.startKernel();
      await until(
        "the banner is gone",
        async () => (await desk.count(".banner")) === 0,
      );
      desk.keys("Return");
      await desk.see(".said", "There is nothing to tell.");
    },
  ],

  [
    "the up arrow brings back what was asked",
    async (desk) => {
      await desk.script("document.querySelector('#line').focus()");
      desk.keys("Up");
      await until(
        "it is in the line",
        async () =>
          (await desk.script(
            "return document.querySelector('#line').value",
          )) === "kindly tell me something",
      );
      desk.keys("ctrl+a", "Delete");
    },
  ],

  [
    "a new shell draws the same, also in dark colours",
    async (desk) => {
      await say(desk, BIG);
      await desk.see(".outcome", "Done");
      await desk.stopShell();
      await desk.startShell("dark");
      await desk.see("tbody", "film.mkv");
      assert.equal(
        await desk.script(
          "return matchMedia('(prefers-color-scheme: dark)').matches",
        ),
        true,
      );
      assert.deepEqual(await breaches(desk), []);
      await desk.picture("8-dark");
    },
  ],
];
