//! Entries: an intent before every act, an outcome after it.

use plan::{Effect, Value};
use policy::{Digest, PermittedCall};
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::{Durability, Journal, StoredEntry, no_entry, no_turn, now, turn_number};
use crate::{EntryId, EntryState, Intent, JournalError, OpenEntry, Outcome, error::During, rows};

const INSERT: &str = "INSERT INTO entry \
    (turn, at, function, effect, call, digest, reason, intent, state, undoes) VALUES \
    (:turn, :at, :function, :effect, :call, :digest, :reason, :intent, 'open', :undoes)";

impl Journal {
    /// Makes the intent durable and gives the right to execute. `undoes` names the entry that is taken back.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::Missing`] for an unknown turn,
    /// [`JournalError::NotUndoable`]; then nothing may be executed.
    pub fn open_entry(
        &self,
        turn: &str,
        permitted: PermittedCall,
        intent: Intent,
        undoes: Option<EntryId>,
    ) -> Result<OpenEntry, JournalError> {
        let number = turn_number(turn)?;
        let durability = durability_of(permitted.call().effect);
        let opened = self.write("record an intent", durability, |transaction| {
            if !has_turn(transaction, number)? {
                return Ok(Err(no_turn(turn)));
            }
            if let Some(undone) = undoes
                && !can_be_undone(transaction, undone)?
            {
                return Ok(Err(JournalError::NotUndoable(undone)));
            }
            insert(transaction, number, &permitted, &intent, undoes).map(Ok)
        })??;
        Ok(OpenEntry {
            id: opened,
            permitted,
            intent,
        })
    }

    /// Closes an entry as done; marks the entry that it undoes as undone in the same transaction.
    ///
    /// The value of a call that only reads is not kept: it is the person's
    /// data, and running the call again gives it.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`]. The act is done all the same: [`Journal::settle`]
    /// records it later, else the next start settles it by the world's state.
    pub fn close_done(&self, entry: OpenEntry, outcome: &Outcome) -> Result<(), JournalError> {
        let effect = entry.call().effect;
        let kept = match effect {
            Effect::Read => Outcome {
                value: Value::Null,
                ..outcome.clone()
            },
            _ => outcome.clone(),
        };
        let end = End::done(&entry.intent, Some(&kept));
        self.close(entry.id, durability_of(effect), &end)
    }

    /// Closes an entry as failed, with one sentence.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn close_failed(&self, entry: OpenEntry, note: &str) -> Result<(), JournalError> {
        let durability = durability_of(entry.call().effect);
        self.close(
            entry.id,
            durability,
            &End::without(EntryState::Failed, note),
        )
    }

    /// Returns the entries that were open when the last kernel died.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn unsettled(&self) -> Result<Vec<StoredEntry>, JournalError> {
        let sql = format!(
            "SELECT {} FROM entry WHERE state = 'open' AND id <= ?1 ORDER BY id",
            rows::ENTRY_COLUMNS
        );
        self.connection
            .prepare(&sql)
            .and_then(|mut query| {
                query
                    .query_map([self.inherited_entry], rows::entry)?
                    .collect()
            })
            .during("read what was left open")
    }

    /// Settles an entry that was left open; idempotent: what is settled stays as it is.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::Missing`], and
    /// [`JournalError::NotSettled`] for a `state` that is no end of an open entry.
    pub fn settle(
        &self,
        entry: EntryId,
        state: EntryState,
        outcome: Option<&Outcome>,
        note: &str,
    ) -> Result<(), JournalError> {
        let Some(stored) = self.entry(entry)? else {
            return Err(no_entry(entry));
        };
        if stored.state != EntryState::Open {
            return Ok(());
        }
        let end = match state {
            EntryState::Done => End {
                note,
                ..End::done(&stored.intent, outcome)
            },
            EntryState::Failed | EntryState::Unknown => End::without(state, note),
            EntryState::Open | EntryState::Undone => return Err(JournalError::NotSettled(state)),
        };
        self.close(entry, Durability::Power, &end)
    }

    /// Returns one entry.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn entry(&self, entry: EntryId) -> Result<Option<StoredEntry>, JournalError> {
        let sql = format!("SELECT {} FROM entry WHERE id = ?1", rows::ENTRY_COLUMNS);
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut query| query.query_row([entry.0], rows::entry).optional())
            .during("read an entry")
    }

    /// Forgets the calls that only read and were cut off: there is nothing to settle.
    pub(super) fn drop_interrupted_reads(&self) -> Result<(), JournalError> {
        let sql = "UPDATE entry SET state = 'failed' \
                   WHERE state = 'open' AND effect = 'read' AND id <= ?1";
        let open = "SELECT EXISTS (SELECT 1 FROM entry WHERE state = 'open' AND effect = 'read')";
        let any: bool = self
            .connection
            .query_row(open, [], |row| row.get(0))
            .during("read what was left open")?;
        if !any {
            return Ok(());
        }
        self.write("settle reads", Durability::Process, |transaction| {
            transaction.execute(sql, [self.inherited_entry])?;
            Ok(())
        })
    }

    fn close(
        &self,
        entry: EntryId,
        durability: Durability,
        end: &End<'_>,
    ) -> Result<(), JournalError> {
        let closed = self.write("record an outcome", durability, |transaction| {
            end.write(transaction, entry)
        })?;
        if closed { Ok(()) } else { Err(no_entry(entry)) }
    }
}

/// How an open entry ends.
struct End<'a> {
    state: EntryState,
    outcome: Option<&'a Outcome>,
    undoable: bool,
    note: &'a str,
}

impl<'a> End<'a> {
    fn done(intent: &Intent, outcome: Option<&'a Outcome>) -> End<'a> {
        let undo = match outcome {
            Some(outcome) => outcome.undo.as_ref(),
            None => intent.undo.as_ref(),
        };
        End {
            state: EntryState::Done,
            outcome,
            undoable: undo.is_some(),
            note: "",
        }
    }

    fn without(state: EntryState, note: &'a str) -> End<'a> {
        End {
            state,
            outcome: None,
            undoable: false,
            note,
        }
    }

    /// Writes it, and marks what the entry takes back. Returns whether the entry was open.
    fn write(&self, transaction: &Transaction<'_>, entry: EntryId) -> rusqlite::Result<bool> {
        let outcome = self.outcome.map(rows::to_json).transpose()?;
        let closed = transaction
            .prepare_cached(
                "UPDATE entry SET state = ?2, outcome = ?3, undoable = ?4, note = ?5 \
                 WHERE id = ?1 AND state = 'open'",
            )?
            .execute(params![
                entry.0,
                rows::state_word(self.state),
                outcome,
                self.undoable,
                self.note
            ])?;
        if closed == 1 && self.state == EntryState::Done {
            transaction
                .prepare_cached(
                    "UPDATE entry SET state = 'undone' WHERE state = 'done' \
                     AND id = (SELECT undoes FROM entry WHERE id = ?1)",
                )?
                .execute([entry.0])?;
        }
        Ok(closed == 1)
    }
}

/// A call that only reads changes nothing, so nothing is lost with its entry.
fn durability_of(effect: Effect) -> Durability {
    match effect {
        Effect::Read => Durability::Process,
        Effect::Transient | Effect::Reversible | Effect::Irreversible | Effect::Egress => {
            Durability::Power
        }
    }
}

fn has_turn(transaction: &Transaction<'_>, number: i64) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM turn WHERE id = ?1)")?
        .query_row([number], |row| row.get(0))
}

fn can_be_undone(transaction: &Transaction<'_>, entry: EntryId) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entry WHERE id = ?1 AND state = 'done' AND undoable = 1) \
             AND NOT EXISTS (SELECT 1 FROM entry WHERE undoes = ?1 AND state IN ('open', 'done'))",
        )?
        .query_row([entry.0], |row| row.get(0))
}

fn insert(
    transaction: &Transaction<'_>,
    turn: i64,
    permitted: &PermittedCall,
    intent: &Intent,
    undoes: Option<EntryId>,
) -> rusqlite::Result<EntryId> {
    let call = permitted.call();
    transaction.prepare_cached(INSERT)?.execute(named_params! {
        ":turn": turn,
        ":at": now(),
        ":function": call.function.as_str(),
        ":effect": call.effect.word(),
        ":call": rows::to_json(call)?,
        ":digest": Digest::of(call).as_str(),
        ":reason": permitted.reason(),
        ":intent": rows::to_json(intent)?,
        ":undoes": undoes.map(|entry| entry.0),
    })?;
    Ok(EntryId(transaction.last_insert_rowid()))
}
