//! Kills a writing process again and again, at any moment, and looks at what is left.
//!
//! Not under the test harness, because the same program is the writer: it
//! makes a file for every act and removes it for every undo, as a function would.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test without the harness"
)]

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use journal::{Check, EntryId, EntryState, Intent, Journal, Outcome, StoredEntry, Undo};
use plan::{Effect, FunctionName, Value};
use policy::{Permission, PermittedCall, ResolvedCall, Rules};

/// How long the killing goes on.
const TIME: Duration = Duration::from_secs(4);

fn main() {
    match env::args_os().nth(1) {
        Some(flag) if flag == "--writer" => {
            write(Path::new(&env::args_os().nth(2).expect("a folder")))
        }
        // The harness's own questions, such as `--list`, have no other answer here.
        Some(flag) if flag == "--list" => {}
        _ => kill_and_look(),
    }
}

fn kill_and_look() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("world")).unwrap();
    let deadline = Instant::now() + TIME;
    let (mut kills, mut settled) = (0u64, 0);
    while Instant::now() < deadline {
        run_and_kill(folder.path(), kills);
        settled += verify(folder.path());
        kills += 1;
    }
    let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
    let turns = journal.turns(usize::MAX).unwrap().len();
    assert!(kills >= 3, "only {kills} kills");
    assert!(turns > 0, "no writer came as far as its first turn");
    eprintln!(
        "{kills} kills, {turns} turns, {settled} acts settled afterwards: nothing lost, nothing twice"
    );
}

/// Starts a writer and kills it after a while that differs from round to round.
fn run_and_kill(folder: &Path, round: u64) {
    #[allow(
        clippy::disallowed_methods,
        reason = "this program itself, with its own environment"
    )]
    let mut child = std::process::Command::new(env::current_exe().unwrap())
        .arg("--writer")
        .arg(folder)
        .spawn()
        .unwrap();
    let spread = round
        .wrapping_mul(6_364_136_223_846_793_005)
        .rotate_left(17)
        % 110_000;
    thread::sleep(Duration::from_micros(8_000 + spread));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(
        status.signal(),
        Some(libc::SIGKILL),
        "the writer failed by itself"
    );
}

/// Checks the journal against the world, settles what is open, twice, and returns how much that was.
fn verify(folder: &Path) -> usize {
    let path = folder.join("journal.sqlite");
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.set_aside(), None, "the kill damaged the file");
    let open = journal.unsettled().unwrap();
    assert!(open.len() <= 1, "the writer does one thing at a time");
    let recorded: Vec<StoredEntry> = entries(&journal);
    let acts: BTreeSet<i64> = recorded.iter().map(|entry| entry.id.0).collect();
    for act in world(folder) {
        assert!(acts.contains(&act), "act {act} has no intent");
    }
    for _ in 0..2 {
        for entry in &open {
            settle(&journal, entry, folder);
        }
    }
    drop(journal);
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.unsettled().unwrap(), []);
    let world = world(folder);
    for entry in entries(&journal) {
        let there = world.contains(&entry.id.0);
        match entry.state {
            EntryState::Done if entry.undoes.is_none() => assert!(there, "{entry:?} was lost"),
            EntryState::Done => assert!(!there, "{entry:?}"),
            EntryState::Failed | EntryState::Undone => assert!(!there, "{entry:?} stayed"),
            EntryState::Open | EntryState::Unknown => panic!("{entry:?} is not settled"),
        }
    }
    open.len()
}

/// Settles as the kernel does: by the world's state.
fn settle(journal: &Journal, entry: &StoredEntry, folder: &Path) {
    let act = entry.undoes.unwrap_or(entry.id);
    let there = file(folder, act).exists();
    let state = if there == entry.undoes.is_none() {
        EntryState::Done
    } else {
        EntryState::Failed
    };
    journal.settle(entry.id, state, None, "").unwrap();
}

fn entries(journal: &Journal) -> Vec<StoredEntry> {
    let turns = journal.turns(usize::MAX).unwrap();
    turns.into_iter().flat_map(|turn| turn.entries).collect()
}

fn world(folder: &Path) -> BTreeSet<i64> {
    fs::read_dir(folder.join("world"))
        .unwrap()
        .map(|file| file.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect()
}

fn file(folder: &Path, act: EntryId) -> PathBuf {
    folder.join("world").join(act.0.to_string())
}

/// Does and undoes until it is killed.
fn write(folder: &Path) {
    let journal = Journal::open(&folder.join("journal.sqlite")).unwrap();
    for round in 0u64.. {
        let turn = journal.begin_turn("make a file").unwrap();
        journal.record_plan(&turn, "files.make()").unwrap();
        let entry = journal
            .open_entry(&turn, permitted("files.make"), intent(), None)
            .unwrap();
        let id = entry.id();
        fs::write(file(folder, id), "").unwrap();
        let outcome = Outcome {
            undo: intent().undo,
            ..Outcome::default()
        };
        journal.close_done(entry, &outcome).unwrap();
        if round % 2 == 0 {
            let undo = permitted("files.unmake");
            let entry = journal
                .open_entry(&turn, undo, Intent::default(), Some(id))
                .unwrap();
            fs::remove_file(file(folder, id)).unwrap();
            journal.close_done(entry, &Outcome::default()).unwrap();
        }
        journal
            .finish_turn(&turn, "{}", &["{}".to_owned()])
            .unwrap();
    }
}

fn permitted(function: &str) -> PermittedCall {
    let call = ResolvedCall {
        function: FunctionName::new(function).unwrap(),
        effect: Effect::Reversible,
        arguments: Vec::new(),
    };
    match PermittedCall::ask(call, &Rules::default()) {
        Permission::Permitted(permitted) => permitted,
        other => panic!("{other:?}"),
    }
}

fn intent() -> Intent {
    Intent {
        before: vec![Check::Absent {
            path: "/tmp/x".into(),
        }],
        after: Vec::new(),
        undo: Some(Undo {
            function: FunctionName::new("files.unmake").unwrap(),
            arguments: vec![("path".to_owned(), Value::from("/tmp/x"))],
            expect: Vec::new(),
        }),
        touches: String::new(),
        facts: Value::Null,
    }
}
