//! What was done and why, and what can be done.

use functions::{Availability, Function};
use journal::{EntryState, StoredEntry, StoredTurn};
use protocol::{
    Finish, FunctionReport, LogEntry, Problem, Route, StateReport, TurnEvent, TurnId, TurnReport,
    WhyReport,
    text::{Language, message},
};

use crate::{Kernel, problems, resolve, schema, surroundings};

impl Kernel {
    /// Returns the last `limit` turns, newest first.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read; so do all below.
    pub async fn log(&self, limit: u32, language: Language) -> Result<Vec<TurnReport>, Problem> {
        let limit = limit.min(10_000) as usize;
        let turns = self.ledger.with(move |journal| journal.turns(limit)).await;
        Ok(turns
            .map_err(|error| problems::journal(language, &error))?
            .iter()
            .map(|turn| self.turn_report(turn))
            .collect())
    }

    /// Explains a turn, the last one when `turn` is empty.
    ///
    /// # Errors
    ///
    /// When there is no such turn.
    pub async fn why(&self, turn: &str, language: Language) -> Result<WhyReport, Problem> {
        let wanted = turn.to_owned();
        let stored = if turn.is_empty() {
            self.ledger
                .with(|journal| journal.turns(1))
                .await
                .map(|turns| turns.into_iter().next())
        } else {
            self.ledger
                .with(move |journal| journal.turn(&wanted).map(Some))
                .await
        };
        let stored = stored.map_err(|error| problems::journal(language, &error))?;
        let stored = stored.ok_or_else(|| protocol::text::problem(language, "no-turn-yet", &[]))?;
        Ok(self.explain(&stored))
    }

    /// Returns the events of a turn; a running one has them only in memory.
    fn events_of(&self, stored: &StoredTurn) -> Vec<TurnEvent> {
        let kept = || {
            stored
                .events
                .iter()
                .filter_map(|json| serde_json::from_str(json).ok())
                .collect()
        };
        let id = TurnId(stored.turn.clone());
        self.turns.events(&id).unwrap_or_else(kept)
    }

    /// Tells whether the person wrote the request; what they pressed or gave as a plan has its route
    /// given, and what a crash cut off has none.
    fn is_in_words(&self, turn: &StoredTurn) -> bool {
        let mut routes = self
            .events_of(turn)
            .into_iter()
            .filter_map(|event| match event {
                TurnEvent::Routed { route, .. } => Some(route),
                _ => None,
            });
        match routes.next() {
            Some(route) => route != Route::Given,
            None => turn.finish.is_some() || self.turns.has(&TurnId(turn.turn.clone())),
        }
    }

    fn explain(&self, stored: &StoredTurn) -> WhyReport {
        let events = self.events_of(stored);
        let mut why = WhyReport {
            turn: self.turn_report(stored),
            route: None,
            considered: Vec::new(),
            decisions: Vec::new(),
            problems: Vec::new(),
            weighing: None,
            rewritten: Vec::new(),
            written: String::new(),
        };
        for event in events {
            match event {
                TurnEvent::Routed { route, considered } => {
                    why.route = Some(route);
                    why.considered = considered;
                }
                TurnEvent::Decided { decision, .. } => why.decisions.push(decision),
                TurnEvent::Failed { problem } => why.problems.push(problem),
                TurnEvent::Decoded { text } => why.written.push_str(&text),
                TurnEvent::Weighed { weighing } => why.weighing = Some(weighing),
                TurnEvent::Rewriting { reason } => {
                    break_line(&mut why.written);
                    why.rewritten.push(reason);
                }
                _ => {}
            }
        }
        if !why.turn.plan.is_empty() || why.problems.is_empty() {
            why.written.clear();
        }
        why
    }

    fn turn_report(&self, stored: &StoredTurn) -> TurnReport {
        let turn = TurnId(stored.turn.clone());
        let finish: Option<Finish> = stored
            .finish
            .as_deref()
            .and_then(|json| serde_json::from_str(json).ok());
        TurnReport {
            at: surroundings::moment_text(stored.at),
            utterance: stored.utterance.clone(),
            plan: stored.plan.clone(),
            is_interrupted: stored.finish.is_none() && !self.turns.has(&turn),
            finish,
            entries: stored.entries.iter().map(log_entry).collect(),
            turn,
        }
    }

    /// Returns the last `limit` requests that were made in words, newest first, each once.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn history(&self, limit: u32, language: Language) -> Result<Vec<String>, Problem> {
        // Presses, undos and plans from files are turns too.
        let turns = limit.saturating_mul(4).min(10_000) as usize;
        let turns = self.ledger.with(move |journal| journal.turns(turns)).await;
        let turns = turns.map_err(|error| problems::journal(language, &error))?;
        let mut utterances: Vec<String> = Vec::new();
        for turn in turns {
            if self.is_in_words(&turn)
                && !turn.utterance.is_empty()
                && !utterances.contains(&turn.utterance)
            {
                utterances.push(turn.utterance);
            }
        }
        utterances.truncate(limit as usize);
        Ok(utterances)
    }

    /// Erases the history, in memory and on disk: turns, panels, and what was opened how often.
    /// Returns how many turns.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn clear_history(&self, language: Language) -> Result<u32, Problem> {
        let erased = self
            .ledger
            .with(|journal| journal.erase_all_finished())
            .await;
        let erased = erased.map_err(|error| problems::journal(language, &error))?;
        self.turns.forget_finished();
        self.before.forget();
        self.panels.forget();
        self.launcher.forget_habits();
        Ok(u32::try_from(erased).unwrap_or(u32::MAX))
    }

    /// Lists every function, with what is missing for those that cannot be used now.
    pub async fn functions(&self, language: Language) -> Vec<FunctionReport> {
        let world = self.world_in(language);
        let mut reports = Vec::new();
        let registry = self.registry();
        for function in registry.functions() {
            let missing = match registry
                .availability(&function.signature.name, &world)
                .await
            {
                Some(Availability::Missing(problem)) => Some(problem),
                _ => None,
            };
            reports.push(FunctionReport {
                signature: plan::describe_form(&function.signature),
                name: function.signature.name.to_string(),
                summary: match language {
                    Language::English => function.signature.summary.clone(),
                    Language::Chinese => function.summary_zh.clone(),
                },
                effect: function.signature.effect.word().to_owned(),
                provider: provider(function, language),
                available: missing.is_none(),
                missing: missing
                    .map(|problem| format!("{} {}", problem.sentence, problem.remedy))
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
                examples: function
                    .examples
                    .iter()
                    .filter(|e| e.language == language.code())
                    .map(|e| e.request.clone())
                    .collect(),
                input: schema::of_arguments(&function.signature),
            });
        }
        reports
    }

    /// Tells what a shell that connects draws.
    pub fn state(&self) -> StateReport {
        let (model, model_loaded) = self.models.in_use();
        StateReport {
            turns: self.turns.all(),
            model,
            model_loaded,
        }
    }
}

/// Who a function is from.
fn provider(function: &Function, language: Language) -> String {
    let Some(offered) = &function.offered else {
        return match function.plugin.as_str() {
            "" => message(language, "built-in", &[]),
            plugin => plugin.to_owned(),
        };
    };
    let [app, app_zh] = &offered.app;
    let app = match language {
        Language::English => app,
        Language::Chinese => app_zh,
    };
    let means = message(language, offered.means.message(), &[]);
    let id = match offered.is_guessed {
        true => "offered-guessed",
        false => "offered",
    };
    message(language, id, &[("app", app), ("means", &means)])
}

/// Ends a line that was begun: what is written anew stands on a line of its own.
fn break_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn log_entry(entry: &StoredEntry) -> LogEntry {
    let note = entry
        .outcome
        .as_ref()
        .map(|outcome| outcome.note.clone())
        .filter(|note| !note.is_empty());
    LogEntry {
        entry: entry.id.0,
        call: resolve::written(&entry.call),
        state: state_name(entry.state).to_owned(),
        note: note.unwrap_or_else(|| entry.note.clone()),
        undoable: entry.undo().is_some() && entry.undoes.is_none(),
    }
}

fn state_name(state: EntryState) -> &'static str {
    match state {
        EntryState::Open => "open",
        EntryState::Done => "done",
        EntryState::Failed => "failed",
        EntryState::Unknown => "unknown",
        EntryState::Undone => "undone",
    }
}
