//! The store against its promises.

mod file;
mod model;

use std::{fs, path::PathBuf};

use plan::{Effect, FunctionName, Label, Role, Value};
use policy::{Consent, Digest, Permission, PermittedCall, ResolvedArgument, ResolvedCall, Rules};
use tempfile::TempDir;

use crate::{Check, EntryId, EntryState, Intent, Journal, JournalError, Outcome, Undo};

struct Fixture {
    folder: TempDir,
    journal: Journal,
}

impl Fixture {
    fn new() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("state/journal.sqlite")).unwrap();
        Fixture { folder, journal }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("state/journal.sqlite")
    }

    /// Opens the file again, as the next kernel does.
    fn restart(self) -> Fixture {
        let Fixture { folder, journal } = self;
        drop(journal);
        let journal = Journal::open(&folder.path().join("state/journal.sqlite")).unwrap();
        Fixture { folder, journal }
    }

    fn do_act(&self, turn: &str) -> EntryId {
        let entry = self
            .journal
            .open_entry(turn, permitted(Effect::Reversible), intent(), None)
            .unwrap();
        let id = entry.id();
        self.journal.close_done(entry, &undoable()).unwrap();
        id
    }

    fn undo(&self, turn: &str, of: EntryId) -> Result<(), JournalError> {
        let permitted = permitted(Effect::Reversible);
        let entry = self
            .journal
            .open_entry(turn, permitted, Intent::default(), Some(of))?;
        self.journal.close_done(entry, &Outcome::default())
    }

    fn state(&self, entry: EntryId) -> EntryState {
        self.journal.entry(entry).unwrap().unwrap().state
    }

    /// Everything that the files of the journal hold.
    fn bytes(&self) -> Vec<u8> {
        fs::read_dir(self.path().parent().unwrap())
            .unwrap()
            .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
            .collect()
    }
}

/// A permitted call with one argument.
pub(crate) fn permitted(effect: Effect) -> PermittedCall {
    let call = ResolvedCall {
        function: FunctionName::new("files.trash").unwrap(),
        effect,
        arguments: vec![ResolvedArgument {
            name: "path".to_owned(),
            value: "~/a.txt".into(),
            role: Role::Critical,
            label: Label::USER,
        }],
    };
    match PermittedCall::ask(call, &Rules::default()) {
        Permission::Permitted(permitted) => permitted,
        Permission::NeedsConsent(call, _) => {
            let consent = Consent::given_to(Digest::of(&call));
            PermittedCall::consented(call, consent, &Rules::default()).unwrap()
        }
        denied => panic!("{denied:?}"),
    }
}

pub(crate) fn intent() -> Intent {
    Intent {
        before: vec![Check::Exists {
            path: "/home/ada/a.txt".into(),
            fingerprint: Some("12 34".to_owned()),
        }],
        after: vec![Check::Absent {
            path: "/home/ada/a.txt".into(),
        }],
        undo: Some(restore()),
        touches: "/home/ada/a.txt".to_owned(),
        facts: Value::record([("name", "a.2.txt".into())]),
    }
}

pub(crate) fn undoable() -> Outcome {
    Outcome {
        value: 1.0.into(),
        undo: Some(restore()),
        note: "Moved 1 file to the trash.".to_owned(),
    }
}

fn restore() -> Undo {
    Undo {
        function: FunctionName::new("files.restore").unwrap(),
        arguments: vec![("path".to_owned(), "/home/ada/a.txt".into())],
        expect: vec![Check::Absent {
            path: "/home/ada/a.txt".into(),
        }],
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_turn_comes_back_as_it_was_told() {
    let fixture = Fixture::new();
    let journal = &fixture.journal;
    let turn = journal.begin_turn("trash a.txt").unwrap();
    assert_eq!(turn, "t1");
    journal
        .record_plan(&turn, "files.trash(\"~/a.txt\")")
        .unwrap();
    let entry = journal
        .open_entry(&turn, permitted(Effect::Reversible), intent(), None)
        .unwrap();
    assert_eq!(entry.call().text("path"), Some("~/a.txt"));
    assert_eq!(entry.intent(), &intent());
    let id = entry.id();
    journal.close_done(entry, &undoable()).unwrap();
    journal
        .finish_turn(&turn, "{\"outcome\":1}", &["{}".to_owned()])
        .unwrap();

    let fixture = fixture.restart();
    let stored = fixture.journal.turn("t1").unwrap();
    assert_eq!(stored.utterance, "trash a.txt");
    assert_eq!(stored.plan, "files.trash(\"~/a.txt\")");
    assert_eq!(stored.finish.as_deref(), Some("{\"outcome\":1}"));
    assert_eq!(stored.events, ["{}"]);
    let [entry] = &stored.entries[..] else {
        panic!("{stored:?}");
    };
    assert_eq!((entry.id, entry.state), (id, EntryState::Done));
    assert_eq!(entry.call, *permitted(Effect::Reversible).call());
    assert_eq!(entry.intent, intent());
    assert_eq!(entry.outcome, Some(undoable()));
    assert_eq!(entry.undo(), undoable().undo.as_ref());
    assert_eq!(fixture.journal.turns(5).unwrap(), [stored]);
    assert_eq!(fixture.journal.begin_turn("next").unwrap(), "t2");
}

#[test]
fn what_was_open_is_settled_by_the_next_start_and_stays_settled() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("").unwrap();
    let entry = fixture
        .journal
        .open_entry(&turn, permitted(Effect::Irreversible), intent(), None)
        .unwrap();
    let id = entry.id();
    assert_eq!(
        fixture.journal.unsettled().unwrap(),
        [],
        "its own entries are not left behind"
    );

    let fixture = fixture.restart();
    let [open] = &fixture.journal.unsettled().unwrap()[..] else {
        panic!("one entry was open");
    };
    assert_eq!(
        (open.id, open.state, open.undo()),
        (id, EntryState::Open, None)
    );
    for state in [EntryState::Open, EntryState::Undone] {
        let refused = fixture.journal.settle(id, state, None, "");
        assert!(
            matches!(refused, Err(JournalError::NotSettled(_))),
            "{state:?}"
        );
    }
    fixture
        .journal
        .settle(id, EntryState::Done, None, "it is in the trash")
        .unwrap();
    fixture
        .journal
        .settle(id, EntryState::Failed, None, "another opinion")
        .unwrap();
    let settled = fixture.journal.entry(id).unwrap().unwrap();
    assert_eq!(
        (settled.state, &*settled.note),
        (EntryState::Done, "it is in the trash")
    );
    assert_eq!(
        settled.undo(),
        intent().undo.as_ref(),
        "the intent knew the way back"
    );
    assert_eq!(fixture.journal.unsettled().unwrap(), []);
    let missing = fixture
        .journal
        .settle(EntryId(99), EntryState::Failed, None, "");
    assert!(matches!(missing, Err(JournalError::Missing { .. })));
}

#[test]
fn an_act_is_undone_once() {
    let fixture = Fixture::new();
    let first = fixture.journal.begin_turn("one").unwrap();
    let act = fixture.do_act(&first);
    let second = fixture.journal.begin_turn("two").unwrap();
    fixture.do_act(&second);
    let undo = fixture.journal.begin_turn("undo").unwrap();
    assert_eq!(
        fixture.journal.last_undoable().unwrap().unwrap().turn,
        second
    );
    fixture.undo(&undo, act).unwrap();
    assert_eq!(fixture.state(act), EntryState::Undone);
    let again = fixture.undo(&undo, act);
    assert!(
        matches!(again, Err(JournalError::NotUndoable(id)) if id == act),
        "{again:?}"
    );
}

#[test]
fn undoing_twice_goes_back_two_turns() {
    let fixture = Fixture::new();
    let turns: Vec<String> = (0..3)
        .map(|_| fixture.journal.begin_turn("act").unwrap())
        .collect();
    for turn in &turns {
        fixture.do_act(turn);
    }
    for turn in turns.iter().rev() {
        let newest = fixture.journal.last_undoable().unwrap().unwrap();
        assert_eq!(newest.turn, *turn);
        let undo = fixture.journal.begin_turn("undo").unwrap();
        let entry = fixture
            .journal
            .open_entry(
                &undo,
                permitted(Effect::Reversible),
                intent(),
                Some(newest.entries[0].id),
            )
            .unwrap();
        // The way back has a way back of its own, which is no target of a plain undo.
        fixture.journal.close_done(entry, &undoable()).unwrap();
    }
    assert_eq!(fixture.journal.last_undoable().unwrap(), None);
}

#[test]
fn a_failed_undo_leaves_the_act_undoable() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("").unwrap();
    let act = fixture.do_act(&turn);
    let undo = fixture
        .journal
        .open_entry(&turn, permitted(Effect::Reversible), intent(), Some(act))
        .unwrap();
    let meanwhile = fixture.undo(&turn, act);
    assert!(
        matches!(meanwhile, Err(JournalError::NotUndoable(_))),
        "two undos at once"
    );
    fixture
        .journal
        .close_failed(undo, "the file is in the way")
        .unwrap();
    assert_eq!(fixture.state(act), EntryState::Done);
    fixture.undo(&turn, act).unwrap();
    assert_eq!(fixture.state(act), EntryState::Undone);
}

#[test]
fn an_undo_that_a_crash_cut_off_counts_once_it_is_settled() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("").unwrap();
    let act = fixture.do_act(&turn);
    let undo = fixture
        .journal
        .open_entry(
            &turn,
            permitted(Effect::Reversible),
            Intent::default(),
            Some(act),
        )
        .unwrap();
    let undo = undo.id();
    let fixture = fixture.restart();
    assert_eq!(fixture.state(act), EntryState::Done);
    fixture
        .journal
        .settle(undo, EntryState::Done, None, "")
        .unwrap();
    assert_eq!(fixture.state(act), EntryState::Undone);
}

#[test]
fn acts_without_a_way_back_are_not_undoable() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("").unwrap();
    let entry = fixture
        .journal
        .open_entry(
            &turn,
            permitted(Effect::Irreversible),
            Intent::default(),
            None,
        )
        .unwrap();
    let act = entry.id();
    fixture
        .journal
        .close_done(entry, &Outcome::default())
        .unwrap();
    assert_eq!(fixture.journal.last_undoable().unwrap(), None);
    assert!(matches!(
        fixture.undo(&turn, act),
        Err(JournalError::NotUndoable(_))
    ));
    assert!(matches!(
        fixture.undo(&turn, EntryId(77)),
        Err(JournalError::NotUndoable(_))
    ));
}

#[test]
fn what_was_read_is_not_kept_and_needs_no_settling() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("").unwrap();
    let read = fixture
        .journal
        .open_entry(&turn, permitted(Effect::Read), Intent::default(), None)
        .unwrap();
    let id = read.id();
    let outcome = Outcome {
        value: "a private diary".into(),
        ..Outcome::default()
    };
    fixture.journal.close_done(read, &outcome).unwrap();
    let stored = fixture.journal.entry(id).unwrap().unwrap();
    assert_eq!(stored.outcome.unwrap().value, Value::Null);
    let cut_off = fixture
        .journal
        .open_entry(&turn, permitted(Effect::Read), Intent::default(), None)
        .unwrap()
        .id();
    assert!(!contains(&fixture.bytes(), "private diary"));
    let fixture = fixture.restart();
    assert_eq!(fixture.journal.unsettled().unwrap(), []);
    assert_eq!(fixture.state(cut_off), EntryState::Failed);
}

#[test]
fn unknown_turns_are_named() {
    let journal = Fixture::new().journal;
    for turn in ["t9", "9", "", "tt", "t99999999999999999999"] {
        let missing = journal.turn(turn).unwrap_err();
        assert_eq!(
            missing.to_string(),
            format!("the journal has no turn {turn}")
        );
        assert!(matches!(
            journal.record_plan(turn, ""),
            Err(JournalError::Missing { .. })
        ));
        assert!(matches!(
            journal.finish_turn(turn, "", &[]),
            Err(JournalError::Missing { .. })
        ));
        let opened = journal.open_entry(turn, permitted(Effect::Reversible), intent(), None);
        assert!(matches!(opened, Err(JournalError::Missing { .. })));
    }
}

#[test]
fn old_turns_are_erased_with_their_traces() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("find the zebra papers").unwrap();
    fixture.do_act(&turn);
    let running = fixture.journal.begin_turn("still running").unwrap();
    assert_eq!(
        fixture.journal.erase_before(f64::INFINITY).unwrap(),
        0,
        "neither is finished"
    );
    fixture
        .journal
        .finish_turn(&turn, "{}", &["zebra".to_owned()])
        .unwrap();
    assert_eq!(
        fixture.journal.erase_before(0.0).unwrap(),
        0,
        "none is that old"
    );
    assert!(contains(&fixture.bytes(), "zebra"));
    assert_eq!(fixture.journal.erase_before(f64::INFINITY).unwrap(), 1);
    assert!(!contains(&fixture.bytes(), "zebra"));
    assert_eq!(fixture.journal.turns(9).unwrap()[0].turn, running);
    assert_eq!(fixture.journal.last_undoable().unwrap(), None);
    let fixture = fixture.restart();
    assert_eq!(
        fixture.journal.erase_before(f64::INFINITY).unwrap(),
        1,
        "its kernel is dead"
    );
    assert_eq!(
        fixture.journal.begin_turn("").unwrap(),
        "t3",
        "ids are not used again"
    );
}

#[test]
fn clearing_the_history_keeps_the_way_back() {
    let fixture = Fixture::new();
    let kept = fixture
        .journal
        .begin_turn("trash the zebra papers")
        .unwrap();
    fixture.journal.record_plan(&kept, "zebra").unwrap();
    let act = fixture.do_act(&kept);
    let undone = fixture.do_act(&kept);
    fixture.undo(&kept, undone).unwrap();
    fixture
        .journal
        .finish_turn(&kept, "{}", &["zebra".to_owned()])
        .unwrap();
    let gone = fixture.journal.begin_turn("what is a zebra").unwrap();
    fixture.journal.finish_turn(&gone, "{}", &[]).unwrap();

    assert_eq!(fixture.journal.erase_all_finished().unwrap(), 2);
    assert!(!contains(&fixture.bytes(), "zebra"));
    let [turn] = &fixture.journal.turns(9).unwrap()[..] else {
        panic!("one turn is kept");
    };
    assert_eq!(
        (&*turn.utterance, &*turn.plan, turn.events.len()),
        ("", "", 0)
    );
    assert_eq!(
        turn.entries
            .iter()
            .map(|entry| entry.id)
            .collect::<Vec<_>>(),
        [act]
    );
    let undo = fixture.journal.begin_turn("undo").unwrap();
    fixture.undo(&undo, act).unwrap();
}

#[test]
fn acts_left_open_outlive_an_erasure() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("trash it").unwrap();
    let open = fixture
        .journal
        .open_entry(&turn, permitted(Effect::Reversible), intent(), None)
        .unwrap()
        .id();
    let fixture = fixture.restart();
    assert_eq!(fixture.journal.erase_all_finished().unwrap(), 0);
    assert_eq!(fixture.journal.erase_before(f64::INFINITY).unwrap(), 0);
    assert_eq!(fixture.journal.unsettled().unwrap()[0].id, open);
}

#[test]
fn settings_survive() {
    let fixture = Fixture::new();
    assert_eq!(fixture.journal.setting("language").unwrap(), None);
    fixture.journal.set_setting("language", "\"en\"").unwrap();
    fixture.journal.set_setting("language", "\"zh\"").unwrap();
    let fixture = fixture.restart();
    assert_eq!(
        fixture.journal.setting("language").unwrap().as_deref(),
        Some("\"zh\"")
    );
}
