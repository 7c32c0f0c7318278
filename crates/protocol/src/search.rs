//! Instant results while typing.

use serde::{Deserialize, Serialize};

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SearchReport {
    /// Best first.
    pub results: Vec<SearchResult>,
    /// Time taken in the kernel, in milliseconds.
    pub ms: f64,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchResult {
    /// Opaque; given back to `Open`.
    pub id: String,
    /// What it is.
    pub kind: ResultKind,
    /// What to show.
    pub title: String,
    /// A second, quieter line: a folder, a generic name.
    pub subtitle: String,
    /// An icon name of the icon theme, or an absolute path.
    pub icon: String,
    /// Character ranges of `title` that matched, `[start, end)`.
    pub matches: Vec<[usize; 2]>,
}

/// The kind of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultKind {
    /// An installed application.
    App,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A computed value; opening it copies it.
    Calculation,
    /// What an app has found; opening it asks the app to show it.
    Hit,
}
