//! What was asked, what was intended and what came of it, durable before acting.
//!
//! An [`OpenEntry`] is a permitted call whose intent is on disk; it is the only
//! thing that `functions` executes.

mod entry;
mod store;

pub use entry::{Check, EntryId, EntryState, Intent, OpenEntry, Outcome, Undo};
pub use store::{Journal, JournalError, StoredEntry, StoredTurn};
