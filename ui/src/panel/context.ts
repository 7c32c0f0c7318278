/** What every part of a panel needs to draw itself and to act. */

import type { Format } from "../format";
import type { Words } from "../words";
import type { Press } from "../wire";
import type { Surface } from "./surfaces";

export interface PanelContext {
  words: Words;
  format: Format;
  surface: Surface;
  /** Sends a press; resolves to whether it was done. */
  act: (press: Omit<Press, "surface">) => Promise<boolean>;
}
