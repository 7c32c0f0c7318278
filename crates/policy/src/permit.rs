//! Permissions: the only way from a decision to an act.

use plan::Effect;

use crate::{Decision, Digest, ResolvedCall, Rule, Rules, decide, decide_among};

/// The person's yes to one exact call; consumed by use.
///
/// ```compile_fail,E0382
/// # use policy::{Consent, PermittedCall, ResolvedCall, Rules};
/// fn reuse(first: ResolvedCall, second: ResolvedCall, consent: Consent, rules: &Rules) {
///     let _ = PermittedCall::consented(first, consent, rules);
///     let _ = PermittedCall::consented(second, consent, rules);
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Consent {
    digest: Digest,
}

impl Consent {
    /// Makes a consent from the digest that the person was shown. Only the code
    /// that speaks the private consent socket calls this, and what runs a plugin's tests in a world of their own.
    pub fn given_to(shown: Digest) -> Consent {
        Consent { digest: shown }
    }
}

/// What became of a call that was put to the policy.
#[derive(Debug, PartialEq)]
pub enum Permission {
    /// It may run.
    Permitted(PermittedCall),
    /// The person must be asked; [`PermittedCall::consented`] goes on.
    NeedsConsent(ResolvedCall, &'static str),
    /// It never runs.
    Denied(ResolvedCall, &'static str),
}

/// A call that policy has permitted. There is no other way to make one.
///
/// It cannot be built outside of this crate:
///
/// ```compile_fail,E0451
/// fn forge(call: policy::ResolvedCall) -> policy::PermittedCall {
///     policy::PermittedCall { call, reason: "because I say so" }
/// }
/// ```
///
/// nor be copied, so that one permission gives one act:
///
/// ```compile_fail,E0599
/// fn twice(permitted: &policy::PermittedCall) -> policy::PermittedCall {
///     permitted.clone()
/// }
/// ```
///
/// nor be changed once it is permitted:
///
/// ```compile_fail,E0616
/// fn change(permitted: &mut policy::PermittedCall) {
///     permitted.call.arguments.clear();
/// }
/// ```
#[derive(Debug, PartialEq)]
pub struct PermittedCall {
    call: ResolvedCall,
    reason: &'static str,
}

/// A consent did not fit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PermitError {
    /// The call is not the one that was shown.
    #[error("the call changed after it was consented")]
    Changed,
    /// Policy denies the call whatever the person says.
    #[error("policy denies the call: {0}")]
    Denied(&'static str),
}

impl PermittedCall {
    /// Puts `call` to the policy.
    pub fn ask(call: ResolvedCall, rules: &Rules) -> Permission {
        PermittedCall::ask_among(call, 1, rules)
    }

    /// Puts `call` to the policy as one of `count` that are one act, such as those of an `each`.
    pub fn ask_among(call: ResolvedCall, count: usize, rules: &Rules) -> Permission {
        match decide_among(&call, count, rules) {
            Decision::Allow { reason } => Permission::Permitted(PermittedCall { call, reason }),
            Decision::Confirm { reason } => Permission::NeedsConsent(call, reason),
            Decision::Deny { reason } => Permission::Denied(call, reason),
        }
    }

    /// Puts `call` to the policy for another program: nothing in it is the person's choice, and the program is told what
    /// comes of it. So the person is asked about every call, unless a rule allows the function and what it does can be
    /// taken back.
    pub fn ask_for_program(call: ResolvedCall, rules: &Rules) -> Permission {
        let is_allowed =
            call.effect <= Effect::Reversible && rules.rule(&call.function) == Some(Rule::Allow);
        match PermittedCall::ask(call, rules) {
            Permission::Permitted(permitted) if !is_allowed => {
                let reason = match permitted.call.effect {
                    Effect::Read => "policy-read-for-program",
                    _ => "policy-asked-by-program",
                };
                Permission::NeedsConsent(permitted.call, reason)
            }
            permission => permission,
        }
    }

    /// Permits `call` with the person's `consent`, which is used up.
    ///
    /// # Errors
    ///
    /// [`PermitError::Changed`] if the consent was given to another call,
    /// [`PermitError::Denied`] if policy denies it regardless.
    pub fn consented(
        call: ResolvedCall,
        consent: Consent,
        rules: &Rules,
    ) -> Result<PermittedCall, PermitError> {
        if Digest::of(&call) != consent.digest {
            return Err(PermitError::Changed);
        }
        match decide(&call, rules) {
            Decision::Deny { reason } => Err(PermitError::Denied(reason)),
            Decision::Allow { reason } | Decision::Confirm { reason } => {
                Ok(PermittedCall { call, reason })
            }
        }
    }

    /// Returns the call.
    pub fn call(&self) -> &ResolvedCall {
        &self.call
    }

    /// Returns the rule that permitted it, as a message id of the catalogue.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}
