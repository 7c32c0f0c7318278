//! The trash: after the specification, and back.

use std::{fs, os::unix::fs::symlink};

use functions::ErrorKind;
use plan::Value;

use crate::{
    support::Fixture,
    tree::{column, fill, tree},
};

#[tokio::test]
async fn a_file_goes_into_the_trash_and_back() {
    let fixture = Fixture::new();
    fixture.file("Documents/合同 a%b.txt", "text");
    let before = tree(fixture.home());
    let outcome = fixture
        .done("files.trash", &[("path", "~/Documents/合同 a%b.txt")])
        .await;
    let trash = fixture.world.places.data.join("Trash");
    assert_eq!(
        fs::read_to_string(trash.join("files/合同 a%b.txt")).unwrap(),
        "text"
    );
    let info = fs::read_to_string(trash.join("info/合同 a%b.txt.trashinfo")).unwrap();
    let lines: Vec<&str> = info.lines().collect();
    assert_eq!(lines[0], "[Trash Info]");
    assert!(
        lines[1].starts_with("Path=/") && lines[1].ends_with("/%E5%90%88%E5%90%8C%20a%25b.txt")
    );
    assert!(
        lines[2].starts_with("DeletionDate=20")
            && lines[2].len() == "DeletionDate=2026-01-01T00:00:00".len()
    );
    assert!(tree(fixture.home()).len() < before.len());

    fixture.undo(&outcome).await.unwrap();
    assert_eq!(tree(fixture.home()), before);
    assert_eq!(fs::read_dir(trash.join("info")).unwrap().count(), 0);
}

#[tokio::test]
async fn things_of_one_name_lie_beside_each_other() {
    let fixture = Fixture::new();
    for content in ["one", "two", "three"] {
        fixture.file("a.txt", content);
        fixture.done("files.trash", &[("path", "~/a.txt")]).await;
    }
    let listed = fixture.done("files.trashed", &[]).await.value;
    assert_eq!(column(&listed, "name"), ["a.txt", "a.txt", "a.txt"]);
    let ids = column(&listed, "id");
    let second = ids
        .iter()
        .find(|id| fs::read_to_string(id).unwrap() == "two")
        .unwrap();
    fixture.done("files.restore", &[("item", second)]).await;
    assert_eq!(
        fs::read_to_string(fixture.home().join("a.txt")).unwrap(),
        "two"
    );
    assert_eq!(
        column(&fixture.read("files.trashed").await, "name").len(),
        2
    );
}

#[tokio::test]
async fn restoring_by_name_makes_the_way_and_replaces_nothing() {
    let fixture = Fixture::new();
    fixture.file("deep/er/note.txt", "note");
    fixture
        .done("files.trash", &[("path", "~/deep/er/note.txt")])
        .await;
    fs::remove_dir_all(fixture.home().join("deep")).unwrap();
    let outcome = fixture.done("files.restore", &[("item", "Note.txt")]).await;
    assert_eq!(
        fs::read_to_string(fixture.home().join("deep/er/note.txt")).unwrap(),
        "note"
    );
    fixture.undo(&outcome).await.unwrap();
    fixture.file("deep/er/note.txt", "another");
    fixture
        .fails(
            "files.restore",
            &[("item", "note.txt")],
            ErrorKind::Conflict,
        )
        .await;
    assert_eq!(
        fs::read_to_string(fixture.home().join("deep/er/note.txt")).unwrap(),
        "another"
    );
    fixture
        .fails(
            "files.restore",
            &[("item", "never there")],
            ErrorKind::NotFound,
        )
        .await;
}

#[tokio::test]
async fn restoring_follows_no_link_that_was_swapped_in() {
    let fixture = Fixture::new();
    fixture.file("folder/a.txt", "secret");
    let outside = fixture.path("outside");
    fs::create_dir(&outside).unwrap();
    let outcome = fixture
        .done("files.trash", &[("path", "~/folder/a.txt")])
        .await;
    fs::remove_dir(fixture.home().join("folder")).unwrap();
    symlink(&outside, fixture.home().join("folder")).unwrap();
    fixture.undo(&outcome).await.unwrap_err();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    assert_eq!(
        column(&fixture.read("files.trashed").await, "name"),
        ["a.txt"]
    );
}

#[tokio::test]
async fn a_forged_note_leads_nowhere() {
    let fixture = Fixture::new();
    fixture.file("a.txt", "a");
    fixture.done("files.trash", &[("path", "~/a.txt")]).await;
    let trash = fixture.world.places.data.join("Trash");
    fs::write(trash.join("files/evil"), "evil").unwrap();
    let forged = "[Trash Info]\nPath=/etc/cron.d/evil\nDeletionDate=2030-01-01T00:00:00\n";
    fs::write(trash.join("info/evil.trashinfo"), forged).unwrap();
    fixture
        .fails("files.restore", &[("item", "evil")], ErrorKind::Invalid)
        .await;
    assert!(!std::path::Path::new("/etc/cron.d/evil").exists());
}

#[tokio::test]
async fn a_link_is_thrown_away_and_not_what_it_leads_to() {
    let fixture = Fixture::new();
    let target = fixture.file("target.txt", "target");
    symlink(&target, fixture.home().join("link")).unwrap();
    let outcome = fixture.done("files.trash", &[("path", "~/link")]).await;
    assert!(target.exists() && fixture.home().join("link").symlink_metadata().is_err());
    fixture.undo(&outcome).await.unwrap();
    assert_eq!(fs::read_link(fixture.home().join("link")).unwrap(), target);
}

#[tokio::test]
async fn the_trash_itself_is_not_thrown_away() {
    let fixture = Fixture::new();
    fixture.file("a.txt", "a");
    fixture.done("files.trash", &[("path", "~/a.txt")]).await;
    fixture
        .fails(
            "files.trash",
            &[("path", "~/.local/share/Trash")],
            ErrorKind::Invalid,
        )
        .await;
    let inside = fixture.world.places.data.join("Trash/files/a.txt");
    fixture
        .fails(
            "files.trash",
            &[("path", inside.to_str().unwrap())],
            ErrorKind::Invalid,
        )
        .await;
    assert!(inside.exists());
}

#[tokio::test]
async fn a_folder_is_called_one_with_what_is_in_it() {
    let fixture = Fixture::new();
    for name in ["many/a.txt", "many/.b.txt", "many/deep/c.txt"] {
        fixture.file(name, "text");
    }
    let path = [("path", "~/many".into())];
    let intent = fixture.intend("files.trash", &path).await.unwrap();
    let folder = fixture.home().join("many");
    assert_eq!(
        intent.touches,
        folder.display().to_string(),
        "a consent holds whatever comes into the folder meanwhile"
    );
    let outcome = fixture.done("files.trash", &[("path", "~/many")]).await;
    assert_eq!(
        outcome.note,
        "Moved the folder many to the trash; items in it: 4."
    );
    fixture.file("one.txt", "text");
    fs::create_dir(fixture.home().join("empty")).unwrap();
    for (name, note) in [
        ("one.txt", "Moved one.txt to the trash."),
        ("empty", "Moved empty to the trash."),
    ] {
        let path = format!("~/{name}");
        let outcome = fixture.done("files.trash", &[("path", &path)]).await;
        assert_eq!(outcome.note, note);
    }
}

#[tokio::test]
async fn a_very_full_folder_is_not_counted_to_its_end() {
    let fixture = Fixture::new();
    fill(&fixture.home().join("many"), 10_002);
    let path = [("path", "~/many".into())];
    let intent = fixture.intend("files.trash", &path).await.unwrap();
    let items = intent.facts.field("items").and_then(Value::as_text);
    assert_eq!(items, Some("more than 10000"));
}

#[tokio::test]
async fn the_usual_folders_are_known_to_stay() {
    let fixture = Fixture::new();
    fixture.file("Documents/a.txt", "text");
    let paths = ["Documents", "Documents/a.txt"].map(|name| {
        let path = fixture.home().join(name);
        Value::from(path.to_str().unwrap())
    });
    let name = plan::FunctionName::new("files.trash").unwrap();
    let function = fixture.registry.function(&name).unwrap();
    let refused = function.action.refuses(&paths.each_ref(), &fixture.world);
    assert_eq!(refused, [true, false]);
}
