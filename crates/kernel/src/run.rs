//! Running a plan: statement by statement, as they arrive.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use plan::{CheckedStatement, DataKind, DataOperation, Effect, Label, StatementKind, Value};
use policy::ResolvedCall;
use protocol::{Outcome as Ending, Problem, StatementState, TurnEvent, text::joined};

use crate::{
    Kernel,
    before::TurnBefore,
    carry_out::{Errand, Hindrance},
    panels::Draft,
    resolve::resolve,
    results::Results,
    whole::{AllRows, Whole},
};

/// Runs the statements of one plan and remembers what became of each.
pub(crate) struct Runner {
    kernel: Arc<Kernel>,
    errand: Errand,
    results: Results,
    statements: Vec<CheckedStatement>,
    states: Vec<StatementState>,
    deferred: Vec<usize>,
    before: Option<Arc<TurnBefore>>,
    /// The statements that the turn before gave.
    recalled: BTreeSet<usize>,
    /// All rows of the queries that were asked anew.
    all: AllRows,
    draft: Draft,
    answered: bool,
    /// Whether some rows of an `each` were acted on, and others were not.
    partly: bool,
}

impl Runner {
    /// Begins a plan.
    pub(crate) fn new(kernel: Arc<Kernel>, errand: Errand) -> Runner {
        let results = Results::new(crate::surroundings::now_text(), BTreeMap::new());
        let draft = Draft::new(kernel.clone(), errand.turn.clone(), errand.world.language);
        Runner {
            kernel,
            errand,
            results,
            statements: Vec::new(),
            states: Vec::new(),
            deferred: Vec::new(),
            before: None,
            recalled: BTreeSet::new(),
            all: AllRows::default(),
            draft,
            answered: false,
            partly: false,
        }
    }

    /// Gives the parameters of a saved plan their values.
    pub(crate) fn set_params(&mut self, params: BTreeMap<String, Value>) {
        self.results = Results::new(crate::surroundings::now_text(), params);
    }

    /// Lets statements take over what those of the turn before gave.
    pub(crate) fn after(mut self, before: Option<Arc<TurnBefore>>) -> Runner {
        self.before = before;
        self
    }

    /// Takes in a statement of the turn before: what it gave then is meant, and it does not run again.
    ///
    /// One whose result is gone may ask anew, but never act anew.
    pub(crate) async fn recall(&mut self, statement: CheckedStatement, earlier: usize) {
        let kept = self
            .before
            .as_ref()
            .and_then(|before| before.results.of(earlier));
        if kept.is_none() && statement.effect() == Effect::Read {
            return self.take(statement).await;
        }
        let index = self.statements.len();
        self.recalled.insert(index);
        self.statements.push(statement);
        self.states.push(StatementState::Waiting);
        match kept {
            Some((value, label)) => {
                self.results.insert(index, value, label);
                let note = self.words("statement-from-before", &[]);
                self.set(index, StatementState::Done, Some(note));
            }
            None => {
                let language = self.errand.world.language;
                self.fail(index, protocol::text::problem(language, "before-gone", &[]));
            }
        }
    }

    /// Takes in the next statement, and runs it at once when nothing is lost by that:
    /// reads, transient and reversible calls do not wait for the rest of the plan.
    pub(crate) async fn take(&mut self, statement: CheckedStatement) {
        let index = self.statements.len();
        let waits = !self.deferred.is_empty() || statement.effect() > Effect::Reversible;
        self.statements.push(statement);
        self.states.push(StatementState::Waiting);
        self.tell(index, StatementState::Waiting, None);
        if waits {
            self.deferred.push(index);
        } else {
            self.run(index).await;
        }
    }

    /// Runs what waited for the whole plan, then shows the panel and tells the ending, and what
    /// the statements gave.
    pub(crate) async fn complete(mut self) -> (Ending, Arc<Results>) {
        for index in std::mem::take(&mut self.deferred) {
            self.run(index).await;
        }
        self.end()
    }

    /// Gives up what has not run because the plan broke off.
    pub(crate) async fn abandon(mut self) -> Ending {
        for index in std::mem::take(&mut self.deferred) {
            self.set(index, StatementState::Skipped, None);
        }
        self.end().0
    }

    /// Draws the panel for good and sums up.
    fn end(self) -> (Ending, Arc<Results>) {
        // What the turn before did is no merit of this one.
        let (own, states): (Vec<&CheckedStatement>, Vec<StatementState>) = self
            .statements
            .iter()
            .zip(self.states.iter().copied())
            .enumerate()
            .filter(|(index, _)| !self.recalled.contains(index))
            .map(|(_, pair)| pair)
            .unzip();
        let ending = match ending(&own, &states, self.answered) {
            _ if self.errand.cancel.is_cancelled() => Ending::Stopped,
            Ending::Failed | Ending::Refused if self.partly => Ending::Partial,
            ending => ending,
        };
        // The panel and the next turn may both look at them.
        let results = Arc::new(self.results);
        self.draft
            .complete(self.statements, results.clone(), self.states);
        (ending, results)
    }

    async fn run(&mut self, index: usize) {
        if self.errand.cancel.is_cancelled() || !self.can_run(index) {
            self.set(index, StatementState::Skipped, None);
            return;
        }
        let statement = self.statements[index].clone();
        self.errand.turn_to(index, &statement.text);
        match &statement.kind {
            StatementKind::Call(call) => self.call(index, call, &statement).await,
            StatementKind::Each { rows, action } => self.each(index, rows, action).await,
            StatementKind::Data(operation) => self.data(index, operation).await,
            StatementKind::Part(_) => {
                self.set(index, StatementState::Done, None);
                self.draft
                    .grow(&self.statements, &self.results, &self.states);
            }
            StatementKind::Say { text } => self.say(index, text, Vec::new()),
            StatementKind::Ask { text, choices } => self.say(index, text, choices.clone()),
        }
    }

    /// A statement runs only if all that it depends on was done.
    fn can_run(&self, index: usize) -> bool {
        self.statements[index]
            .dependencies
            .iter()
            .all(|needed| self.states.get(*needed) == Some(&StatementState::Done))
    }

    async fn call(&mut self, index: usize, call: &plan::CheckedCall, statement: &CheckedStatement) {
        let Some(function) = self.kernel.function(&call.function) else {
            return self.fail(index, self.unknown(call.function.as_str()));
        };
        let resolved = match resolve(call, &function.signature, &self.results) {
            Ok(resolved) => resolved,
            Err(error) => return self.fail(index, self.unresolved(&error)),
        };
        self.set(index, StatementState::Running, None);
        let result = self.kernel.carry_out(resolved, &self.errand).await;
        match result {
            Ok(outcome) => {
                self.results.insert(index, outcome.value, Label::DATA);
                self.set(index, StatementState::Done, Some(outcome.note));
                if statement.effect() == Effect::Read {
                    self.draft
                        .grow(&self.statements, &self.results, &self.states);
                }
            }
            Err(hindrance) => self.hinder(index, hindrance),
        }
    }

    async fn each(&mut self, index: usize, rows: &plan::Operand, action: &plan::CheckedAction) {
        let calls = match self.calls(rows, action).await {
            Ok(calls) => calls,
            Err(hindrance) => return self.hinder(index, hindrance),
        };
        if calls.is_empty() {
            return self.fail(
                index,
                protocol::text::problem(self.errand.world.language, "each-nothing", &[]),
            );
        }
        self.set(index, StatementState::Running, None);
        let count = calls.len();
        let (outcomes, hindrance) = self.kernel.carry_out_each(calls, &self.errand).await;
        let values = outcomes
            .into_iter()
            .map(|outcome| outcome.value)
            .collect::<Vec<_>>();
        let done = values.len();
        self.results.insert(index, Value::List(values), Label::DATA);
        let tally = self.words(
            "each-done",
            &[("done", &done.to_string()), ("count", &count.to_string())],
        );
        match hindrance {
            None => self.set(index, StatementState::Done, Some(tally)),
            Some(hindrance) if done == 0 => self.hinder(index, hindrance),
            Some(hindrance) => {
                self.partly = true;
                let language = self.errand.world.language;
                self.hinder(index, hindrance.behind(&tally, language));
            }
        }
    }

    /// Makes the call for every row. What cannot be taken back, or follows a turn that showed the rows, is done to
    /// those that were shown alone.
    async fn calls(
        &mut self,
        rows: &plan::Operand,
        action: &plan::CheckedAction,
    ) -> Result<Vec<ResolvedCall>, Hindrance> {
        let function = self.kernel.function(&action.function);
        let Some(function) = function else {
            return Err(Hindrance::Failed(self.unknown(action.function.as_str())));
        };
        if function.signature.effect <= Effect::Reversible && !self.is_recalled(rows) {
            let (statements, results) = (&self.statements, &self.results);
            self.kernel
                .all_rows(rows, statements, results, &mut self.all, &self.errand)
                .await?;
        }
        let unresolved = |error| Hindrance::Failed(self.unresolved(&error));
        let whole = self.whole();
        let value = rows.resolve(&whole).map_err(unresolved)?;
        let label = self.results.label(rows);
        let mut calls = Vec::new();
        for item in value.as_list().unwrap_or_default() {
            let Some(call) = action.call(item) else {
                continue;
            };
            let mut resolved =
                resolve(&call, &function.signature, &self.results).map_err(unresolved)?;
            // `CheckedAction::call` writes the row's value as if the plan said it; it came from the rows.
            resolved
                .arguments
                .iter_mut()
                .filter(|a| a.name == action.argument)
                .for_each(|a| a.label = label);
            calls.push(resolved);
        }
        Ok(calls)
    }

    fn whole(&self) -> Whole<'_> {
        Whole {
            results: &self.results,
            all: &self.all,
        }
    }

    /// Tells whether rows are those that the turn before showed.
    fn is_recalled(&self, rows: &plan::Operand) -> bool {
        matches!(rows, plan::Operand::Result { statement, .. } if self.recalled.contains(statement))
    }

    async fn data(&mut self, index: usize, operation: &DataOperation) {
        let label = self.results.label(&operation.rows);
        let counts = matches!(operation.kind, DataKind::Count | DataKind::Sum { .. });
        if counts || !self.is_recalled(&operation.rows) {
            let (statements, results) = (&self.statements, &self.results);
            let asked = self.kernel.all_rows_for(
                operation,
                statements,
                results,
                &mut self.all,
                &self.errand,
            );
            if let Err(hindrance) = asked.await {
                return self.hinder(index, hindrance);
            }
        }
        match plan::evaluate_data(operation, &self.whole()) {
            Ok(value) => {
                let note = self.all.note(&operation.rows);
                self.results.insert(index, value, label);
                self.set(index, StatementState::Done, Some(note));
            }
            Err(error) => self.fail(index, self.unresolved(&error)),
        }
    }

    fn say(&mut self, index: usize, text: &plan::Operand, choices: Vec<String>) {
        let text = match text.resolve(&self.results) {
            // Escaped once, where it is drawn.
            Ok(Value::Text(text)) => text,
            Ok(value) => plan::show_value(&value, &plan::Type::Any, self.plan_language()),
            Err(error) => return self.fail(index, self.unresolved(&error)),
        };
        let asks = matches!(self.statements[index].kind, StatementKind::Ask { .. });
        let event = if asks {
            TurnEvent::Asked {
                question: text,
                choices,
            }
        } else {
            TurnEvent::Said { text }
        };
        self.kernel.turns.tell(&self.errand.turn, event);
        self.answered = true;
        self.set(index, StatementState::Done, None);
    }

    fn hinder(&mut self, index: usize, hindrance: Hindrance) {
        match hindrance {
            Hindrance::Failed(problem) => self.fail(index, problem),
            Hindrance::Refused(problem) => {
                self.set(index, StatementState::Refused, Some(problem.sentence))
            }
            Hindrance::Stopped(done) => {
                let stopped = self.words("statement-stopped", &[]);
                let note = joined(&done, &stopped, self.errand.world.language);
                self.set(index, StatementState::Skipped, Some(note));
            }
        }
    }

    fn fail(&mut self, index: usize, problem: Problem) {
        self.set(
            index,
            StatementState::Failed,
            Some(problem.sentence.clone()),
        );
        self.kernel
            .turns
            .tell(&self.errand.turn, TurnEvent::Failed { problem });
    }

    fn set(&mut self, index: usize, state: StatementState, note: Option<String>) {
        self.states[index] = state;
        self.tell(index, state, note.filter(|note| !note.is_empty()));
    }

    fn tell(&self, index: usize, state: StatementState, note: Option<String>) {
        let text = self.statements[index].text.clone();
        self.kernel.turns.tell(
            &self.errand.turn,
            TurnEvent::Statement {
                index,
                text,
                state,
                note,
            },
        );
    }

    fn words(&self, id: &str, values: &[(&str, &str)]) -> String {
        protocol::text::message(self.errand.world.language, id, values)
    }

    fn unknown(&self, function: &str) -> Problem {
        protocol::text::problem(
            self.errand.world.language,
            "function-unknown",
            &[("function", function)],
        )
    }

    fn unresolved(&self, error: &plan::ResolveError) -> Problem {
        let id = match error {
            plan::ResolveError::NoRow { .. } => "nothing-found",
            _ => "value-missing",
        };
        protocol::text::problem(
            self.errand.world.language,
            id,
            &[("reason", &error.to_string())],
        )
    }

    fn plan_language(&self) -> plan::Language {
        crate::surroundings::plan_language(self.errand.world.language)
    }
}

/// Sums up the states of the statements. Parts, data and words alone do not make a plan done or failed.
fn ending(statements: &[&CheckedStatement], states: &[StatementState], answered: bool) -> Ending {
    let states_of = |counts: fn(&CheckedStatement) -> bool| {
        statements
            .iter()
            .zip(states)
            .filter(|(statement, _)| counts(statement))
            .map(|(_, state)| *state)
            .collect::<Vec<_>>()
    };
    let calls = states_of(|statement| {
        matches!(
            statement.kind,
            StatementKind::Call(_) | StatementKind::Each { .. }
        )
    });
    // What a plan only looked up on the way to an act is no part of its success.
    let acts = states_of(|statement| statement.effect() > Effect::Read);
    let is_done = |state: &StatementState| *state == StatementState::Done;
    let nothing_done =
        |states: &[StatementState]| !states.is_empty() && !states.iter().any(is_done);
    if nothing_done(&acts) || nothing_done(&calls) {
        let refused = calls.contains(&StatementState::Refused);
        if refused {
            Ending::Refused
        } else {
            Ending::Failed
        }
    } else if statements.is_empty() || calls.is_empty() && states.contains(&StatementState::Failed)
    {
        Ending::Failed
    } else if calls.is_empty() && answered {
        Ending::Answered
    } else if calls.iter().all(is_done) {
        Ending::Done
    } else {
        Ending::Partial
    }
}
