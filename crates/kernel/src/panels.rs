//! The panels of this run of the kernel: drawn as results arrive, pressed, drawn anew.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use panel::{ActionError, BoundCall, Panel, Pressed, Values, Words, parts_of};
use plan::{
    CheckedAction, CheckedStatement, Effect, Field, FunctionName, Label, Operand, StatementKind,
    Value,
};
use protocol::{
    AskOptions, PanelAction, PanelMessage, Problem, Source, StatementState, TurnEvent, TurnId,
    text::{Language, problem},
};

use crate::{
    Kernel,
    carry_out::Errand,
    resolve::resolve,
    results::Results,
    whole::{AllRows, Whole},
};

/// How many panels can be pressed; older ones answer that they are out of date. Fewer than there
/// are turns kept would do, but never more: a panel's changes are events of its turn.
const KEPT: usize = crate::turns::KEPT;

/// All panels that can be pressed, oldest first.
#[derive(Default)]
pub(crate) struct Panels {
    kept: Mutex<VecDeque<Kept>>,
}

/// A panel with the run plan that it shows.
struct Kept {
    panel: Panel,
    statements: Vec<CheckedStatement>,
    states: Vec<StatementState>,
    results: Arc<Results>,
    language: Language,
}

impl Panels {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, kept: Kept) {
        let mut all = self.lock();
        if all.len() >= KEPT {
            all.pop_front();
        }
        all.push_back(kept);
    }

    /// Forgets all panels with the data that they show.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    /// Does `work` on the panel of `surface`.
    fn with<T>(&self, surface: &str, work: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        self.lock()
            .iter_mut()
            .find(|kept| kept.panel.surface() == surface)
            .map(work)
    }
}

/// The panel of a turn that still runs.
pub(crate) struct Draft {
    kernel: Arc<Kernel>,
    turn: TurnId,
    language: Language,
    panel: Panel,
    is_drawn: bool,
}

impl Draft {
    /// Begins a panel whose surface is named after the turn.
    pub(crate) fn new(kernel: Arc<Kernel>, turn: TurnId, language: Language) -> Draft {
        let panel = Panel::new(&turn.0, language);
        Draft {
            kernel,
            turn,
            language,
            panel,
            is_drawn: false,
        }
    }

    /// Draws what is there, once the plan has said how: before its first part the default
    /// view would only flicker.
    pub(crate) fn grow(
        &mut self,
        statements: &[CheckedStatement],
        results: &Results,
        states: &[StatementState],
    ) {
        if statements
            .iter()
            .any(|statement| matches!(statement.kind, StatementKind::Part(_)))
        {
            self.draw(statements, results, states);
        }
    }

    /// Draws the whole panel and keeps it for presses.
    pub(crate) fn complete(
        mut self,
        statements: Vec<CheckedStatement>,
        results: Arc<Results>,
        states: Vec<StatementState>,
    ) {
        self.draw(&statements, &results, &states);
        if self.is_drawn {
            self.kernel.panels.keep(Kept {
                panel: self.panel,
                statements,
                states,
                results,
                language: self.language,
            });
        }
    }

    fn draw(
        &mut self,
        statements: &[CheckedStatement],
        results: &Results,
        states: &[StatementState],
    ) {
        let words = KernelWords {
            kernel: &self.kernel,
            language: self.language,
        };
        let parts = parts_of(statements, states, results, &words, self.language);
        if parts.is_empty() {
            return;
        }
        self.is_drawn = true;
        let messages = self.panel.update(parts);
        self.kernel.tell_panel(&self.turn, messages);
    }
}

impl Kernel {
    /// Does what the person pressed. Returns the turn of the call; none when the panel only
    /// changed by itself, or the same press came before.
    ///
    /// # Errors
    ///
    /// When the panel or the row is not there any more, or the journal cannot be written.
    pub async fn act_on_panel(
        self: &Arc<Kernel>,
        action: &PanelAction,
    ) -> Result<Option<TurnId>, Problem> {
        let of_shell = action.language.as_deref();
        let of_panel = self.panels.with(&action.surface, |kept| kept.language);
        let language =
            of_panel.unwrap_or_else(|| of_shell.map_or_else(Language::of_session, Language::of));
        let stale = || problem(language, "panel-stale", &[]);
        let pressed = self
            .panels
            .with(&action.surface, |kept| kept.panel.resolve(action))
            .ok_or_else(stale)?;
        match pressed {
            Err(ActionError::Repeated) => Ok(None),
            Err(ActionError::Invalid(reason)) => {
                Err(problem(language, "panel-invalid", &[("reason", &reason)]))
            }
            Err(ActionError::Gone | ActionError::Unknown { .. }) => Err(stale()),
            Ok(Pressed::Redrawn(messages)) => {
                let turn = TurnId(action.surface.clone());
                // Its turn is forgotten before it when many turns without panels came since.
                if !self.turns.has(&turn) {
                    return Err(stale());
                }
                self.tell_panel(&turn, messages);
                Ok(None)
            }
            Ok(Pressed::Call(bound)) => {
                self.press(bound, &action.surface, language).await.map(Some)
            }
        }
    }

    async fn press(
        self: &Arc<Kernel>,
        bound: BoundCall,
        surface: &str,
        language: Language,
    ) -> Result<TurnId, Problem> {
        let name = bound.call.function.to_string();
        let unknown = || problem(language, "function-unknown", &[("function", &name)]);
        let function = self.function(&bound.call.function).ok_or_else(unknown)?;
        let resolved = self.panels.with(surface, |kept| {
            resolve(&bound.call, &function.signature, &kept.results)
        });
        let resolved = resolved.ok_or_else(|| problem(language, "panel-stale", &[]))?;
        let mut call = resolved.map_err(|error| {
            problem(language, "value-missing", &[("reason", &error.to_string())])
        })?;
        // The row's value stands in the call like a constant; its true label is the bound one.
        call.arguments
            .iter_mut()
            .filter(|argument| Some(&argument.name) == bound.argument.as_ref())
            .for_each(|a| a.label = bound.label);
        let options = AskOptions {
            source: Source::Panel,
            language: language.code().to_owned(),
            ..AskOptions::default()
        };
        self.run_call(call, &options, Some(surface.to_owned()))
            .await
    }

    /// Runs the queries of a panel again and tells what has changed.
    pub(crate) async fn redraw(self: &Arc<Kernel>, surface: &str, errand: &Errand) {
        let Some((statements, mut results, mut states, language)) =
            self.panels.with(surface, |kept| {
                (
                    kept.statements.clone(),
                    Results::clone(&kept.results),
                    kept.states.clone(),
                    kept.language,
                )
            })
        else {
            return;
        };
        let mut all = AllRows::default();
        for statement in &statements {
            self.query_again(
                statement,
                &statements,
                &mut results,
                &mut all,
                &mut states,
                errand,
            )
            .await;
        }
        let words = KernelWords {
            kernel: self,
            language,
        };
        let parts = parts_of(&statements, &states, &results, &words, language);
        let messages = self.panels.with(surface, |kept| {
            kept.results = Arc::new(results);
            kept.states = states;
            kept.panel.update(parts)
        });
        self.tell_panel(&errand.turn, messages.unwrap_or_default());
    }

    /// Runs one of `statements` again if it only reads; an act is never repeated.
    async fn query_again(
        self: &Arc<Kernel>,
        statement: &CheckedStatement,
        statements: &[CheckedStatement],
        results: &mut Results,
        all: &mut AllRows,
        states: &mut [StatementState],
        errand: &Errand,
    ) {
        let index = statement.index;
        if states.get(index) != Some(&StatementState::Done) {
            return;
        }
        match &statement.kind {
            StatementKind::Call(call) if call.effect == Effect::Read => {
                let Some(function) = self.function(&call.function) else {
                    return;
                };
                let Ok(resolved) = resolve(call, &function.signature, results) else {
                    return;
                };
                match self.carry_out(resolved, errand).await {
                    Ok(outcome) => results.insert(index, outcome.value, Label::DATA),
                    Err(_) => states[index] = StatementState::Failed,
                }
            }
            StatementKind::Data(operation) => {
                let label = results.label(&operation.rows);
                let asked = self.all_rows_for(operation, statements, results, all, errand);
                if asked.await.is_err() {
                    return states[index] = StatementState::Failed;
                }
                let whole = Whole { results, all };
                let value = plan::evaluate_data(operation, &whole).ok();
                if let Some(value) = value {
                    results.insert(index, value, label);
                }
            }
            _ => {}
        }
    }

    fn tell_panel(&self, turn: &TurnId, messages: Vec<PanelMessage>) {
        if !messages.is_empty() {
            self.turns.tell(turn, TurnEvent::Panel { messages });
        }
    }
}

impl Values for Results {
    fn label(&self, operand: &Operand) -> Label {
        Results::label(self, operand)
    }
}

/// Labels of functions and what rows offer.
struct KernelWords<'a> {
    kernel: &'a Kernel,
    language: Language,
}

impl Words for KernelWords<'_> {
    fn function(&self, function: &FunctionName) -> String {
        self.kernel.label(function, self.language)
    }

    fn row_actions(
        &self,
        source: &FunctionName,
        fields: &[Field],
        key: Option<&str>,
    ) -> Vec<CheckedAction> {
        // Nobody has told what those do that apps offer by themselves.
        let registry = self.kernel.registry();
        let described = registry
            .functions()
            .filter(|function| function.offered.is_none());
        let signatures = described.map(|function| &function.signature);
        panel::row_actions(signatures, source, fields, key)
    }

    fn refuses(&self, action: &CheckedAction, rows: &[Value]) -> Vec<bool> {
        let Some(function) = self.kernel.function(&action.function) else {
            return vec![false; rows.len()];
        };
        let subject = |row| match &action.field {
            Some(field) => Value::field(row, field).unwrap_or(&Value::Null),
            None => row,
        };
        let subjects: Vec<&Value> = rows.iter().map(subject).collect();
        function.action.refuses(&subjects, &self.kernel.world)
    }
}
