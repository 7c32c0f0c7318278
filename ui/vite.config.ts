import { defineConfig } from "vitest/config";

export default defineConfig({
  // Debian 12's WebKitGTK is far newer than this; the older syntax costs nothing.
  build: {
    target: "safari16.4",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "consent.html"] },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
  },
});
