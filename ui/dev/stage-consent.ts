/** Draws the consent dialog for pictures: `?scene=bulk&language=zh`. */

import { mockIPC } from "@tauri-apps/api/mocks";
import { CONSENT } from "./scenes";

const READING_MS = 100;
const query = new URLSearchParams(location.search);
const question = CONSENT[query.get("scene") ?? "one"];
mockIPC((command, args) => {
  if (command !== "consent_connect") return null;
  const channel = (args as { channel: { onmessage: (view: unknown) => void } })
    .channel;
  setTimeout(
    () => channel.onmessage({ ...question, reading_ms: READING_MS }),
    20,
  );
  return query.get("language") ?? "en";
});
await import("../src/consent");
setTimeout(() => {
  document.documentElement.dataset["staged"] = "true";
}, READING_MS + 300);
