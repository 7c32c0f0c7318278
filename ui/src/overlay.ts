/** The overlay's page. */

import "./view/overlay";
