//! The file of the store: whose it is, when it is damaged, from another version, or without room.

use std::{fs, os::unix::fs::PermissionsExt};

use super::Fixture;
use crate::{EntryState, Journal, JournalError, schema};

#[test]
fn the_file_is_the_persons_own() {
    let fixture = Fixture::new();
    fixture.journal.begin_turn("").unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = fixture.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    fs::set_permissions(fixture.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let fixture = fixture.restart();
    assert_eq!(mode(&fixture.path()), 0o600);
}

#[test]
fn a_damaged_file_is_set_aside_and_a_fresh_one_begun() {
    let fixture = Fixture::new();
    let path = fixture.path();
    fixture.journal.begin_turn("kept for a look").unwrap();
    drop(fixture.journal);
    for (round, damage) in ["not a database, but long enough to look at", "", "again"]
        .into_iter()
        .enumerate()
    {
        if damage.is_empty() {
            // Sound at its beginning, damaged within.
            let mut bytes = fs::read(&path).unwrap();
            bytes[4096..].fill(0xa5);
            fs::write(&path, bytes).unwrap();
        } else {
            fs::write(&path, damage.repeat(200)).unwrap();
        }
        let damaged = fs::read(&path).unwrap();
        let journal = Journal::open(&path).unwrap();
        let aside = journal.set_aside().expect("it says so").to_owned();
        assert_eq!(fs::read(&aside).unwrap(), damaged, "nothing is deleted");
        assert_eq!(
            aside,
            path.with_file_name(format!("journal.sqlite.damaged-{round}"))
        );
        assert_eq!(journal.begin_turn("").unwrap(), "t1");
        drop(journal);
        assert_eq!(Journal::open(&path).unwrap().set_aside(), None);
    }
}

#[test]
fn another_programs_database_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE song (title TEXT)")
        .unwrap();
    drop(other);
    assert!(Journal::open(&path).unwrap().set_aside().is_some());
}

#[test]
fn a_newer_file_is_left_alone() {
    let fixture = Fixture::new();
    let path = fixture.path();
    drop(fixture.journal);
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let known = schema::MIGRATIONS.len() as i64;
    match Journal::open(&path) {
        Err(JournalError::TooNew {
            found: 7,
            known: ours,
        }) => assert_eq!(ours, known),
        other => panic!("{:?}", other.err()),
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_migration_is_done_whole_or_not_at_all() {
    let mut connection = rusqlite::Connection::open_in_memory().unwrap();
    let version = |connection: &rusqlite::Connection| -> i64 {
        connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    };
    let good = "CREATE TABLE one (x); CREATE TABLE two (x);";
    let bad = "CREATE TABLE three (x); CREATE TABLE one (x);";
    schema::migrate(&mut connection, &[good, bad]).unwrap_err();
    assert_eq!(version(&connection), 1);
    let three = connection.prepare("SELECT * FROM three");
    assert!(three.is_err(), "half a step stayed");
    drop(three);
    schema::migrate(&mut connection, &[good, "CREATE TABLE three (x)"]).unwrap();
    assert_eq!(version(&connection), 2);
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let fixture = Fixture::new();
    let turn = fixture.journal.begin_turn("before").unwrap();
    let act = fixture.do_act(&turn);
    fixture.journal.limit_pages();
    let long = "x".repeat(1 << 20);
    let error = fixture.journal.begin_turn(&long).unwrap_err();
    assert!(error.is_full(), "{error:?}");
    assert!(!error.is_damaged());
    let refused = fixture.journal.record_plan(&turn, &long).unwrap_err();
    assert!(refused.is_full());
    assert_eq!(fixture.journal.turns(9).unwrap().len(), 1);
    assert_eq!(fixture.state(act), EntryState::Done);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Journal::open(&file.join("journal.sqlite")).err().unwrap();
    assert!(
        error.to_string().contains(file.to_str().unwrap()),
        "{error}"
    );
}
