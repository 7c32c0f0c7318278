//! Between rows of the store and the types of this crate.

use policy::ResolvedCall;
use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use crate::{EntryId, EntryState, Outcome, StoredEntry, StoredTurn};

/// The columns that [`entry`] reads, in its order.
pub(crate) const ENTRY_COLUMNS: &str =
    "id, turn, function, call, state, intent, outcome, note, undoes, undoable";

/// The columns that [`turn`] reads, in its order.
pub(crate) const TURN_COLUMNS: &str = "id, at, utterance, plan, events, finish";

/// Reads an entry.
pub(crate) fn entry(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    let call: ResolvedCall = json(row, 3)?;
    let outcome = match row.get::<_, Option<String>>(6)? {
        Some(_) => Some(json::<Outcome>(row, 6)?),
        None => None,
    };
    Ok(StoredEntry {
        id: EntryId(row.get(0)?),
        turn: turn_id(row.get(1)?),
        function: call.function.clone(),
        call,
        state: state_of(&row.get::<_, String>(4)?),
        intent: json(row, 5)?,
        outcome,
        note: row.get(7)?,
        undoes: row.get::<_, Option<i64>>(8)?.map(EntryId),
        undoable: row.get(9)?,
    })
}

/// Reads a turn, still without its entries.
pub(crate) fn turn(row: &Row<'_>) -> rusqlite::Result<(i64, StoredTurn)> {
    let id = row.get(0)?;
    Ok((
        id,
        StoredTurn {
            turn: turn_id(id),
            at: row.get(1)?,
            utterance: row.get(2)?,
            plan: row.get(3)?,
            events: json(row, 4)?,
            finish: row.get(5)?,
            entries: Vec::new(),
        },
    ))
}

/// Writes a turn's number as its id.
pub(crate) fn turn_id(number: i64) -> String {
    format!("t{number}")
}

/// Reads a turn's id.
pub(crate) fn turn_number(turn: &str) -> Option<i64> {
    turn.strip_prefix('t')?.parse().ok()
}

/// Returns the word that the store keeps for `state`.
pub(crate) fn state_word(state: EntryState) -> &'static str {
    match state {
        EntryState::Open => "open",
        EntryState::Done => "done",
        EntryState::Failed => "failed",
        EntryState::Unknown => "unknown",
        EntryState::Undone => "undone",
    }
}

/// Reads a state; the store's own check admits no other words, and unknown is the careful reading.
fn state_of(word: &str) -> EntryState {
    match word {
        "open" => EntryState::Open,
        "done" => EntryState::Done,
        "failed" => EntryState::Failed,
        "undone" => EntryState::Undone,
        _ => EntryState::Unknown,
    }
}

/// Writes a value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}
