//! Requests as they come: words to be planned and run, plans from files, plans to be seen only.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use engine::energy::{Meter, processor_time};
use plan::{StatementKind, Value};
use planner::{Command, PlanEvent, Planned, Request};
use protocol::{
    AskOptions, Energy, Outcome, Problem, Route, TurnEvent, TurnId,
    text::{Language, problem},
};
use tokio_util::sync::CancellationToken;

use crate::{Kernel, before::TurnBefore, budget::Budget, models::Models, surroundings};

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
        let options = &answered_in(utterance, options);
        let utterance = readable(utterance, language(options))?;
        match self.planner().command(&utterance) {
            Some(Command::Undo) => return self.undo("", 0, options).await,
            Some(Command::UndoThat) => return self.undo_that(options).await,
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
        plan::check(&plan, self.registry().as_ref(), &live)
            .map_err(|errors| mistakes(errors.iter().map(|e| e.message(in_words)).collect()))
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

    /// Plans without running, and without regard to the turn before or to what is missing now: the same words
    /// give the same plan. A function that cannot be used is told as a problem beside the plan.
    pub async fn plan_only(
        self: &Arc<Kernel>,
        utterance: &str,
        options: &AskOptions,
    ) -> protocol::PlanReport {
        let begun = Instant::now();
        let meter = Meter::start();
        let language = language(&answered_in(utterance, options));
        let mut route = Route::Given;
        let mut worker = Duration::ZERO;
        let planned = match readable(utterance, language) {
            Ok(utterance) => {
                let mut events = |event| match event {
                    PlanEvent::Routed { route: chosen, .. } => route = chosen,
                    PlanEvent::Spent { cpu_seconds, .. } => worker = processor_time(cpu_seconds),
                    _ => {}
                };
                self.planned(
                    &utterance,
                    language,
                    !options.no_templates,
                    Purpose::Look,
                    &mut events,
                    &CancellationToken::new(),
                )
                .await
            }
            Err(problem) => Err(problem),
        };
        let missing = match &planned {
            Ok(planned) => self.missing(&planned.checked, language).await,
            Err(_) => None,
        };
        let mut report = plan_report(utterance, planned, route, begun.elapsed());
        report.energy = meter.read(worker);
        report.problem = report.problem.or(missing);
        report
    }

    /// Says what is missing for the first statement that could not run now.
    async fn missing(
        self: &Arc<Kernel>,
        checked: &plan::CheckedPlan,
        language: Language,
    ) -> Option<Problem> {
        let seen = self.snapshot.current(self).await;
        let function = checked
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Call(call) => Some(&call.function),
                StatementKind::Each { action, .. } => Some(&action.function),
                _ => None,
            })
            .find(|function| seen.available.function(function).is_none())?;
        Some(self.unavailable(function, language).await)
    }

    /// Asks the planner, with what is available and live now.
    pub(crate) async fn planned(
        self: &Arc<Kernel>,
        utterance: &str,
        language: Language,
        use_templates: bool,
        purpose: Purpose<'_>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
        cancel: &CancellationToken,
    ) -> Result<Planned, Problem> {
        let mut seen = self.snapshot.current(self).await;
        if seen.names_an_app(utterance) {
            self.until_offers_are_told().await;
            seen = self.snapshot.current(self).await;
        }
        let mut request = Request::new(utterance, language, surroundings::now());
        request.live = seen.live.clone();
        request.use_templates = use_templates;
        let available = match purpose {
            Purpose::Run(before) => {
                request.context = before.map(TurnBefore::context).unwrap_or_default();
                &seen.available
            }
            Purpose::Look => &self.registry(),
        };
        let budget = Budget::new(self.budget.plans(), "[budget]", cancel);
        let mut counted = |event| {
            budget.note(&event);
            events(event);
        };
        let energy = self
            .budget
            .plans()
            .joules
            .map(|_| RequestEnergy::start(&self.models));
        let joules = || {
            energy
                .as_ref()
                .map_or(0.0, |energy| energy.joules(&self.models))
        };
        let planned = {
            let planning = self.climb(request, available, &mut counted, budget.cancel());
            tokio::pin!(planning);
            tokio::select! {
                biased;
                planned = &mut planning => planned,
                () = budget.watch(joules) => planning.await,
            }
        };
        match planned {
            Err(planner::PlanError::Cancelled) if !cancel.is_cancelled() => {
                let cancelled = || problem(language, "plan-cancelled", &[]);
                Err(budget.problem(language).unwrap_or_else(cancelled))
            }
            Err(planner::PlanError::Unavailable { function }) => {
                Err(self.unavailable(&function, language).await)
            }
            Err(planner::PlanError::NoModel) => Err(self.models.absence(language)),
            other => other.map_err(|error| error.problem(language)),
        }
    }

    /// Says what is missing for a function.
    async fn unavailable(&self, function: &plan::FunctionName, language: Language) -> Problem {
        match self
            .registry()
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

/// What a plan is made for.
pub(crate) enum Purpose<'b> {
    /// To be run now, behind the turn before.
    Run(Option<&'b TurnBefore>),
    /// To be looked at, as if nothing were missing.
    Look,
}

/// The energy of a request since its beginning.
pub(crate) struct RequestEnergy {
    meter: Meter,
    /// What each worker had used before.
    before: HashMap<u32, Duration>,
}

impl RequestEnergy {
    pub(crate) fn start(models: &Models) -> RequestEnergy {
        RequestEnergy {
            meter: Meter::start(),
            before: models.worker_times(),
        }
    }

    /// Tells the processor time of the models' workers since then.
    pub(crate) fn worker(&self, models: &Models) -> Duration {
        // A worker that was started meanwhile has worked for this request alone; one that has ended is not told of.
        let since = |(process, now): (u32, Duration)| {
            let before = self.before.get(&process).copied().unwrap_or_default();
            now.saturating_sub(before)
        };
        models.worker_times().into_iter().map(since).sum()
    }

    /// Tells the energy, with `worker` as the part of the models' workers.
    pub(crate) fn read(&self, worker: Duration) -> Energy {
        self.meter.read(worker)
    }

    /// Tells the joules so far.
    pub(crate) fn joules(&self, models: &Models) -> f64 {
        self.read(self.worker(models)).joules
    }
}

/// Returns the language that a request wants.
pub(crate) fn language(options: &AskOptions) -> Language {
    if options.language.is_empty() {
        Language::of_session()
    } else {
        Language::of(&options.language)
    }
}

/// Returns the options of a request in words, which is answered in the language of its words where they tell it.
fn answered_in(utterance: &str, options: &AskOptions) -> AskOptions {
    let mut options = options.clone();
    if let Some(language) = Language::of_words(utterance) {
        options.language = language.code().to_owned();
    }
    options
}

/// Makes a request readable: no control characters, one line, not empty, not too long.
fn readable(utterance: &str, language: Language) -> Result<String, Problem> {
    planner::clean(utterance).map_err(|error| error.problem(language))
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
        energy: protocol::Energy::default(),
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
    fn control_characters_and_colours_go_and_nothing_is_left_of_blanks() {
        assert_eq!(
            readable("mute\u{0}\u{1b}[31m now\n", Language::English).unwrap(),
            "mute now"
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
