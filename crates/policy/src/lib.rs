//! Who may do what: a pure decision over a resolved call and its labels.
//!
//! This crate does no I/O. Only it can make a [`PermittedCall`], and only a
//! permitted call can be journaled and executed.

mod call;
mod decide;
mod permit;

pub use call::{ResolvedArgument, ResolvedCall};
pub use decide::{Decision, Rules, decide};
pub use permit::{Consent, Digest, Permission, PermitError, PermittedCall};
