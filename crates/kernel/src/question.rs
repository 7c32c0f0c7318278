//! What a consent says, and what of a decision is told.

use plan::{Confidentiality, Effect, Integrity};
use policy::{Digest, PermitError, ResolvedArgument, ResolvedCall};
use protocol::{
    DecisionReport, LabelReport, TurnEvent,
    consent::{ConsentArgument, ConsentRequest},
    text::{Language, joined, message, problem},
};

use crate::{
    Kernel,
    carry_out::{Errand, Hindrance},
    resolve,
};

/// What the person is asked about.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// One call.
    One {
        /// The call.
        call: &'a ResolvedCall,
        /// What stands for it.
        digest: &'a Digest,
        /// What it touches, found in the world; empty where its arguments say it.
        touches: &'a str,
    },
    /// Many calls of one function, at least one; each with its digest and what it touches.
    Many(&'a [(Digest, ResolvedCall, String)]),
}

impl Asked<'_> {
    fn call(&self) -> &ResolvedCall {
        match self {
            Asked::One { call, .. } => call,
            Asked::Many(calls) => &calls[0].1,
        }
    }

    /// Every target of a bulk action; none for a single call, whose sentence names it.
    fn targets(&self) -> Vec<String> {
        match self {
            Asked::One { .. } => Vec::new(),
            Asked::Many(calls) => calls
                .iter()
                .map(|(_, call, touches)| target(call, touches))
                .collect(),
        }
    }

    /// A digest over everything that is shown: any change of a call or of what it touches changes it.
    fn digest(&self) -> String {
        let part = |digest: &Digest, touches: &str| format!("{}\0{touches}\0", digest.as_str());
        let all: String = match self {
            Asked::One {
                digest, touches, ..
            } => part(digest, touches),
            Asked::Many(calls) => calls
                .iter()
                .map(|(digest, _, touches)| part(digest, touches))
                .collect(),
        };
        sha256(&all)
    }
}

impl Kernel {
    /// Writes the question, entirely from resolved arguments and the world.
    pub(crate) fn consent_request(
        &self,
        asked: Asked<'_>,
        errand: &Errand,
        reason: &str,
    ) -> ConsentRequest {
        let language = errand.world.language;
        let call = asked.call();
        let argument = |argument: &policy::ResolvedArgument| ConsentArgument {
            name: argument.name.clone(),
            value: resolve::literal(&argument.value),
            from_words: argument.label.integrity == plan::Integrity::User,
        };
        let arguments = match asked {
            Asked::One { .. } => call.arguments.iter().map(argument).collect(),
            Asked::Many(_) => Vec::new(),
        };
        ConsentRequest {
            consent: random_id(),
            turn: errand.turn.clone(),
            function: call.function.to_string(),
            sentence: self.sentence(asked, language),
            reason: self.grounds(call, errand, reason),
            arguments,
            targets: asked.targets(),
            digest: asked.digest(),
            undoable: call.effect == Effect::Reversible,
        }
    }

    /// Says what a call would do, from its label and what it touches.
    fn sentence(&self, asked: Asked<'_>, language: Language) -> String {
        let label = self.label(&asked.call().function, language);
        let action = ("action", label.as_str());
        match asked {
            Asked::One { call, touches, .. } => asked_of_one(call, touches, action, language),
            Asked::Many([(_, call, touches)]) => asked_of_one(call, touches, action, language),
            Asked::Many(calls) => message(
                language,
                "consent-sentence-many",
                &[action, ("count", &calls.len().to_string())],
            ),
        }
    }

    /// Why policy decided so, and that it is another program that asks.
    fn grounds(&self, call: &ResolvedCall, errand: &Errand, reason: &str) -> String {
        let language = errand.world.language;
        let why = message(language, self.reason(call, reason), &[]);
        let tells_so = ["policy-asked-by-program", "policy-read-for-program"].contains(&reason);
        match errand.is_for_program && !tells_so {
            true => joined(
                &message(language, "policy-asked-by-program", &[]),
                &why,
                language,
            ),
            false => why,
        }
    }

    /// Policy's reason, but for what apps offer: of that nobody knows whether it can be undone.
    fn reason<'r>(&self, call: &ResolvedCall, reason: &'r str) -> &'r str {
        let function = self.function(&call.function);
        let is_offered = function.is_some_and(|function| function.offered.is_some());
        match reason {
            "policy-irreversible" if is_offered => "policy-offered",
            reason => reason,
        }
    }

    /// Tells what policy decided about a call.
    pub(crate) fn tell_decision(
        &self,
        errand: &Errand,
        call: &ResolvedCall,
        decision: &str,
        reason: &str,
    ) {
        let decision = DecisionReport {
            call: resolve::written(call),
            decision: decision.to_owned(),
            reason: self.grounds(call, errand, reason),
            labels: call.arguments.iter().map(label).collect(),
        };
        self.turns.tell(
            &errand.turn,
            TurnEvent::Decided {
                index: errand.statement,
                decision,
            },
        );
    }

    /// Says that policy denied a call.
    pub(crate) fn denied(&self, errand: &Errand, call: &ResolvedCall, reason: &str) -> Hindrance {
        let language = errand.world.language;
        let why = message(language, reason, &[]);
        Hindrance::Refused(problem(
            language,
            "policy-denied",
            &[("function", call.function.as_str()), ("reason", &why)],
        ))
    }

    /// Says that a consent did not fit its call, which never should be.
    pub(crate) fn permit_failed(&self, errand: &Errand, error: &PermitError) -> Hindrance {
        tracing::error!(%error, "a consent did not fit");
        Hindrance::Refused(problem(errand.world.language, "consent-unfit", &[]))
    }
}

/// Asks about one call, with what it touches.
fn asked_of_one(
    call: &ResolvedCall,
    touches: &str,
    action: (&str, &str),
    language: Language,
) -> String {
    match target(call, touches) {
        target if target.is_empty() => message(language, "consent-sentence", &[action]),
        target => message(
            language,
            "consent-sentence-on",
            &[action, ("target", &target)],
        ),
    }
}

/// Names what a call touches: as the world says, else its critical arguments that are not defaults.
fn target(call: &ResolvedCall, touches: &str) -> String {
    if !touches.is_empty() {
        return plan::escape_for_display(touches);
    }
    let critical = call.arguments.iter().filter(|argument| {
        argument.role == plan::Role::Critical
            && argument.value != plan::Value::Null
            && argument.label != plan::Label::SYSTEM
    });
    critical
        .map(|argument| resolve::literal(&argument.value))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Where an argument comes from.
fn label(argument: &ResolvedArgument) -> LabelReport {
    let integrity = match argument.label.integrity {
        Integrity::User => "user",
        Integrity::System => "system",
        Integrity::Untrusted => "untrusted",
    };
    LabelReport {
        argument: argument.name.clone(),
        integrity: integrity.to_owned(),
        private: argument.label.confidentiality == Confidentiality::Private,
    }
}

fn random_id() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("Linux gives random bytes once it has booted");
    hex::encode(bytes)
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(text))
}
