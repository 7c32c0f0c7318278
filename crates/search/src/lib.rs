//! The instant launcher: apps and files while the person types.
//!
//! No model and no bus is asked: everything is in memory. Apps are few and
//! matched afresh for each key; files are many, indexed in the background,
//! and matched on their own threads by `nucleo`, which narrows the last
//! matches when a key was appended.

mod apps;
mod files;
mod frecency;
mod searcher;

pub use apps::AppEntry;
pub use files::FileIndex;
pub use frecency::Frecency;
pub use searcher::{Searcher, Target};
