//! Random operations with deaths between them, against a model of what must be known.

use std::{collections::BTreeMap, fs, path::Path};

use plan::Effect;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{intent, permitted, undoable};
use crate::{EntryId, EntryState, Journal, JournalError, OpenEntry, Outcome};

#[derive(Debug, Clone)]
enum Op {
    BeginTurn,
    Open,
    OpenUndo(prop::sample::Index),
    CloseDone,
    CloseFailed,
    FinishTurn,
    Restart,
    Die,
    DieAndSettle(Vec<EndState>),
    EraseBefore,
    EraseAll,
}

#[derive(Debug, Clone, Copy)]
enum EndState {
    Done,
    Failed,
    Unknown,
}

impl From<EndState> for EntryState {
    fn from(state: EndState) -> EntryState {
        match state {
            EndState::Done => EntryState::Done,
            EndState::Failed => EntryState::Failed,
            EndState::Unknown => EntryState::Unknown,
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    let end = prop::sample::select(vec![EndState::Done, EndState::Failed, EndState::Unknown]);
    prop_oneof![
        3 => Just(Op::BeginTurn),
        6 => Just(Op::Open),
        4 => any::<prop::sample::Index>().prop_map(Op::OpenUndo),
        7 => Just(Op::CloseDone),
        2 => Just(Op::CloseFailed),
        2 => Just(Op::FinishTurn),
        1 => Just(Op::Restart),
        1 => Just(Op::Die),
        2 => prop::collection::vec(end, 4).prop_map(Op::DieAndSettle),
        1 => Just(Op::EraseBefore),
        1 => Just(Op::EraseAll),
    ]
}

/// What must be known about an entry.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    turn: usize,
    state: EntryState,
    undoes: Option<EntryId>,
}

struct Machine {
    folder: TempDir,
    generation: usize,
    journal: Journal,
    turns: Vec<(String, bool)>,
    known: BTreeMap<EntryId, Known>,
    held: Vec<OpenEntry>,
}

impl Machine {
    fn new() -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("0/journal.sqlite")).unwrap();
        Machine {
            folder,
            generation: 0,
            journal,
            turns: Vec::new(),
            known: BTreeMap::new(),
            held: Vec::new(),
        }
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::BeginTurn => {
                let turn = self.journal.begin_turn("words").unwrap();
                self.turns.push((turn, false));
            }
            Op::Open => self.open(None),
            Op::OpenUndo(index) => {
                if let Some(id) = self.pick(index) {
                    self.open(Some(id));
                }
            }
            Op::CloseDone => self.close_done(),
            Op::CloseFailed => {
                if let Some(entry) = self.held.pop() {
                    self.know(entry.id(), EntryState::Failed);
                    self.journal.close_failed(entry, "no").unwrap();
                }
            }
            Op::FinishTurn => {
                if let Some((turn, finished @ false)) = self.turns.last_mut() {
                    self.journal.finish_turn(turn, "{}", &[]).unwrap();
                    *finished = true;
                }
            }
            Op::Restart | Op::Die => self.die(matches!(op, Op::Die)),
            Op::DieAndSettle(ends) => {
                self.die(true);
                self.settle(ends);
            }
            Op::EraseBefore => self.erase_before(),
            Op::EraseAll => self.erase_all(),
        }
    }

    fn open(&mut self, undoes: Option<EntryId>) {
        let Some((turn, false)) = self.turns.last() else {
            return;
        };
        let permitted = permitted(Effect::Reversible);
        let opened = self.journal.open_entry(turn, permitted, intent(), undoes);
        let may = undoes.is_none_or(|id| self.may_undo(id));
        match opened {
            Ok(entry) => {
                assert!(may, "{undoes:?} was opened again");
                let turn = self.turns.len() - 1;
                let known = Known {
                    turn,
                    state: EntryState::Open,
                    undoes,
                };
                assert_eq!(self.known.insert(entry.id(), known), None);
                self.held.push(entry);
            }
            Err(JournalError::NotUndoable(_)) => assert!(!may, "{undoes:?} can be undone"),
            Err(error) => panic!("{error:?}"),
        }
    }

    fn may_undo(&self, id: EntryId) -> bool {
        let done = |entry: &Known| matches!(entry.state, EntryState::Open | EntryState::Done);
        self.known
            .get(&id)
            .is_some_and(|entry| entry.state == EntryState::Done)
            && !self
                .known
                .values()
                .any(|entry| entry.undoes == Some(id) && done(entry))
    }

    fn close_done(&mut self) {
        if let Some(entry) = self.held.pop() {
            self.know(entry.id(), EntryState::Done);
            self.journal.close_done(entry, &undoable()).unwrap();
        }
    }

    /// The process ends: with all that SQLite does at its end, or on the spot.
    fn die(&mut self, on_the_spot: bool) {
        let old = self.folder.path().join(self.generation.to_string());
        if on_the_spot {
            self.generation += 1;
            copy(&old, &self.folder.path().join(self.generation.to_string()));
        }
        let path = self
            .folder
            .path()
            .join(self.generation.to_string())
            .join("journal.sqlite");
        // A second connection to the same file would share the first one's end.
        let spare = Journal::open(&self.folder.path().join("spare.sqlite")).unwrap();
        drop(std::mem::replace(&mut self.journal, spare));
        self.journal = Journal::open(&path).unwrap();
        assert_eq!(self.journal.set_aside(), None);
        self.held.clear();
        self.turns
            .iter_mut()
            .for_each(|(_, finished)| *finished = true);
    }

    fn settle(&mut self, ends: &[EndState]) {
        let open = self.journal.unsettled().unwrap();
        for (entry, end) in open.iter().zip(ends.iter().cycle()) {
            let state = EntryState::from(*end);
            for _ in 0..2 {
                let outcome = matches!(end, EndState::Done).then(undoable);
                self.journal
                    .settle(entry.id, state, outcome.as_ref(), "")
                    .unwrap();
            }
            // A second opinion changes nothing.
            self.journal
                .settle(entry.id, EntryState::Failed, None, "")
                .unwrap();
            self.know(entry.id, state);
        }
        assert_eq!(self.journal.unsettled().unwrap(), []);
    }

    fn erase_before(&mut self) {
        self.journal.erase_before(f64::INFINITY).unwrap();
        let over = self.over();
        self.forget(|entry| over[entry.turn]);
    }

    fn erase_all(&mut self) {
        self.journal.erase_all_finished().unwrap();
        let over = self.over();
        let keeps = |entry: &Known| entry.state == EntryState::Done && entry.undoes.is_none();
        self.forget(|entry| over[entry.turn] && !keeps(entry));
    }

    fn over(&self) -> Vec<bool> {
        let open = |turn| {
            let mut entries = self.known.values();
            entries.any(|entry| entry.turn == turn && entry.state == EntryState::Open)
        };
        let turns = self.turns.iter().enumerate();
        turns
            .map(|(turn, (_, finished))| *finished && !open(turn))
            .collect()
    }

    fn forget(&mut self, gone: impl Fn(&Known) -> bool) {
        self.known.retain(|_, entry| !gone(entry));
        let left: Vec<EntryId> = self.known.keys().copied().collect();
        for entry in self.known.values_mut() {
            entry.undoes = entry.undoes.filter(|id| left.contains(id));
        }
    }

    fn know(&mut self, id: EntryId, state: EntryState) {
        let entry = self.known.get_mut(&id).unwrap();
        entry.state = state;
        if let (EntryState::Done, Some(undone)) = (state, entry.undoes) {
            self.known.get_mut(&undone).unwrap().state = EntryState::Undone;
        }
    }

    fn pick(&self, index: &prop::sample::Index) -> Option<EntryId> {
        let ids: Vec<EntryId> = self.known.keys().copied().collect();
        (!ids.is_empty()).then(|| *index.get(&ids))
    }

    /// Everything that is known is in the journal, and nothing else.
    fn verify_invariants(&self) {
        let turns = self.journal.turns(usize::MAX).unwrap();
        let mut stored = BTreeMap::new();
        for turn in &turns {
            let number = self
                .turns
                .iter()
                .position(|(id, _)| *id == turn.turn)
                .unwrap();
            for entry in &turn.entries {
                let known = Known {
                    turn: number,
                    state: entry.state,
                    undoes: entry.undoes,
                };
                assert_eq!(stored.insert(entry.id, known), None);
                assert_eq!(entry.intent, intent());
            }
        }
        assert_eq!(stored, self.known);
        let undoable = |entry: &&Known| entry.state == EntryState::Done && entry.undoes.is_none();
        let newest = self
            .known
            .values()
            .filter(undoable)
            .map(|entry| entry.turn)
            .max();
        let found = self.journal.last_undoable().unwrap().map(|turn| turn.turn);
        assert_eq!(found.as_ref(), newest.map(|turn| &self.turns[turn].0));
    }
}

/// Copies the file and its log while the writer still has them open: what a killed process leaves.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_is_lost_and_nothing_is_undone_twice(ops in prop::collection::vec(op(), 1..40)) {
        let mut machine = Machine::new();
        for op in &ops {
            machine.apply(op);
            machine.verify_invariants();
        }
    }
}

#[test]
fn an_outcome_without_an_open_entry_cannot_be_recorded() {
    let mut machine = Machine::new();
    machine.apply(&Op::BeginTurn);
    machine.apply(&Op::Open);
    let entry = machine.held.pop().unwrap();
    let id = entry.id();
    machine
        .journal
        .settle(id, EntryState::Failed, None, "")
        .unwrap();
    let late = machine.journal.close_done(entry, &Outcome::default());
    assert!(
        matches!(late, Err(JournalError::Missing { .. })),
        "{late:?}"
    );
}
