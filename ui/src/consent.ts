/** The consent dialog's page. */

import "./view/consent";
