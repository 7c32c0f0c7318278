//! The names that exist on this machine now.

use std::collections::BTreeMap;

/// Names that a plan may mention and that change from day to day.
///
/// They are values of arguments only: no name of this kind decides what a plan does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LiveNames {
    /// Installed applications, as people call them.
    pub apps: Vec<String>,
    /// The live names of each source, such as `audio.output`.
    pub sources: BTreeMap<String, Vec<String>>,
}

impl LiveNames {
    /// Returns the names of a source; empty when it is unknown.
    pub fn of(&self, source: &str) -> &[String] {
        self.sources.get(source).map_or(&[], Vec::as_slice)
    }
}
