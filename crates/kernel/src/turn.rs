//! A turn, from the request to its last event.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use plan::Value;
use planner::{Command, PlanEvent, Planned, Request};
use protocol::{
    AskOptions, Finish, Outcome, Problem, Route, Source, Timings, Tokens, TurnEvent, TurnId,
    consent::Role,
    text::{Language, problem},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Kernel, carry_out::Errand, energy::Meter, problems, run::Runner, surroundings};

/// The longest request that is read, in characters.
const LENGTH_LIMIT: usize = 2000;

/// A turn that has begun, with what its steps share.
pub(crate) struct Turn {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) errand: Errand,
    meter: Meter,
}

/// What planning has cost.
#[derive(Default)]
struct Cost {
    tokens: Tokens,
    worker: Duration,
    timings: Timings,
}

impl Kernel {
    /// Begins a turn for words.
    ///
    /// # Errors
    ///
    /// A problem with the request as a whole; then there is no turn.
    pub async fn ask(
        self: &Arc<Kernel>,
        utterance: &str,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let begun = Instant::now();
        let utterance = readable(utterance, language(options))?;
        match self.planner.command(&utterance) {
            Some(Command::Undo) => return self.undo("", 0, options).await,
            Some(Command::Stop) => {
                self.turns.stop(None);
                return self.begin_answered(&utterance, options).await;
            }
            None => {}
        }
        let turn = self.begin(&utterance, options, begun).await?;
        let id = turn.errand.turn.clone();
        let use_templates = !options.no_templates;
        self.spawn_turn(turn, |turn| turn.plan_and_run(utterance, use_templates));
        Ok(id)
    }

    /// Begins a turn for the text of a plan.
    ///
    /// # Errors
    ///
    /// A problem that names each mistake with its place; then there is no turn.
    pub async fn run_plan(
        self: &Arc<Kernel>,
        text: &str,
        params: BTreeMap<String, Value>,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let language = language(options);
        let begun = Instant::now();
        let checked = self.check(text, language)?;
        let mut values = BTreeMap::new();
        for param in &checked.params {
            let given = params.get(&param.name).or(param.default.as_ref());
            let missing = || problem(language, "param-missing", &[("name", &param.name)]);
            values.insert(param.name.clone(), given.ok_or_else(missing)?.clone());
        }
        let turn = self.begin(text.trim(), options, begun).await?;
        let id = turn.errand.turn.clone();
        self.spawn_turn(turn, |turn| turn.run_checked(checked, values));
        Ok(id)
    }

    /// Reads and checks the text of a plan.
    fn check(&self, text: &str, language: Language) -> Result<plan::CheckedPlan, Problem> {
        let in_words = surroundings::plan_language(language);
        let mistakes = |texts: Vec<String>| {
            problem(
                language,
                "plan-mistakes",
                &[("mistakes", &texts.join("\n"))],
            )
        };
        let plan = plan::parse_saved(text)
            .map_err(|errors| mistakes(errors.iter().map(|e| e.message(in_words)).collect()))?;
        let live = plan::LiveNames::default();
        plan::check(&plan, &self.registry, &live)
            .map_err(|errors| mistakes(errors.iter().map(|e| e.message(in_words)).collect()))
    }

    /// Makes the turn durable and tells its first event.
    pub(crate) async fn begin(
        self: &Arc<Kernel>,
        utterance: &str,
        options: &AskOptions,
        begun: Instant,
    ) -> Result<Turn, Problem> {
        let meter = Meter::start();
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
            (Source::Overlay | Source::Panel, _) | (Source::Terminal, "") => Role::Shell,
            (Source::Terminal, secret) => Role::Terminal(secret.to_owned()),
        };
        let errand = Errand {
            turn,
            statement: 0,
            line: String::new(),
            begun,
            first_action: Arc::default(),
            audience,
            cancel,
            world: self.world_in(language),
        };
        Ok(Turn {
            kernel: self.clone(),
            errand,
            meter,
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
            kernel
                .conclude(&id, Finish::of(Outcome::Failed), language)
                .await;
        });
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

    async fn begin_answered(
        self: &Arc<Kernel>,
        utterance: &str,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let turn = self.begin(utterance, options, Instant::now()).await?;
        let id = turn.errand.turn.clone();
        let text = protocol::text::message(language(options), "all-stopped", &[]);
        turn.tell(TurnEvent::Said { text });
        turn.finish_given(Outcome::Answered).await;
        Ok(id)
    }

    /// Plans without running.
    pub async fn plan_only(
        self: &Arc<Kernel>,
        utterance: &str,
        options: &AskOptions,
    ) -> protocol::PlanReport {
        let begun = Instant::now();
        let language = language(options);
        let mut route = Route::Given;
        let planned = match readable(utterance, language) {
            Ok(utterance) => {
                let mut events = |event| {
                    if let PlanEvent::Routed { route: chosen, .. } = event {
                        route = chosen;
                    }
                };
                self.planned(
                    &utterance,
                    language,
                    !options.no_templates,
                    &mut events,
                    &CancellationToken::new(),
                )
                .await
            }
            Err(problem) => Err(problem),
        };
        plan_report(utterance, planned, route, begun.elapsed())
    }

    /// Asks the planner, with what is available and live now.
    async fn planned(
        self: &Arc<Kernel>,
        utterance: &str,
        language: Language,
        use_templates: bool,
        events: &mut (dyn FnMut(PlanEvent) + Send),
        cancel: &CancellationToken,
    ) -> Result<Planned, Problem> {
        let seen = self.snapshot.current(self).await;
        let mut request = Request::new(utterance, language, surroundings::now());
        request.live = seen.live.clone();
        request.use_templates = use_templates;
        let engine = self.models.engine();
        let planned = self
            .planner
            .plan(&request, &seen.available, engine.as_deref(), events, cancel)
            .await;
        match planned {
            Err(planner::PlanError::Unavailable { function }) => {
                Err(self.unavailable(&function, language).await)
            }
            other => other.map_err(|error| error.problem(language)),
        }
    }

    /// Says what is missing for a function.
    async fn unavailable(&self, function: &plan::FunctionName, language: Language) -> Problem {
        match self
            .registry
            .availability(function, &self.world_in(language))
            .await
        {
            Some(functions::Availability::Missing(problem)) => problem,
            _ => problem(
                language,
                "plan-unavailable",
                &[("function", function.as_str())],
            ),
        }
    }
}

impl Turn {
    /// Says an event of this turn.
    pub(crate) fn tell(&self, event: TurnEvent) {
        self.kernel.turns.tell(&self.errand.turn, event);
    }

    /// Plans and runs at the same time: a statement runs while the next one is decoded.
    async fn plan_and_run(self, utterance: String, use_templates: bool) {
        let (sender, mut statements) = mpsc::unbounded_channel();
        let mut runner = Runner::new(self.kernel.clone(), self.errand.clone());
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
                    &mut events,
                    &self.errand.cancel,
                )
                .await;
            drop(sender);
            (planned, cost)
        };
        let running = async {
            while let Some(statement) = statements.recv().await {
                runner.take(statement).await;
            }
        };
        let ((planned, cost), ()) = tokio::join!(planning, running);
        let ending = match planned {
            Ok(planned) => {
                self.record_plan(planned.text).await;
                runner.complete().await
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
        sender: &mpsc::UnboundedSender<plan::CheckedStatement>,
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
                let _ = sender.send(statement.checked);
            }
            PlanEvent::Spent {
                tokens,
                cpu_seconds,
            } => {
                cost.tokens = tokens;
                let seconds = cpu_seconds.unwrap_or_default().max(0.0);
                cost.worker = Duration::from_secs_f64(seconds);
            }
        }
    }

    async fn run_checked(self, checked: plan::CheckedPlan, params: BTreeMap<String, Value>) {
        self.tell(TurnEvent::Routed {
            route: Route::Given,
            considered: Vec::new(),
        });
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
        let ending = runner.complete().await;
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
        let finish = Finish {
            undoable: self.is_undoable().await,
            timings,
            tokens: cost.tokens,
            energy: self.meter.read(cost.worker),
            ..Finish::of(ending)
        };
        self.kernel
            .conclude(&self.errand.turn, finish, self.errand.world.language)
            .await;
    }

    async fn is_undoable(&self) -> bool {
        let turn = self.errand.turn.0.clone();
        let stored = self
            .kernel
            .ledger
            .with(move |journal| journal.turn(&turn))
            .await;
        // What itself took something back is not offered, so that undoing twice goes back two turns.
        let is_offered =
            |entry: &journal::StoredEntry| entry.undo().is_some() && entry.undoes.is_none();
        stored.is_ok_and(|stored| stored.entries.iter().any(is_offered))
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

/// Returns the language that a request wants.
pub(crate) fn language(options: &AskOptions) -> Language {
    if options.language.is_empty() {
        Language::of_session()
    } else {
        Language::of(&options.language)
    }
}

/// Makes a request readable: no control characters, one line, not empty, not too long.
fn readable(utterance: &str, language: Language) -> Result<String, Problem> {
    let length = utterance.chars().count();
    if length > LENGTH_LIMIT {
        let values = [
            ("length", &*length.to_string()),
            ("limit", &*LENGTH_LIMIT.to_string()),
        ];
        return Err(problem(language, "request-too-long", &values));
    }
    let visible = |c: char| {
        if c.is_control() || plan::is_invisible(c) {
            ' '
        } else {
            c
        }
    };
    let cleaned: String = utterance.chars().map(visible).collect();
    let words = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        Err(problem(language, "empty-request", &[]))
    } else {
        Ok(words)
    }
}

fn plan_report(
    utterance: &str,
    planned: Result<Planned, Problem>,
    route: Route,
    elapsed: Duration,
) -> protocol::PlanReport {
    let mut report = protocol::PlanReport {
        text: utterance.to_owned(),
        plan: String::new(),
        route,
        first_statement_ms: None,
        total_ms: elapsed.as_secs_f64() * 1000.0,
        prompt_tokens: 0,
        restored_tokens: 0,
        decoded_tokens: 0,
        considered: Vec::new(),
        problem: None,
    };
    match planned {
        Ok(planned) => {
            report.plan = planned.text;
            report.route = planned.route;
            report.first_statement_ms = planned
                .timings
                .first_statement
                .map(|time| time.as_secs_f64() * 1000.0);
            report.prompt_tokens = planned.tokens.prompt;
            report.restored_tokens = planned.tokens.restored;
            report.decoded_tokens = planned.tokens.decoded;
            report.considered = planned.considered.iter().map(ToString::to_string).collect();
        }
        Err(problem) => report.problem = Some(problem),
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_spaces_and_nothing_is_left_of_blanks() {
        assert_eq!(
            readable("mute\u{0}\u{1b}[31m now\n", Language::English).unwrap(),
            "mute [31m now"
        );
        assert_eq!(
            readable(" \t\u{200b}\n", Language::English).unwrap_err().id,
            "empty-request"
        );
    }

    #[test]
    fn ten_thousand_characters_are_refused_with_the_limit() {
        let problem = readable(&"长".repeat(10_000), Language::English).unwrap_err();
        assert_eq!(problem.id, "request-too-long");
        assert!(
            problem.sentence.contains("10000") && problem.sentence.contains("2000"),
            "{}",
            problem.sentence
        );
    }
}
