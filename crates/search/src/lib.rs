//! The instant launcher: apps and files while the person types.
//!
//! No model and no bus is asked: everything is in memory. Apps are few and
//! matched afresh for each key; files are many, indexed in the background,
//! and narrowed in steps so that each key looks at all of them.

mod apps;
mod files;
mod frecency;
mod names;
mod searcher;

pub use apps::AppEntry;
pub use files::FileIndex;
pub use frecency::Frecency;
pub use searcher::{Searcher, Target};
