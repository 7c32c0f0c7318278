//! One call on its way: permission, journal, act, journal.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use functions::{FunctionError, Settlement, World};
use journal::{Check, EntryId, EntryState, Intent, OpenEntry, Outcome};
use plan::Effect;
use policy::{PermittedCall, ResolvedCall};
use protocol::{
    Problem, TurnId,
    consent::Role,
    text::{Language, joined, message, problem},
};
use tokio_util::sync::CancellationToken;

use crate::{Kernel, permission::Passage, problems, reader::Reading};

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
    /// The statement as it is written.
    pub(crate) line: String,
    /// Who answers consents.
    pub(crate) audience: Role,
    /// Whether another program asked for it, which is told what comes of it.
    pub(crate) is_for_program: bool,
    /// Stops it.
    pub(crate) cancel: CancellationToken,
    /// What it acts on.
    pub(crate) world: World,
    /// What its readers cost.
    pub(crate) reading: Reading,
    /// When the turn was asked for.
    pub(crate) begun: Instant,
    /// How long after that its first act began, with its intent durable.
    pub(crate) first_action: Arc<OnceLock<Duration>>,
}

impl Errand {
    /// Turns to another statement of the same plan.
    pub(crate) fn turn_to(&mut self, statement: usize, line: &str) {
        self.statement = statement;
        line.clone_into(&mut self.line);
    }

    /// When the first act began, in milliseconds after the request; none when nothing was done.
    pub(crate) fn first_action_ms(&self) -> Option<f64> {
        let first = self.first_action.get()?;
        Some(first.as_secs_f64() * 1000.0)
    }
}

/// The entry that an act takes back, and what must hold for that.
#[derive(Clone, Copy)]
pub(crate) struct TakingBack<'a> {
    /// The entry.
    pub(crate) entry: EntryId,
    /// What the world must still look like.
    pub(crate) expect: &'a [Check],
}

/// Why a call was not carried out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Hindrance {
    /// Policy or the person said no.
    Refused(Problem),
    /// It was tried and failed, or could not be tried.
    Failed(Problem),
    /// The turn was stopped; with a sentence about what was done before, if anything was.
    Stopped(String),
}

impl Hindrance {
    /// A stop before anything was done.
    pub(crate) fn stopped() -> Hindrance {
        Hindrance::Stopped(String::new())
    }

    /// Puts a sentence about what was done before it.
    pub(crate) fn behind(self, sentence: &str, language: Language) -> Hindrance {
        let longer = |problem: Problem| Problem {
            sentence: joined(sentence, &problem.sentence, language),
            ..problem
        };
        match self {
            Hindrance::Refused(problem) => Hindrance::Refused(longer(problem)),
            Hindrance::Failed(problem) => Hindrance::Failed(longer(problem)),
            Hindrance::Stopped(_) => Hindrance::Stopped(sentence.to_owned()),
        }
    }
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

    /// As [`Kernel::carry_out`], taking back what `undoes` says.
    ///
    /// # Errors
    ///
    /// As [`Kernel::carry_out`].
    pub(crate) async fn carry_out_undoing(
        self: &Arc<Kernel>,
        call: ResolvedCall,
        errand: &Errand,
        undoes: Option<TakingBack<'_>>,
    ) -> Result<Outcome, Hindrance> {
        // Looking before asking spares the person a question about a file that is not there.
        let intent = match self.intend(&call, errand).await {
            // Why it fails tells a program about the world, too.
            Err(Hindrance::Failed(problem)) if errand.is_for_program => {
                self.permit(call, "", errand).await?;
                return Err(Hindrance::Failed(problem));
            }
            intent => intent?,
        };
        let passage = self.permit(call, &intent.touches, errand).await?;
        if passage.agreed.is_none() {
            return self.act(passage.permitted, intent, errand, undoes).await;
        }
        self.look_and_act(passage, errand, undoes).await
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
        let passages = match self.permit_each(calls, errand).await {
            Ok(passages) => passages,
            Err(hindrance) => return (Vec::new(), Some(hindrance)),
        };
        let mut outcomes = Vec::new();
        let mut hindrance = None;
        for passage in passages {
            match self.look_and_act(passage, errand, None).await {
                Ok(outcome) => outcomes.push(outcome),
                Err(Hindrance::Stopped(_)) => return (outcomes, Some(Hindrance::stopped())),
                Err(other) => hindrance = hindrance.or(Some(other)),
            }
        }
        (outcomes, hindrance)
    }

    /// Reads from the world what a call would do. A stop does not wait for a slow service.
    pub(crate) async fn intend(
        &self,
        call: &ResolvedCall,
        errand: &Errand,
    ) -> Result<Intent, Hindrance> {
        let registry = self.registry();
        tokio::select! {
            biased;
            () = errand.cancel.cancelled() => Err(Hindrance::stopped()),
            intent = registry.intend(call, &errand.world) => Ok(intent?),
        }
    }

    /// Looks at the world and acts, if the call would touch what it touched when the person was asked.
    async fn look_and_act(
        self: &Arc<Kernel>,
        passage: Passage,
        errand: &Errand,
        undoes: Option<TakingBack<'_>>,
    ) -> Result<Outcome, Hindrance> {
        let Passage { permitted, agreed } = passage;
        let language = errand.world.language;
        let intent = self.intend(permitted.call(), errand).await?;
        // Where nothing was found before, the question named the call as it is written: what has come since was
        // not agreed to.
        if let Some(agreed) = agreed.filter(|agreed| *agreed != intent.touches) {
            let [was, is] =
                [&agreed, &intent.touches].map(|touches| plan::escape_for_display(touches));
            let values = [("was", was.as_str()), ("is", is.as_str())];
            let problem = problem(language, "consent-outdated", &values);
            return Err(Hindrance::Refused(problem));
        }
        if let Some(TakingBack { expect, .. }) = undoes
            && let Some((_, why)) = self.registry().first_broken(expect, &errand.world).await
        {
            let problem = problem(language, "undo-conflict", &[("reason", &why)]);
            return Err(Hindrance::Failed(problem));
        }
        self.act(permitted, intent, errand, undoes).await
    }

    /// Journals a permitted call, acts, and journals what came of it.
    async fn act(
        self: &Arc<Kernel>,
        permitted: PermittedCall,
        intent: Intent,
        errand: &Errand,
        undoes: Option<TakingBack<'_>>,
    ) -> Result<Outcome, Hindrance> {
        let language = errand.world.language;
        if errand.cancel.is_cancelled() {
            return Err(Hindrance::stopped());
        }
        let (turn, undoes) = (errand.turn.0.clone(), undoes.map(|undoes| undoes.entry));
        let entry = self
            .ledger
            .with(move |journal| journal.open_entry(&turn, permitted, intent, undoes))
            .await;
        let entry =
            entry.map_err(|error| Hindrance::Failed(problems::journal(language, &error)))?;
        let (id, effect) = (entry.id(), entry.call().effect);
        errand.first_action.get_or_init(|| errand.begun.elapsed());
        let mut task = tokio::spawn(act_and_close(self.clone(), entry, errand.world.clone()));
        let done = tokio::select! {
            done = &mut task => Some(done),
            () = errand.cancel.cancelled() => None,
        };
        let done = match done {
            None if effect > Effect::Read => tokio::time::timeout(GRACE, &mut task).await.ok(),
            done => done,
        };
        let hindrance = match done {
            Some(Ok(result)) => return result.map_err(Hindrance::from),
            Some(Err(panicked)) => {
                tracing::error!(%panicked, "a function panicked");
                Hindrance::Failed(problem(language, "function-panicked", &[]))
            }
            None => {
                task.abort();
                // Joining makes sure that nothing acts any more before the world is read.
                let _ = task.await;
                Hindrance::stopped()
            }
        };
        match self.settle_abandoned(id, effect, &errand.world).await {
            Ok(()) => Err(hindrance),
            Err(error) => Err(Hindrance::Failed(problems::journal(language, &error))),
        }
    }

    /// Settles an entry whose act was cut off by a stop or a panic.
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
        match self.ledger.with(move |journal| journal.entry(id)).await? {
            Some(entry) => self.settle_entry(entry, world).await,
            None => Ok(()),
        }
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
            .registry()
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
    let (entry, result) = kernel.registry().execute(entry, &world).await;
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
