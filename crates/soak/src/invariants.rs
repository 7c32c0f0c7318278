//! What must hold whatever was killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocol::TurnReport;

/// A file that a round moves from one folder to another.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}

impl Moved {
    /// Makes the file of round `round` below `home`.
    pub(crate) fn make(home: &Path, round: u64) -> std::io::Result<Self> {
        let name = format!("soak-{round}.txt");
        let moved = Moved {
            from: home.join("Desktop").join(&name),
            to: home.join("Documents").join(&name),
        };
        std::fs::create_dir_all(home.join("Desktop"))?;
        std::fs::create_dir_all(home.join("Documents"))?;
        std::fs::write(&moved.from, format!("round {round}"))?;
        Ok(moved)
    }

    /// Compares what the journal says about the file with where it is.
    ///
    /// `state` is the state of the entry of its move, if there is one.
    pub(crate) fn contradiction(&self, state: Option<&str>) -> Option<String> {
        let place = match (self.from.exists(), self.to.exists()) {
            (true, false) => Place::Old,
            (false, true) => Place::New,
            (true, true) => return Some(format!("{} is in both places", self.name())),
            (false, false) => return Some(format!("{} is lost", self.name())),
        };
        match (state, place) {
            (Some("done"), Place::New)
            | (Some("failed" | "undone") | None, Place::Old)
            // Unknown is an honest answer after a death in the middle.
            | (Some("unknown"), _) => None,
            (state, place) => Some(format!(
                "{} is in its {place:?} place, but the journal says {}",
                self.name(),
                state.unwrap_or("nothing"),
            )),
        }
    }

    /// Returns the state of the entry of the move: the first that names the file. An undo has an
    /// entry of its own after it, and makes this one `undone`.
    pub(crate) fn state<'a>(&self, turns: &'a [TurnReport]) -> Option<&'a str> {
        let name = self.name();
        turns
            .iter()
            .flat_map(|turn| &turn.entries)
            .filter(|entry| entry.call.contains(&name) && entry.call.starts_with("files.move"))
            .min_by_key(|entry| entry.entry)
            .map(|entry| entry.state.as_str())
    }

    fn name(&self) -> String {
        let name = self.from.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Old,
    New,
}

/// Remembers entries, and notices when one is gone or goes back to being open.
#[derive(Debug, Default)]
pub(crate) struct Memory(BTreeMap<i64, String>);

impl Memory {
    /// Compares the turns with what was seen before; `turns` reach back at least as far as one round.
    pub(crate) fn forgotten(&mut self, turns: &[TurnReport]) -> Option<String> {
        let seen: BTreeMap<i64, String> = turns
            .iter()
            .flat_map(|turn| &turn.entries)
            .map(|entry| (entry.entry, entry.call.clone()))
            .collect();
        let first = *seen.keys().next()?;
        let gone = self
            .0
            .range(first..)
            .find(|(entry, call)| seen.get(entry) != Some(call))
            .map(|(entry, call)| format!("entry {entry} ({call}) is gone from the journal"));
        self.0.extend(seen);
        gone
    }
}

#[cfg(test)]
mod tests {
    use protocol::{LogEntry, TurnId};

    use super::*;

    fn turns(entries: &[(i64, &str, &str)]) -> Vec<TurnReport> {
        let entries = entries.iter().map(|(entry, call, state)| LogEntry {
            entry: *entry,
            call: (*call).to_owned(),
            state: (*state).to_owned(),
            note: String::new(),
            undoable: false,
        });
        vec![TurnReport {
            turn: TurnId("t1".to_owned()),
            at: String::new(),
            utterance: String::new(),
            plan: String::new(),
            finish: None,
            is_interrupted: false,
            entries: entries.collect(),
        }]
    }

    #[test]
    fn the_journal_and_the_world_must_agree() {
        let home = tempfile::tempdir().unwrap();
        let moved = Moved::make(home.path(), 1).unwrap();
        assert_eq!(moved.contradiction(None), None);
        assert_eq!(moved.contradiction(Some("failed")), None);
        assert!(moved.contradiction(Some("done")).is_some());
        std::fs::rename(&moved.from, &moved.to).unwrap();
        assert_eq!(moved.contradiction(Some("done")), None);
        assert_eq!(moved.contradiction(Some("unknown")), None);
        assert!(moved.contradiction(None).is_some());
        std::fs::remove_file(&moved.to).unwrap();
        assert!(moved.contradiction(Some("unknown")).is_some());
    }

    #[test]
    fn the_entry_of_the_move_counts() {
        let home = tempfile::tempdir().unwrap();
        let moved = Moved::make(home.path(), 3).unwrap();
        let turns = turns(&[
            (1, "files.move(\"soak-3.txt\")", "undone"),
            (2, "files.move(\"soak-3.txt\")", "done"),
            (3, "files.move(\"soak-33.txt\")", "failed"),
        ]);
        assert_eq!(moved.state(&turns), Some("undone"));
    }

    #[test]
    fn a_vanished_entry_is_noticed() {
        let mut memory = Memory::default();
        assert_eq!(
            memory.forgotten(&turns(&[(1, "a", "done"), (2, "b", "done")])),
            None
        );
        assert_eq!(
            memory.forgotten(&turns(&[(2, "b", "done"), (3, "c", "done")])),
            None
        );
        assert!(
            memory
                .forgotten(&turns(&[(1, "a", "done"), (3, "c", "done")]))
                .is_some()
        );
    }
}
