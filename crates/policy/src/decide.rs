//! The decision.

use plan::{Confidentiality, Effect, Integrity, Role, Value};

use crate::{ResolvedArgument, ResolvedCall, Rule, Rules};

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

/// Every reason that [`decide`] and [`crate::PermittedCall::ask_for_program`] can give; each is a message of the catalogue.
pub const REASONS: &[&str] = &[
    "policy-read",
    "policy-transient",
    "policy-transient-found",
    "policy-reversible",
    "policy-egress-public",
    "policy-rule-allow",
    "policy-found-target",
    "policy-every-target",
    "policy-bulk",
    "policy-irreversible",
    "policy-irreversible-found",
    "policy-egress-private",
    "policy-egress-found",
    "policy-egress-unknown",
    "policy-rule-confirm",
    "policy-rule-never",
    "policy-rules-broken",
    "policy-private-to-found",
    "policy-asked-by-program",
    "policy-read-for-program",
];

/// Decides about `call` under `rules`; pure and total, unknown means the most careful class.
///
/// The decision rests on the effect, on who chose the critical arguments, and
/// for what leaves the machine on how private the rest is:
///
/// | effect | targets from the person's words | otherwise |
/// |---|---|---|
/// | read | allow | allow |
/// | transient | allow | allow |
/// | reversible | allow, with an undo | confirm |
/// | irreversible | confirm | confirm |
/// | egress | allow public data, else confirm | confirm; private data: deny |
///
/// A target that stands for everything (`*`, `/`), or a call with more targets
/// than the rules let pass, is confirmed whoever chose it. A more careful label
/// never gives a laxer decision.
pub fn decide(call: &ResolvedCall, rules: &Rules) -> Decision {
    decide_among(call, 1, rules)
}

/// Decides about one of `count` calls that are one act: what [`decide`] allows is
/// confirmed when there are more of them than the rules let pass.
pub fn decide_among(call: &ResolvedCall, count: usize, rules: &Rules) -> Decision {
    match decide_alone(call, rules) {
        Decision::Allow { .. } if count > rules.bulk() && call.effect != Effect::Read => {
            confirm("policy-bulk")
        }
        decision => decision,
    }
}

fn decide_alone(call: &ResolvedCall, rules: &Rules) -> Decision {
    if rules.are_broken() && call.effect != Effect::Read {
        return deny("policy-rules-broken");
    }
    let decision = by_effect(call, rules);
    match (rules.rule(&call.function), &decision) {
        (_, Decision::Deny { .. }) => decision,
        (Some(Rule::Never), _) => deny("policy-rule-never"),
        (Some(Rule::Confirm), Decision::Allow { .. }) => confirm("policy-rule-confirm"),
        _ => decision,
    }
}

fn by_effect(call: &ResolvedCall, rules: &Rules) -> Decision {
    match call.effect {
        Effect::Read => allow("policy-read"),
        Effect::Transient => transient(call, rules),
        Effect::Reversible => reversible(call, rules),
        Effect::Irreversible if targets_found(call) => confirm("policy-irreversible-found"),
        Effect::Irreversible => confirm("policy-irreversible"),
        Effect::Egress => egress(call, rules),
    }
}

fn transient(call: &ResolvedCall, rules: &Rules) -> Decision {
    if is_bulk(call, rules) {
        confirm("policy-bulk")
    } else if targets_found(call) {
        allow("policy-transient-found")
    } else {
        allow("policy-transient")
    }
}

fn reversible(call: &ResolvedCall, rules: &Rules) -> Decision {
    if has_every_target(call) {
        confirm("policy-every-target")
    } else if is_bulk(call, rules) {
        confirm("policy-bulk")
    } else if !targets_found(call) {
        allow("policy-reversible")
    } else if rules.rule(&call.function) == Some(Rule::Allow) {
        allow("policy-rule-allow")
    } else {
        confirm("policy-found-target")
    }
}

fn egress(call: &ResolvedCall, rules: &Rules) -> Decision {
    match (targets_found(call), carries_private(call)) {
        (true, true) => deny("policy-private-to-found"),
        (true, false) => confirm("policy-egress-found"),
        (false, true) => confirm("policy-egress-private"),
        (false, false) if critical(call).next().is_none() => confirm("policy-egress-unknown"),
        (false, false) if has_every_target(call) => confirm("policy-every-target"),
        (false, false) if is_bulk(call, rules) => confirm("policy-bulk"),
        (false, false) => allow("policy-egress-public"),
    }
}

fn critical(call: &ResolvedCall) -> impl Iterator<Item = &ResolvedArgument> {
    call.arguments
        .iter()
        .filter(|argument| argument.role == Role::Critical)
}

/// Tells whether anything but the person or the system chose a target.
fn targets_found(call: &ResolvedCall) -> bool {
    critical(call).any(|argument| argument.label.integrity == Integrity::Untrusted)
}

/// Tells whether any argument is private: a critical one leaves the machine as well.
fn carries_private(call: &ResolvedCall) -> bool {
    call.arguments
        .iter()
        .any(|argument| argument.label.confidentiality == Confidentiality::Private)
}

/// Tells whether a target stands for everything, or for nothing that is known.
fn has_every_target(call: &ResolvedCall) -> bool {
    critical(call).any(|argument| is_everything(&argument.value))
}

fn is_everything(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => {
            text.contains('*') || matches!(text.trim(), "" | "/" | "~" | "~/" | "." | "..")
        }
        Value::List(items) => items.iter().any(is_everything),
        Value::Record(fields) => fields.values().any(is_everything),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_bulk(call: &ResolvedCall, rules: &Rules) -> bool {
    critical(call).any(|argument| targets(&argument.value) > rules.bulk())
}

/// Counts what a value names.
fn targets(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(targets).sum(),
        _ => 1,
    }
}

fn allow(reason: &'static str) -> Decision {
    Decision::Allow { reason }
}

fn confirm(reason: &'static str) -> Decision {
    Decision::Confirm { reason }
}

fn deny(reason: &'static str) -> Decision {
    Decision::Deny { reason }
}
