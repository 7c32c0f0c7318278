//! One call on its way: policy, consent, journal, act, journal.

use std::{sync::Arc, time::Duration};

use functions::{FunctionError, Settlement, World};
use journal::{EntryId, EntryState, Intent, OpenEntry, Outcome};
use plan::Effect;
use policy::{Consent, Digest, Permission, PermittedCall, ResolvedCall};
use protocol::{
    DecisionReport, Problem, TurnEvent, TurnId,
    consent::{ConsentArgument, ConsentRequest, Role},
    text::{message, problem},
};
use tokio_util::sync::CancellationToken;

use crate::{Kernel, problems, resolve};

/// How long an act that has begun may go on after a stop before it is abandoned and
/// its state is read from the world. Long enough for a rename, a bus call, a write.
const GRACE: Duration = Duration::from_secs(2);

/// What a call needs to know about its turn.
#[derive(Clone)]
pub(crate) struct Errand {
    /// The turn.
    pub(crate) turn: TurnId,
    /// The index of the statement in its plan.
    pub(crate) statement: usize,
    /// Who answers consents.
    pub(crate) audience: Role,
    /// Stops it.
    pub(crate) cancel: CancellationToken,
    /// What it acts on.
    pub(crate) world: World,
}

/// Why a call was not carried out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Hindrance {
    /// Policy or the person said no.
    Refused(Problem),
    /// It was tried and failed, or could not be tried.
    Failed(Problem),
    /// The turn was stopped.
    Stopped,
}

/// How a call was permitted.
enum Passage {
    /// Without a question, so that no time has passed.
    AtOnce(PermittedCall),
    /// The person has agreed, after some time.
    AfterConsent(PermittedCall),
}

impl From<FunctionError> for Hindrance {
    fn from(error: FunctionError) -> Hindrance {
        Hindrance::Failed(error.problem)
    }
}

impl Kernel {
    /// Carries out one call.
    ///
    /// # Errors
    ///
    /// A [`Hindrance`]; the journal says what was begun.
    pub(crate) async fn carry_out(
        self: &Arc<Kernel>,
        call: ResolvedCall,
        errand: &Errand,
    ) -> Result<Outcome, Hindrance> {
        self.carry_out_undoing(call, errand, None).await
    }

    /// As [`Kernel::carry_out`], taking back the entry `undoes`.
    ///
    /// # Errors
    ///
    /// As [`Kernel::carry_out`].
    pub(crate) async fn carry_out_undoing(
        self: &Arc<Kernel>,
        call: ResolvedCall,
        errand: &Errand,
        undoes: Option<EntryId>,
    ) -> Result<Outcome, Hindrance> {
        // Looking before asking spares the person a question about a file that is not there.
        let intent = self.registry.intend(&call, &errand.world).await?;
        match self.permit(call, errand).await? {
            Passage::AtOnce(permitted) => self.act(permitted, intent, errand, undoes).await,
            Passage::AfterConsent(permitted) => self.look_and_act(permitted, errand, undoes).await,
        }
    }

    /// Carries out many calls of one function with at most one question about all of them.
    ///
    /// Goes on after a failure, so that one locked file does not hinder the others;
    /// the first hindrance is returned beside the outcomes.
    pub(crate) async fn carry_out_each(
        self: &Arc<Kernel>,
        calls: Vec<ResolvedCall>,
        errand: &Errand,
    ) -> (Vec<Outcome>, Option<Hindrance>) {
        let permitted = match self.permit_each(calls, errand).await {
            Ok(permitted) => permitted,
            Err(hindrance) => return (Vec::new(), Some(hindrance)),
        };
        let mut outcomes = Vec::new();
        let mut hindrance = None;
        for permitted in permitted {
            if errand.cancel.is_cancelled() {
                return (outcomes, Some(Hindrance::Stopped));
            }
            match self.look_and_act(permitted, errand, None).await {
                Ok(outcome) => outcomes.push(outcome),
                Err(Hindrance::Stopped) => return (outcomes, Some(Hindrance::Stopped)),
                Err(other) => hindrance = hindrance.or(Some(other)),
            }
        }
        (outcomes, hindrance)
    }

    async fn permit(&self, call: ResolvedCall, errand: &Errand) -> Result<Passage, Hindrance> {
        match PermittedCall::ask(call, &self.rules) {
            Permission::Permitted(permitted) => {
                self.tell_decision(errand, permitted.call(), "allow", permitted.reason());
                Ok(Passage::AtOnce(permitted))
            }
            Permission::Denied(call, reason) => {
                self.tell_decision(errand, &call, "deny", reason);
                Err(self.denied(errand, &call, reason))
            }
            Permission::NeedsConsent(call, reason) => {
                self.tell_decision(errand, &call, "confirm", reason);
                let shown = Digest::of(&call);
                let request = self.consent_request(
                    &call,
                    errand,
                    reason,
                    Vec::new(),
                    shown.as_str().to_owned(),
                );
                self.question(errand, request).await?;
                PermittedCall::consented(call, Consent::given_to(shown), &self.rules)
                    .map(Passage::AfterConsent)
                    .map_err(|error| self.permit_failed(errand, &error))
            }
        }
    }

    /// Permits all or none. What needs a consent is asked in one question with the whole list.
    async fn permit_each(
        &self,
        calls: Vec<ResolvedCall>,
        errand: &Errand,
    ) -> Result<Vec<PermittedCall>, Hindrance> {
        let mut permitted = Vec::new();
        let mut asked = Vec::new();
        let mut why = "";
        let count = calls.len();
        for call in calls {
            match PermittedCall::ask_among(call, count, &self.rules) {
                Permission::Permitted(call) => permitted.push(call),
                Permission::Denied(call, reason) => {
                    self.tell_decision(errand, &call, "deny", reason);
                    return Err(self.denied(errand, &call, reason));
                }
                Permission::NeedsConsent(call, reason) => {
                    why = reason;
                    asked.push(call);
                }
            }
        }
        if let Some(first) = permitted.first() {
            self.tell_decision(errand, first.call(), "allow", first.reason());
        }
        let Some(first) = asked.first() else {
            return Ok(permitted);
        };
        self.tell_decision(errand, first, "confirm", why);
        let digests: Vec<Digest> = asked.iter().map(Digest::of).collect();
        let targets = asked.iter().map(target).collect();
        // The digest of the list is that of the digests in order: any change changes it.
        let all: String = digests.iter().map(Digest::as_str).collect();
        let request = self.consent_request(first, errand, why, targets, sha256(&all));
        self.question(errand, request).await?;
        for (call, digest) in asked.into_iter().zip(digests) {
            let consented = PermittedCall::consented(call, Consent::given_to(digest), &self.rules);
            permitted.push(consented.map_err(|error| self.permit_failed(errand, &error))?);
        }
        Ok(permitted)
    }

    /// Puts a question and waits; a stop counts as no.
    async fn question(&self, errand: &Errand, request: ConsentRequest) -> Result<(), Hindrance> {
        let consent = request.consent.clone();
        self.turns.tell(
            &errand.turn,
            TurnEvent::ConsentAsked {
                request: request.clone(),
            },
        );
        if errand.audience == Role::Shell {
            self.overlay
                .ensure_running(crate::overlay::Appearance::Hidden)
                .await;
        }
        let granted = tokio::select! {
            granted = self.broker.ask(errand.audience.clone(), request) => granted,
            () = errand.cancel.cancelled() => return Err(Hindrance::Stopped),
        };
        self.turns.tell(
            &errand.turn,
            TurnEvent::ConsentAnswered { consent, granted },
        );
        if granted {
            Ok(())
        } else {
            Err(Hindrance::Refused(problem(
                errand.world.language,
                "consent-refused",
                &[],
            )))
        }
    }

    fn consent_request(
        &self,
        call: &ResolvedCall,
        errand: &Errand,
        reason: &str,
        targets: Vec<String>,
        digest: String,
    ) -> ConsentRequest {
        let language = errand.world.language;
        let argument = |argument: &policy::ResolvedArgument| ConsentArgument {
            name: argument.name.clone(),
            value: resolve::literal(&argument.value),
            from_words: argument.label.integrity == plan::Integrity::User,
        };
        ConsentRequest {
            consent: random_id(),
            turn: errand.turn.clone(),
            function: call.function.to_string(),
            sentence: self.sentence(call, targets.len(), language),
            reason: message(language, reason, &[]),
            arguments: if targets.is_empty() {
                call.arguments.iter().map(argument).collect()
            } else {
                Vec::new()
            },
            targets,
            digest,
            undoable: call.effect == Effect::Reversible,
        }
    }

    /// Says what a call would do, from its label and its literal arguments.
    fn sentence(
        &self,
        call: &ResolvedCall,
        count: usize,
        language: protocol::text::Language,
    ) -> String {
        let label = self.label(&call.function, language);
        match (count, target(call)) {
            (0, target) if target.is_empty() => {
                message(language, "consent-sentence", &[("action", &label)])
            }
            (0, target) => message(
                language,
                "consent-sentence-on",
                &[("action", &label), ("target", &target)],
            ),
            (count, _) => message(
                language,
                "consent-sentence-many",
                &[("action", &label), ("count", &count.to_string())],
            ),
        }
    }

    fn tell_decision(&self, errand: &Errand, call: &ResolvedCall, decision: &str, reason: &str) {
        let decision = DecisionReport {
            call: resolve::written(call),
            decision: decision.to_owned(),
            reason: message(errand.world.language, reason, &[]),
        };
        self.turns.tell(
            &errand.turn,
            TurnEvent::Decided {
                index: errand.statement,
                decision,
            },
        );
    }

    fn denied(&self, errand: &Errand, call: &ResolvedCall, reason: &str) -> Hindrance {
        let language = errand.world.language;
        let why = message(language, reason, &[]);
        Hindrance::Refused(problem(
            language,
            "policy-denied",
            &[("function", call.function.as_str()), ("reason", &why)],
        ))
    }

    fn permit_failed(&self, errand: &Errand, error: &policy::PermitError) -> Hindrance {
        Hindrance::Refused(problem(
            errand.world.language,
            "policy-denied",
            &[("function", ""), ("reason", &error.to_string())],
        ))
    }

    /// Reads the world for a call that has waited, as the world may have moved on, and acts.
    async fn look_and_act(
        self: &Arc<Kernel>,
        permitted: PermittedCall,
        errand: &Errand,
        undoes: Option<EntryId>,
    ) -> Result<Outcome, Hindrance> {
        let intent = self
            .registry
            .intend(permitted.call(), &errand.world)
            .await?;
        self.act(permitted, intent, errand, undoes).await
    }

    /// Journals a permitted call, acts, and journals what came of it.
    async fn act(
        self: &Arc<Kernel>,
        permitted: PermittedCall,
        intent: Intent,
        errand: &Errand,
        undoes: Option<EntryId>,
    ) -> Result<Outcome, Hindrance> {
        let language = errand.world.language;
        let turn = errand.turn.0.clone();
        let entry = self
            .ledger
            .with(move |journal| journal.open_entry(&turn, permitted, intent, undoes))
            .await;
        let entry =
            entry.map_err(|error| Hindrance::Failed(problems::journal(language, &error)))?;
        let (id, effect) = (entry.id(), entry.call().effect);
        let mut task = tokio::spawn(act_and_close(self.clone(), entry, errand.world.clone()));
        tokio::select! {
            done = &mut task => return finished(done, language),
            () = errand.cancel.cancelled() => {}
        }
        if effect > Effect::Read
            && let Ok(done) = tokio::time::timeout(GRACE, &mut task).await
        {
            return finished(done, language);
        }
        task.abort();
        // Joining makes sure that nothing acts any more before the world is read.
        let _ = task.await;
        if let Err(error) = self.settle_abandoned(id, effect, &errand.world).await {
            return Err(Hindrance::Failed(problems::journal(language, &error)));
        }
        Err(Hindrance::Stopped)
    }

    /// Settles an entry whose act was cut off by a stop.
    async fn settle_abandoned(
        &self,
        id: EntryId,
        effect: Effect,
        world: &World,
    ) -> Result<(), journal::JournalError> {
        if effect == Effect::Read {
            return self
                .ledger
                .with(move |journal| journal.settle(id, EntryState::Failed, None, "stopped"))
                .await;
        }
        let unsettled = self.ledger.with(|journal| journal.unsettled()).await?;
        for entry in unsettled.into_iter().filter(|entry| entry.id == id) {
            self.settle_entry(entry, world).await?;
        }
        Ok(())
    }

    /// Reads from the world whether an open entry was carried out, and journals it.
    ///
    /// # Errors
    ///
    /// Those of the journal.
    pub(crate) async fn settle_entry(
        &self,
        entry: journal::StoredEntry,
        world: &World,
    ) -> Result<(), journal::JournalError> {
        let settlement = self
            .registry
            .settle(&entry.call, &entry.intent, world)
            .await;
        let (state, outcome, note) = match settlement {
            Settlement::Done(outcome) => (EntryState::Done, Some(outcome), "settle-done"),
            Settlement::NotDone => (EntryState::Failed, None, "settle-not-done"),
            Settlement::Unknown | Settlement::ByChecks => {
                (EntryState::Unknown, None, "settle-unknown")
            }
        };
        let note = message(world.language, note, &[]);
        let id = entry.id;
        self.ledger
            .with(move |journal| journal.settle(id, state, outcome.as_ref(), &note))
            .await
    }
}

/// The part that goes on in a task of its own, so that a stop cannot part the act from its record.
async fn act_and_close(
    kernel: Arc<Kernel>,
    entry: OpenEntry,
    world: World,
) -> Result<Outcome, FunctionError> {
    let (entry, result) = kernel.registry.execute(entry, &world).await;
    let recorded = match &result {
        Ok(outcome) => {
            let outcome = outcome.clone();
            kernel
                .ledger
                .with(move |journal| journal.close_done(entry, &outcome))
                .await
        }
        Err(error) => {
            let note = error.problem.sentence.clone();
            kernel
                .ledger
                .with(move |journal| journal.close_failed(entry, &note))
                .await
        }
    };
    if let Err(error) = recorded {
        // The entry stays open and is settled by reading the world at the next start.
        problems::journal(world.language, &error);
    }
    result
}

fn finished(
    done: Result<Result<Outcome, FunctionError>, tokio::task::JoinError>,
    language: protocol::text::Language,
) -> Result<Outcome, Hindrance> {
    match done {
        Ok(result) => result.map_err(Hindrance::from),
        Err(panicked) => {
            tracing::error!(%panicked, "a function panicked");
            Err(Hindrance::Failed(problem(
                language,
                "function-panicked",
                &[],
            )))
        }
    }
}

/// Names what a call touches: its critical arguments that are not defaults.
fn target(call: &ResolvedCall) -> String {
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

fn random_id() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("Linux gives random bytes once it has booted");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
