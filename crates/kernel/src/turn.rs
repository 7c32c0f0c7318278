//! A turn, from the request to its last event.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::energy::processor_time;
use plan::Value;
use planner::{Confidence, PlanEvent};
use protocol::{
    AskOptions, Finish, Outcome, Problem, Route, Source, Timings, Tokens, TurnEvent, TurnId,
    Weighing,
    consent::Role,
    text::{Language, problem},
};
use tokio::sync::mpsc;

use crate::{
    Kernel,
    carry_out::Errand,
    problems,
    reader::Reading,
    requests::{Purpose, RequestEnergy, language},
    run::Runner,
};

/// A turn that has begun, with what its steps share.
pub(crate) struct Turn {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) errand: Errand,
    energy: RequestEnergy,
}

/// What planning has cost.
#[derive(Default)]
struct Cost {
    tokens: Tokens,
    worker: Duration,
    timings: Timings,
}

impl Kernel {
    /// Makes the turn durable and tells its first event.
    pub(crate) async fn begin(
        self: &Arc<Kernel>,
        utterance: &str,
        options: &AskOptions,
        begun: Instant,
    ) -> Result<Turn, Problem> {
        let energy = RequestEnergy::start(&self.models);
        let language = language(options);
        let words = utterance.to_owned();
        let turn = self
            .ledger
            .with(move |journal| journal.begin_turn(&words))
            .await;
        let turn = TurnId(turn.map_err(|error| problems::journal(language, &error))?);
        let cancel = self.turns.begin(turn.clone());
        self.turns.tell(
            &turn,
            TurnEvent::Started {
                utterance: utterance.to_owned(),
            },
        );
        let audience = match (options.source, options.terminal.as_str()) {
            (Source::Overlay | Source::Panel | Source::Program, _) | (Source::Terminal, "") => {
                Role::Shell
            }
            (Source::Terminal, secret) => Role::Terminal(secret.to_owned()),
        };
        let reading = Reading::new(self.budget.readers(), &self.models);
        let errand = Errand {
            turn,
            statement: 0,
            line: String::new(),
            begun,
            first_action: Arc::default(),
            audience,
            is_for_program: options.source == Source::Program,
            cancel,
            world: self.world_of_turn(language, reading.clone()),
            reading,
        };
        Ok(Turn {
            kernel: self.clone(),
            errand,
            energy,
        })
    }

    /// Runs a turn in a task of its own. One that panics ends as failed, so that nobody waits for ever.
    pub(crate) fn spawn_turn<W>(self: &Arc<Kernel>, turn: Turn, work: impl FnOnce(Turn) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (kernel, id) = (self.clone(), turn.errand.turn.clone());
        let language = turn.errand.world.language;
        let task = tokio::spawn(work(turn));
        tokio::spawn(async move {
            let Err(panicked) = task.await else { return };
            tracing::error!(%panicked, "a turn panicked");
            let problem = problem(language, "function-panicked", &[]);
            kernel.turns.tell(&id, TurnEvent::Failed { problem });
            let finish = Finish {
                undoable: kernel.is_undoable(&id).await,
                ..Finish::of(Outcome::Failed)
            };
            kernel.conclude(&id, finish, language).await;
        });
    }

    /// Tells whether undoing a turn would change anything back.
    async fn is_undoable(&self, turn: &TurnId) -> bool {
        let turn = turn.0.clone();
        let stored = self.ledger.with(move |journal| journal.turn(&turn)).await;
        // What itself took something back is not offered, so that undoing twice goes back two turns.
        let is_offered =
            |entry: &journal::StoredEntry| entry.undo().is_some() && entry.undoes.is_none();
        stored.is_ok_and(|stored| stored.entries.iter().any(is_offered))
    }

    /// Makes the record of a turn durable, then tells that it is over.
    async fn conclude(&self, turn: &TurnId, finish: Finish, language: Language) {
        let json = serde_json::to_string(&finish).unwrap_or_default();
        let end = TurnEvent::Finished { finish };
        let mut events = self.turns.events(turn).unwrap_or_default();
        events.push(end.clone());
        let events: Vec<String> = events
            .iter()
            .filter(|event| is_kept(event))
            .filter_map(|event| serde_json::to_string(event).ok())
            .collect();
        let id = turn.0.clone();
        let kept = self
            .ledger
            .with(move |journal| journal.finish_turn(&id, &json, &events))
            .await;
        if let Err(error) = kept {
            problems::journal(language, &error);
        }
        self.turns.tell(turn, end);
    }
}

impl Turn {
    /// Says an event of this turn.
    pub(crate) fn tell(&self, event: TurnEvent) {
        self.kernel.turns.tell(&self.errand.turn, event);
    }

    /// Plans and runs at the same time: a statement runs while the next one is decoded.
    pub(crate) async fn plan_and_run(self, utterance: String, use_templates: bool) {
        let (sender, mut statements) = mpsc::unbounded_channel();
        let before = self.kernel.before.take();
        let mut runner =
            Runner::new(self.kernel.clone(), self.errand.clone()).after(before.clone());
        let planning = async {
            let mut cost = Cost::default();
            // The sender goes with the closure, which ends the loop below.
            let mut events = |event| self.take_plan_event(event, &sender, &mut cost);
            let planned = self
                .kernel
                .planned(
                    &utterance,
                    self.errand.world.language,
                    use_templates,
                    Purpose::Run(before.as_deref()),
                    &mut events,
                    &self.errand.cancel,
                )
                .await;
            drop(sender);
            (planned, cost)
        };
        let running = async {
            while let Some((statement, earlier)) = statements.recv().await {
                match earlier {
                    Some(earlier) => runner.recall(statement, earlier).await,
                    None => runner.take(statement).await,
                }
            }
        };
        let ((planned, cost), ()) = tokio::join!(planning, running);
        let ending = match planned {
            Ok(planned) => {
                self.record_plan(planned.text).await;
                let (ending, results) = runner.complete().await;
                let words = planned.answered.unwrap_or(utterance);
                self.kernel.before.keep(words, planned.plan, results);
                ending
            }
            Err(_) if self.errand.cancel.is_cancelled() => runner.abandon().await,
            Err(problem) => {
                self.tell(TurnEvent::Failed { problem });
                broken_off(runner.abandon().await)
            }
        };
        self.finish(ending, cost).await;
    }

    fn take_plan_event(
        &self,
        event: PlanEvent,
        sender: &mpsc::UnboundedSender<(plan::CheckedStatement, Option<usize>)>,
        cost: &mut Cost,
    ) {
        let timings = &mut cost.timings;
        let elapsed = self.errand.begun.elapsed().as_secs_f64() * 1000.0;
        match event {
            PlanEvent::Routed { route, considered } => {
                timings.routed_ms = elapsed;
                let considered = considered.iter().map(ToString::to_string).collect();
                self.tell(TurnEvent::Routed { route, considered });
            }
            PlanEvent::Text(text) => self.tell(TurnEvent::Decoded { text }),
            PlanEvent::Rewriting { reason } => self.tell(TurnEvent::Rewriting { reason }),
            PlanEvent::Statement(statement) => {
                timings.first_statement_ms.get_or_insert(elapsed);
                timings.planned_ms = Some(elapsed);
                // The receiver lives as long as this planning.
                let _ = sender.send((statement.checked, statement.earlier));
            }
            PlanEvent::Spent {
                tokens,
                cpu_seconds,
                confidence,
            } => {
                cost.tokens = tokens;
                cost.worker = processor_time(cpu_seconds);
                let weighing = weighing(&confidence);
                self.tell(TurnEvent::Weighed { weighing });
            }
        }
    }

    pub(crate) async fn run_checked(
        self,
        checked: plan::CheckedPlan,
        params: BTreeMap<String, Value>,
    ) {
        self.tell(TurnEvent::Routed {
            route: Route::Given,
            considered: Vec::new(),
        });
        self.kernel.before.forget();
        let mut runner = Runner::new(self.kernel.clone(), self.errand.clone());
        runner.set_params(params);
        let text: Vec<&str> = checked
            .statements
            .iter()
            .map(|statement| statement.text.as_str())
            .collect();
        self.record_plan(text.join("\n")).await;
        for statement in checked.statements {
            runner.take(statement).await;
        }
        let (ending, _) = runner.complete().await;
        self.finish(ending, Cost::default()).await;
    }

    /// Keeps the plan's text for the log; the turn goes on when that fails.
    pub(crate) async fn record_plan(&self, text: String) {
        let turn = self.errand.turn.0.clone();
        if let Err(error) = self
            .kernel
            .ledger
            .with(move |journal| journal.record_plan(&turn, &text))
            .await
        {
            problems::journal(self.errand.world.language, &error);
        }
    }

    /// Ends a turn that needed no planning.
    pub(crate) async fn finish_given(self, ending: Outcome) {
        self.finish(ending, Cost::default()).await;
    }

    /// Sums up and ends the turn.
    async fn finish(self, ending: Outcome, cost: Cost) {
        let mut timings = cost.timings;
        timings.first_action_ms = self.errand.first_action_ms();
        timings.total_ms = self.errand.begun.elapsed().as_secs_f64() * 1000.0;
        let read = self.errand.reading.tokens();
        let worker = match read == Tokens::default() {
            true => cost.worker,
            // Planning and reading may overlap: all that the workers did has both in it.
            false => cost.worker.max(self.energy.worker(&self.kernel.models)),
        };
        let tokens = Tokens {
            prompt: cost.tokens.prompt + read.prompt,
            restored: cost.tokens.restored + read.restored,
            decoded: cost.tokens.decoded + read.decoded,
        };
        let finish = Finish {
            undoable: self.kernel.is_undoable(&self.errand.turn).await,
            timings,
            tokens,
            energy: self.energy.read(worker),
            readers: self.errand.reading.by(),
            ..Finish::of(ending)
        };
        self.kernel
            .conclude(&self.errand.turn, finish, self.errand.world.language)
            .await;
    }
}

/// How sure the planner was, as a person may be told.
fn weighing(confidence: &Confidence) -> Weighing {
    Weighing {
        plan: confidence.first_token_mass.map(f64::from),
        words_known: confidence.coverage,
        nearest_act: confidence.nearest_act,
        nearest_words: confidence.nearest_words,
        exits_only: confidence.gated,
    }
}

/// The ending of a plan of which no more came: what was done is a part at best.
fn broken_off(ending: Outcome) -> Outcome {
    match ending {
        Outcome::Done | Outcome::Partial | Outcome::Answered => Outcome::Partial,
        other => other,
    }
}

/// The history explains decisions; it keeps no data that a panel showed and no single token.
fn is_kept(event: &TurnEvent) -> bool {
    !matches!(event, TurnEvent::Panel { .. } | TurnEvent::Decoded { .. })
}
