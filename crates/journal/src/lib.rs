//! What was asked, what was intended and what came of it, durable before acting.
//!
//! An [`OpenEntry`] is a permitted call whose intent is on disk; it is the only
//! thing that `functions` executes, and only [`Journal::open_entry`] makes one:
//!
//! ```compile_fail
//! fn forge(permitted: policy::PermittedCall) -> journal::OpenEntry {
//!     journal::OpenEntry { id: journal::EntryId(1), permitted, intent: Default::default() }
//! }
//! ```

mod entry;
mod error;
mod file;
mod path_text;
mod rows;
mod schema;
mod store;
#[cfg(test)]
mod tests;

pub use entry::{Check, EntryId, EntryState, Intent, OpenEntry, Outcome, Undo};
pub use error::JournalError;
pub use store::{Journal, StoredEntry, StoredTurn};
