//! Taking back: single acts and whole turns, in reverse order, each act journaled.

use std::{sync::Arc, time::Instant};

use journal::{StoredEntry, StoredTurn, Undo};
use protocol::{
    AskOptions, Outcome, Problem, Route, StatementState, TurnEvent, TurnId,
    text::{Language, message, problem},
};

use crate::{
    Kernel,
    carry_out::{Hindrance, TakingBack},
    problems,
    requests::language,
    resolve,
    turn::Turn,
};

impl Kernel {
    /// Begins a turn that takes back `turn` (the last undoable one when empty), or its entry `entry` unless that is 0.
    ///
    /// # Errors
    ///
    /// When there is nothing to take back; then there is no turn.
    pub async fn undo(
        self: &Arc<Kernel>,
        turn: &str,
        entry: i64,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let begun = Instant::now();
        let language = language(options);
        let stored = self.undoable_turn(turn, language).await?;
        // What still runs ends first, or it would go on behind the undo.
        if !self.turns.stop_and_wait(&TurnId(stored.turn.clone())).await {
            return Err(problem(language, "undo-still-running", &[]));
        }
        let stored = self.undoable_turn(&stored.turn, language).await?;
        let mut entries: Vec<(StoredEntry, Undo)> = stored
            .entries
            .iter()
            .filter(|stored| entry == 0 || stored.id.0 == entry)
            .filter_map(|stored| Some((stored.clone(), stored.undo()?.clone())))
            .collect();
        entries.reverse();
        if entries.is_empty() {
            return Err(problem(language, "nothing-to-undo", &[]));
        }
        let utterance = message(language, "undo-of", &[("request", &stored.utterance)]);
        let turn = self.begin(&utterance, options, begun).await?;
        let id = turn.errand.turn.clone();
        self.spawn_turn(turn, |turn| turn.take_back(entries));
        Ok(id)
    }

    /// Takes back the turn just before. Where that left nothing to take back an older one is not meant.
    ///
    /// # Errors
    ///
    /// As [`Kernel::undo`], and when that turn changed nothing.
    pub(crate) async fn undo_that(
        self: &Arc<Kernel>,
        options: &AskOptions,
    ) -> Result<TurnId, Problem> {
        let language = language(options);
        let older = self.undoable_turn("", language).await?;
        let last = self.ledger.with(|journal| journal.turns(1)).await;
        let last = last.map_err(|error| problems::journal(language, &error))?;
        // Who takes back twice goes back two turns, and what still runs may change something yet.
        let is_meant = |last: &StoredTurn| {
            let is_undo = last.entries.iter().any(|entry| entry.undoes.is_some());
            last.turn == older.turn || is_undo || last.finish.is_none()
        };
        match last.first() {
            Some(last) if !is_meant(last) => {
                let values = [
                    ("request", last.utterance.as_str()),
                    ("older", older.utterance.as_str()),
                ];
                Err(problem(language, "nothing-to-undo-there", &values))
            }
            _ => self.undo("", 0, options).await,
        }
    }

    async fn undoable_turn(&self, turn: &str, language: Language) -> Result<StoredTurn, Problem> {
        let wanted = turn.to_owned();
        let stored = if turn.is_empty() {
            self.ledger.with(|journal| journal.last_undoable()).await
        } else {
            self.ledger
                .with(move |journal| journal.turn(&wanted).map(Some))
                .await
        };
        let stored = stored.map_err(|error| problems::journal(language, &error))?;
        stored.ok_or_else(|| problem(language, "nothing-to-undo", &[]))
    }
}

impl Turn {
    async fn take_back(mut self, entries: Vec<(StoredEntry, Undo)>) {
        self.tell(TurnEvent::Routed {
            route: Route::Given,
            considered: Vec::new(),
        });
        // What was taken back is no longer where its turn left it.
        self.kernel.before.forget();
        let texts: Vec<String> = entries.iter().map(|(_, undo)| self.text(undo)).collect();
        self.record_plan(texts.join("\n")).await;
        for (index, text) in texts.iter().enumerate() {
            self.tell_state(index, text, StatementState::Waiting, None);
        }
        let (count, mut done, mut hindered) = (entries.len(), 0, false);
        for (index, (entry, undo)) in entries.into_iter().enumerate() {
            // Acts are taken back strictly in reverse: after one that cannot be, those before it rest on it.
            if hindered || self.errand.cancel.is_cancelled() {
                self.tell_state(index, &texts[index], StatementState::Skipped, None);
                continue;
            }
            self.errand.turn_to(index, &texts[index]);
            self.tell_state(index, &texts[index], StatementState::Running, None);
            match self.take_back_one(&entry, undo).await {
                Ok(note) => {
                    done += 1;
                    self.tell_state(index, &texts[index], StatementState::Done, Some(note));
                }
                Err(problem) => {
                    hindered = true;
                    self.tell_state(
                        index,
                        &texts[index],
                        StatementState::Failed,
                        Some(problem.sentence.clone()),
                    );
                    self.tell(TurnEvent::Failed { problem });
                }
            }
        }
        let ending = match done {
            done if done == count => Outcome::Done,
            _ if self.errand.cancel.is_cancelled() => Outcome::Stopped,
            0 => Outcome::Failed,
            _ => Outcome::Partial,
        };
        self.finish_given(ending).await;
    }

    async fn take_back_one(&self, entry: &StoredEntry, undo: Undo) -> Result<String, Problem> {
        let language = self.errand.world.language;
        if let Some((_, why)) = self
            .kernel
            .registry()
            .first_broken(&undo.expect, &self.errand.world)
            .await
        {
            return Err(problem(language, "undo-conflict", &[("reason", &why)]));
        }
        let Some(function) = self.kernel.function(&undo.function) else {
            return Err(problem(
                language,
                "function-unknown",
                &[("function", undo.function.as_str())],
            ));
        };
        let call = resolve::given(&function.signature, &undo.arguments);
        let taking_back = TakingBack {
            entry: entry.id,
            expect: &undo.expect,
        };
        match self
            .kernel
            .carry_out_undoing(call, &self.errand, Some(taking_back))
            .await
        {
            Ok(outcome) => Ok(outcome.note),
            Err(Hindrance::Failed(problem) | Hindrance::Refused(problem)) => Err(problem),
            Err(Hindrance::Stopped(_)) => Err(problem(language, "statement-stopped", &[])),
        }
    }

    fn text(&self, undo: &Undo) -> String {
        match self.kernel.function(&undo.function) {
            Some(function) => {
                resolve::written(&resolve::given(&function.signature, &undo.arguments))
            }
            None => format!("{}()", undo.function),
        }
    }

    fn tell_state(&self, index: usize, text: &str, state: StatementState, note: Option<String>) {
        let note = note.filter(|note| !note.is_empty());
        self.tell(TurnEvent::Statement {
            index,
            text: text.to_owned(),
            state,
            note,
        });
    }
}
