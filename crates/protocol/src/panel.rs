//! Panels on the wire: A2UI v0.9 messages down, actions up.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One A2UI v0.9 message (`createSurface`, `updateComponents`, `updateDataModel`, `deleteSurface`).
///
/// Kept as JSON here; `panel` builds and validates it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PanelMessage(pub Value);

/// Something the person did to a part of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PanelAction {
    /// The surface.
    pub surface: String,
    /// The component's id.
    pub component: String,
    /// Which of the component's actions: a function's name for rows, `press` or `change` for controls.
    pub verb: String,
    /// The row's handle, where a row was acted on.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The new value of a toggle, slider or input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Used once; a second action with the same nonce is ignored, because a reload may send it again.
    pub nonce: String,
    /// The language of the shell, `en` or `zh`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}
