// The real shell with the real kernel, driven through WebDriver and real keys.
//
// `LUCID_BIN_DIR=FOLDER npm run e2e`: FOLDER holds `lucidd` and `lucid-shell`.
// Everything runs in a display, a bus and a home of its own and is gone at the
// end. Pictures of what was seen are left in LUCID_E2E_PICTURES, when set.

import { Desk } from "./desk.mjs";
import { steps } from "./steps.mjs";

const binaries = process.env.LUCID_BIN_DIR;
if (!binaries) {
  console.error("LUCID_BIN_DIR must name the folder of lucidd and lucid-shell");
  process.exit(2);
}
const desk = await Desk.open(binaries);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void desk.close().then(() => process.exit(130)));
}
let failed = 0;
try {
  await desk.start();
  for (const [name, step] of steps) {
    const begun = Date.now();
    try {
      await step(desk);
      console.log(`ok   ${name} (${Date.now() - begun} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}: ${error.stack ?? error}`);
      await desk.picture(`failed-${failed}`);
      console.log(await desk.pageText());
    }
  }
} finally {
  if (failed > 0) desk.printLogs();
  await desk.close();
}
console.log(
  failed === 0
    ? `all ${steps.length} steps passed`
    : `${failed} of ${steps.length} steps failed`,
);
process.exit(failed === 0 ? 0 : 1);
