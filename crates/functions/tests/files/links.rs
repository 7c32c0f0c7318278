//! Links that are swapped in between looking and acting.

use std::{fs, os::unix::fs::symlink};

use functions::ErrorKind;
use journal::Journal;
use policy::{Permission, PermittedCall, Rules};

use crate::{support::Fixture, tree::values};

/// Intends, lets `meanwhile` change the world, then acts on what was intended.
async fn with_a_change_between(
    fixture: &Fixture,
    function: &str,
    arguments: &[(&str, &str)],
    meanwhile: impl FnOnce(),
) -> ErrorKind {
    let journal = Journal::open(&fixture.path("race.db")).unwrap();
    let turn = journal.begin_turn("a race").unwrap();
    let arguments = values(arguments);
    let intent = fixture.intend(function, &arguments).await.unwrap();
    let call = fixture.resolved(function, &arguments);
    let Permission::Permitted(permitted) = PermittedCall::ask(call, &Rules::default()) else {
        panic!("it is permitted")
    };
    let entry = journal.open_entry(&turn, permitted, intent, None).unwrap();
    meanwhile();
    let (_, outcome) = fixture.registry.execute(entry, &fixture.world).await;
    outcome.expect_err("the race is noticed").kind
}

#[tokio::test]
async fn a_source_folder_that_became_a_link_is_not_followed() {
    let fixture = Fixture::new();
    fixture.file("mine/a.txt", "mine");
    fixture.file("other/a.txt", "another's");
    let (mine, other) = (fixture.home().join("mine"), fixture.home().join("other"));
    let kind = with_a_change_between(&fixture, "files.trash", &[("path", "~/mine/a.txt")], || {
        fs::rename(&mine, fixture.home().join("aside")).unwrap();
        symlink(&other, &mine).unwrap();
    });
    assert_eq!(kind.await, ErrorKind::Conflict);
    assert!(other.join("a.txt").exists() && fixture.home().join("aside/a.txt").exists());
}

#[tokio::test]
async fn a_target_folder_that_became_a_link_is_not_followed() {
    let fixture = Fixture::new();
    for function in ["files.move", "files.copy"] {
        let fixture = &fixture;
        fixture.file("a.txt", "a");
        let (target, outside) = (fixture.home().join("target"), fixture.path("outside"));
        fs::create_dir_all(&target).unwrap();
        fs::create_dir_all(&outside).unwrap();
        let arguments = [("path", "~/a.txt"), ("to", "~/target")];
        let kind = with_a_change_between(fixture, function, &arguments, || {
            fs::remove_dir(&target).unwrap();
            symlink(&outside, &target).unwrap();
        });
        assert_eq!(kind.await, ErrorKind::Conflict, "{function}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        assert!(fixture.home().join("a.txt").exists());
        fs::remove_file(&target).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_was_exchanged_is_left_alone() {
    let fixture = Fixture::new();
    let path = fixture.file("a.txt", "looked at");
    let kind = with_a_change_between(&fixture, "files.trash", &[("path", "~/a.txt")], || {
        fs::remove_file(&path).unwrap();
        fs::write(&path, "put there").unwrap();
    });
    assert_eq!(kind.await, ErrorKind::Conflict);
    assert_eq!(fs::read_to_string(&path).unwrap(), "put there");
}

#[tokio::test]
async fn something_that_appears_at_the_target_is_not_replaced() {
    let fixture = Fixture::new();
    fixture.file("a.txt", "a");
    let target = fixture.home().join("b.txt");
    let arguments = [("path", "~/a.txt"), ("name", "b.txt")];
    let kind = with_a_change_between(&fixture, "files.rename", &arguments, || {
        fs::write(&target, "just made").unwrap();
    });
    assert_eq!(kind.await, ErrorKind::Conflict);
    assert_eq!(fs::read_to_string(&target).unwrap(), "just made");
    assert!(fixture.home().join("a.txt").exists());
}

#[tokio::test]
async fn a_link_in_the_home_folder_that_leads_out_is_refused() {
    let fixture = Fixture::new();
    let outside = fixture.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("a.txt"), "outside").unwrap();
    symlink(&outside, fixture.home().join("way out")).unwrap();
    fixture
        .fails(
            "files.trash",
            &[("path", "~/way out/a.txt")],
            ErrorKind::Invalid,
        )
        .await;
    assert!(outside.join("a.txt").exists());
}
