//! Who may do what: a pure decision over a resolved call and its labels.
//!
//! This crate does no I/O. Only it can make a [`PermittedCall`], and only a
//! permitted call can be journaled and executed.

mod call;
mod decide;
mod digest;
mod permit;
mod rules;
#[cfg(test)]
mod tests;

pub use call::{ResolvedArgument, ResolvedCall};
pub use decide::{Decision, REASONS, decide, decide_among};
pub use digest::Digest;
pub use permit::{Consent, Permission, PermitError, PermittedCall};
pub use rules::{Rule, Rules, RulesError};
