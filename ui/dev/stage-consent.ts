/** Draws the consent dialog for pictures: `?scene=bulk&language=zh`. */

import { mockIPC } from "@tauri-apps/api/mocks";

const query = new URLSearchParams(location.search);
const bulk = query.get("scene") === "bulk";
const request = {
  consent: "c1",
  turn: "t3",
  function: bulk ? "files.trash" : "system.kill",
  sentence: bulk
    ? "Move 14 files to the trash."
    : "End the process firefox (4242).",
  reason: bulk
    ? "The files were found by a search, not named by you."
    : "Ending a process cannot be undone; unsaved work in it is lost.",
  arguments: bulk
    ? [
        {
          name: "items",
          value: "14 files of the search “f”",
          from_words: false,
        },
      ]
    : [
        { name: "process", value: "firefox (4242)", from_words: false },
        { name: "signal", value: "TERM", from_words: true },
      ],
  targets: bulk
    ? Array.from(
        { length: 14 },
        (_, n) => `/home/ada/Downloads/⟨U+202E⟩old file ${n}.iso`,
      )
    : [],
  digest: "d",
  undoable: bulk,
};
mockIPC((command, args) => {
  if (command !== "consent_connect") return null;
  const channel = (args as { channel: { onmessage: (view: unknown) => void } })
    .channel;
  setTimeout(
    () => channel.onmessage({ request, behind: bulk ? 2 : 0, reading_ms: 100 }),
    20,
  );
  return query.get("language") ?? "en";
});
await import("../src/consent");
