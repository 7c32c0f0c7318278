//! The decision.

use crate::ResolvedCall;

/// What the person and the installation have set up about functions.
#[derive(Debug, Clone, Default)]
pub struct Rules {}

/// What may happen with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may run now.
    Allow {
        /// The rule, as a message id of the catalogue.
        reason: &'static str,
    },
    /// The person is asked first.
    Confirm {
        /// Why, as a message id of the catalogue.
        reason: &'static str,
    },
    /// It never runs.
    Deny {
        /// Why, as a message id of the catalogue.
        reason: &'static str,
    },
}

/// Decides about `call` under `rules`; pure and total, unknown means the most careful class.
pub fn decide(call: &ResolvedCall, rules: &Rules) -> Decision {
    let _ = (call, rules);
    Decision::Deny {
        reason: "policy-unknown",
    }
}
