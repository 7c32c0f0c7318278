//! What the overlay does besides asking: pressing parts of panels, opening results, typing, toggling.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use functions::Means;
use plan::{CheckedCall, Effect, FunctionName, Label, Operand, Signature, Value};
use policy::ResolvedCall;
use protocol::{
    AskOptions, Outcome, Problem, Route, StatementState, TurnEvent, TurnId,
    text::{Language, problem},
};
use search::Target;

use crate::{
    Kernel,
    carry_out::Hindrance,
    overlay::Appearance,
    requests::language,
    resolve::{resolve_as, written},
    turn::Turn,
};

/// Builds a call on texts that the person chose by a click; none where they do not fit its arguments.
fn chosen<const N: usize>(
    signature: &Signature,
    values: [(String, String); N],
) -> Option<ResolvedCall> {
    let mut arguments = BTreeMap::new();
    for (name, value) in values {
        let (value, ty) = (Value::Text(value), signature.argument(&name)?.ty.clone());
        plan::check_value(&value, &ty).ok()?;
        arguments.insert(name, Operand::Value { value, ty });
    }
    let call = CheckedCall {
        function: signature.name.clone(),
        arguments,
        effect: signature.effect,
    };
    resolve_as(&call, signature, Label::USER).ok()
}

impl Kernel {
    /// Opens a result of the search, as a turn.
    ///
    /// # Errors
    ///
    /// When the result is not of this kernel, or nothing can open it.
    pub async fn open_result(
        self: &Arc<Kernel>,
        id: &str,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let language = language(options);
        let gone = || problem(language, "result-gone", &[]);
        let (function, argument) = match Target::of_id(id).ok_or_else(gone)? {
            Target::App(app) => ("apps.open", app),
            Target::File(path) => ("files.open", path.to_str().ok_or_else(gone)?.to_owned()),
            Target::Hit { app, words, result } => {
                let call = self.opening(&app, words, result).ok_or_else(gone)?;
                return self.run_call(call, options, None).await;
            }
            // A computed value is copied by the shell; there is nothing to do here.
            Target::Calculation(value) => return self.answer(&value, options).await,
        };
        let call = self
            .clicked(function, argument)
            .ok_or_else(|| problem(language, "function-unknown", &[("function", function)]))?;
        self.launcher.used(id);
        self.run_call(call, options, None).await
    }

    /// Builds the call of `function` on what the person chose by a click.
    fn clicked(&self, function: &str, value: String) -> Option<ResolvedCall> {
        let function = self.function(&FunctionName::new(function).ok()?)?;
        let subject = function.signature.subject()?.name.clone();
        chosen(&function.signature, [(subject, value)])
    }

    /// Builds the call that lets an app open what it found for some words, where it may still answer them.
    fn opening(&self, app: &str, words: String, result: String) -> Option<ResolvedCall> {
        let registry = self.registry();
        let opening = registry.functions().find(|function| {
            let offered = function.offered.as_ref();
            offered.is_some_and(|offered| {
                offered.means == Means::SearchResult && offered.app_id == app
            })
        })?;
        let values = [("result", result), ("words", words)];
        let values = values.map(|(name, value)| (name.to_owned(), value));
        let call = chosen(&opening.signature, values)?;
        // Who named the app in the settings and then chose what it found is not asked a third time; a plan would be.
        Some(ResolvedCall {
            effect: Effect::Transient,
            ..call
        })
    }

    /// Runs one call as a turn of its own. `surface` is a panel that is drawn anew afterwards.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written; then nothing is done.
    pub(crate) async fn run_call(
        self: &Arc<Kernel>,
        call: ResolvedCall,
        options: &AskOptions,
        surface: Option<String>,
    ) -> Result<TurnId, Problem> {
        let turn = self.begin(&written(&call), options, Instant::now()).await?;
        let id = turn.errand.turn.clone();
        self.spawn_turn(turn, |turn| async move {
            turn.run_one(call, surface).await;
        });
        Ok(id)
    }

    async fn answer(
        self: &Arc<Kernel>,
        text: &str,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let turn = self.begin(text, options, Instant::now()).await?;
        let id = turn.errand.turn.clone();
        turn.tell(TurnEvent::Said {
            text: text.to_owned(),
        });
        turn.finish_given(Outcome::Answered).await;
        Ok(id)
    }

    /// Stops one turn or all. Returns how many were running.
    pub fn stop(&self, turn: Option<&TurnId>) -> u32 {
        self.turns.stop(turn)
    }

    /// Returns the events of a turn of this run of the kernel.
    pub fn events(&self, turn: &TurnId) -> Vec<TurnEvent> {
        self.turns.events(turn).unwrap_or_default()
    }

    /// Lets the model read the words so far, while nothing else runs. No words yet mean that the
    /// person is about to type: the model is loaded.
    pub fn typing(self: &Arc<Kernel>, partial: &str) {
        if self.turns.running() > 0 || partial.chars().count() > 500 {
            return;
        }
        if partial.is_empty() {
            tokio::spawn(self.clone().warm());
            return;
        }
        let Some(engine) = self.models.engine() else {
            return;
        };
        let (kernel, partial) = (self.clone(), partial.to_owned());
        let planner = self.planner();
        tokio::spawn(async move {
            let read = tokio::select! {
                read = planner.typing(engine.as_ref(), &partial) => read,
                () = kernel.models.until_measuring(true) => return,
            };
            if let Err(error) = read {
                tracing::debug!(%error, "the words so far were not read ahead");
            }
        });
    }

    /// Makes sure that a shell runs that hears the next toggle. Returns whether one was
    /// running before; one that is started now shows itself.
    ///
    /// # Errors
    ///
    /// When there is no display, or no shell is installed.
    pub async fn summon_shell(self: &Arc<Kernel>) -> Result<bool, Problem> {
        let running = self.overlay.ensure_running(Appearance::Shown).await;
        let hindrance = match (
            running,
            functions::spawn::has_display(),
            self.overlay.is_installed(),
        ) {
            (true, ..) | (false, true, true) => return Ok(running),
            (false, false, _) => "no-display",
            (false, true, false) => "shell-missing",
        };
        Err(problem(Language::of_session(), hindrance, &[]))
    }
}

/// What came of a turn of one call.
pub(crate) struct Done {
    pub(crate) ending: Outcome,
    /// What the function gave.
    pub(crate) value: Value,
    /// What a person reads about it.
    pub(crate) note: String,
}

impl Turn {
    pub(crate) async fn run_one(mut self, call: ResolvedCall, surface: Option<String>) -> Done {
        let text = written(&call);
        self.errand.turn_to(0, &text);
        let tell = |state, note: Option<String>| {
            let note = note.filter(|note| !note.is_empty());
            self.tell(TurnEvent::Statement {
                index: 0,
                text: text.clone(),
                state,
                note,
            });
        };
        self.tell(TurnEvent::Routed {
            route: Route::Given,
            considered: Vec::new(),
        });
        self.record_plan(text.clone()).await;
        tell(StatementState::Running, None);
        let done = match self.kernel.carry_out(call, &self.errand).await {
            Ok(outcome) => {
                tell(StatementState::Done, Some(outcome.note.clone()));
                Done {
                    ending: Outcome::Done,
                    value: outcome.value,
                    note: outcome.note,
                }
            }
            Err(hindrance) => {
                let (ending, state, note) = match &hindrance {
                    Hindrance::Failed(problem) => {
                        (Outcome::Failed, StatementState::Failed, &problem.sentence)
                    }
                    Hindrance::Refused(problem) => {
                        (Outcome::Refused, StatementState::Refused, &problem.sentence)
                    }
                    Hindrance::Stopped(note) => (Outcome::Stopped, StatementState::Skipped, note),
                };
                let note = note.clone();
                tell(state, Some(note.clone()));
                if let Hindrance::Failed(problem) = hindrance {
                    self.tell(TurnEvent::Failed { problem });
                }
                Done {
                    ending,
                    value: Value::Null,
                    note,
                }
            }
        };
        if let (Outcome::Done, Some(surface)) = (done.ending, surface) {
            self.kernel.redraw(&surface, &self.errand).await;
        }
        self.finish_given(done.ending).await;
        done
    }
}
