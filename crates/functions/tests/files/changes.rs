//! Copying, moving, renaming, making folders; what is refused.

use std::fs;

use functions::{ErrorKind, Settlement};
use plan::Value;

use crate::{
    support::Fixture,
    tree::{tree, values},
};

#[tokio::test]
async fn a_file_moves_into_a_folder_and_back() {
    let fixture = Fixture::new();
    fixture.file("Downloads/报告.txt", "text");
    fs::create_dir(fixture.home().join("Documents")).unwrap();
    let before = tree(fixture.home());
    let outcome = fixture
        .done(
            "files.move",
            &[("path", "~/Downloads/报告.txt"), ("to", "documents")],
        )
        .await;
    let moved = fixture.home().join("Documents/报告.txt");
    assert_eq!(fs::read_to_string(&moved).unwrap(), "text");
    assert!(!fixture.home().join("Downloads/报告.txt").exists());
    assert_eq!(outcome.note, "Moved 报告.txt to ~/Documents.");
    fixture.undo(&outcome).await.unwrap();
    assert_eq!(tree(fixture.home()), before);
}

#[tokio::test]
async fn a_missing_folder_is_not_taken_for_a_new_name() {
    let fixture = Fixture::new();
    let path = fixture.file("a.txt", "a");
    fixture
        .fails(
            "files.move",
            &[("path", "~/a.txt"), ("to", "~/Archive")],
            ErrorKind::NotFound,
        )
        .await;
    assert!(path.exists());
    fixture
        .done("files.move", &[("path", "~/a.txt"), ("to", "~/b.txt")])
        .await;
    assert!(!path.exists() && fixture.home().join("b.txt").exists());
}

#[tokio::test]
async fn nothing_is_ever_replaced() {
    let fixture = Fixture::new();
    fixture.file("a.txt", "a");
    fixture.file("d/a.txt", "other");
    fixture.file("b.txt", "b");
    let before = tree(fixture.home());
    let conflict = ErrorKind::Conflict;
    fixture
        .fails(
            "files.move",
            &[("path", "~/a.txt"), ("to", "~/d")],
            conflict,
        )
        .await;
    fixture
        .fails(
            "files.copy",
            &[("path", "~/a.txt"), ("to", "~/d")],
            conflict,
        )
        .await;
    fixture
        .fails(
            "files.rename",
            &[("path", "~/a.txt"), ("name", "b.txt")],
            conflict,
        )
        .await;
    fixture
        .fails("files.make_folder", &[("path", "~/d")], conflict)
        .await;
    assert_eq!(tree(fixture.home()), before);
}

#[tokio::test]
async fn a_tree_is_copied_whole_and_the_copy_can_be_taken_back() {
    let fixture = Fixture::new();
    fixture.file("photos/2024/a.jpg", "a");
    fixture.file("photos/b.jpg", "b");
    std::os::unix::fs::symlink("b.jpg", fixture.home().join("photos/link")).unwrap();
    fs::create_dir(fixture.home().join("backup")).unwrap();
    let outcome = fixture
        .done("files.copy", &[("path", "~/photos"), ("to", "~/backup")])
        .await;
    assert_eq!(
        tree(&fixture.home().join("backup/photos")),
        tree(&fixture.home().join("photos"))
    );
    let names = fs::read_dir(fixture.home().join("backup")).unwrap().count();
    assert_eq!(names, 1, "no hidden copy is left");
    fixture.undo(&outcome).await.unwrap();
    assert!(!fixture.home().join("backup/photos").exists());
    assert!(fixture.home().join("photos/2024/a.jpg").exists());
}

#[tokio::test]
async fn folders_are_made_with_those_above_them() {
    let fixture = Fixture::new();
    let outcome = fixture
        .done("files.make_folder", &[("path", "~/Documents/旅行/2026")])
        .await;
    assert!(fixture.home().join("Documents/旅行/2026").is_dir());
    assert_eq!(
        outcome.value.as_text(),
        fixture.home().join("Documents/旅行/2026").to_str()
    );
    fixture.undo(&outcome).await.unwrap();
    // A usual folder stays.
    let left = std::fs::read_dir(fixture.home().join("Documents")).unwrap();
    assert_eq!(left.count(), 0);
    let outcome = fixture
        .done("files.make_folder", &[("path", "~/Letters/2026")])
        .await;
    fixture.undo(&outcome).await.unwrap();
    assert!(!fixture.home().join("Letters").exists());
}

#[tokio::test]
async fn what_undo_takes_away_is_what_may_be_thrown_away() {
    let fixture = Fixture::new();
    for (made, is_usual) in [
        ("音乐/2026", true),
        ("my music/2026", false),
        ("home/2026", false),
    ] {
        // A whole path, because a name would be read as the usual folder's.
        let path = fixture.home().join(made);
        let path = [("path", path.to_str().unwrap())];
        let outcome = fixture.done("files.make_folder", &path).await;
        fixture.undo(&outcome).await.unwrap();
        let above = fixture.home().join(made.trim_end_matches("/2026"));
        assert!(!fixture.home().join(made).exists());
        assert_eq!(above.exists(), is_usual, "{made}");
    }
    // A file is no folder, whatever it is called.
    fixture.file("documents", "a");
    fixture
        .done("files.trash", &[("path", "~/documents")])
        .await;
}

#[tokio::test]
async fn renaming_takes_a_name_and_no_path() {
    let fixture = Fixture::new();
    fixture.file("a.txt", "a");
    for name in ["../b.txt", "x/y", "..", ".", ""] {
        fixture
            .fails(
                "files.rename",
                &[("path", "~/a.txt"), ("name", name)],
                ErrorKind::Invalid,
            )
            .await;
    }
    let outcome = fixture
        .done("files.rename", &[("path", "a.txt"), ("name", "新 名.txt")])
        .await;
    assert!(fixture.home().join("新 名.txt").exists());
    fixture.undo(&outcome).await.unwrap();
    assert!(fixture.home().join("a.txt").exists());
}

#[tokio::test]
async fn what_may_not_be_changed_is_refused() {
    let fixture = Fixture::new();
    let rules = fixture.file(".config/lucid/policy.toml", "");
    fixture.file("rules.toml", "allow everything");
    fixture.file("Documents/a.txt", "a");
    let invalid = ErrorKind::Invalid;
    for path in [
        "~/Documents",
        "/",
        "~",
        "/home",
        "/etc/passwd",
        "~/.config/lucid/policy.toml",
        "~/.config",
        "~/.local",
    ] {
        fixture
            .fails("files.trash", &[("path", path)], invalid)
            .await;
    }
    fixture
        .fails(
            "files.move",
            &[
                ("path", "~/rules.toml"),
                ("to", "~/.config/lucid/rules.toml"),
            ],
            invalid,
        )
        .await;
    fixture
        .fails(
            "files.copy",
            &[("path", "~/rules.toml"), ("to", "/tmp/lucid-rules.toml")],
            invalid,
        )
        .await;
    assert!(rules.exists() && fixture.home().join("rules.toml").exists());
}

#[tokio::test]
async fn a_folder_is_not_put_into_itself() {
    let fixture = Fixture::new();
    fixture.file("a/b/c.txt", "c");
    let arguments = [("path", "~/a"), ("to", "~/a/b")];
    fixture
        .fails("files.move", &arguments, ErrorKind::Invalid)
        .await;
    fixture
        .fails("files.copy", &arguments, ErrorKind::Invalid)
        .await;
    assert!(fixture.home().join("a/b/c.txt").exists());
}

#[tokio::test]
async fn an_undo_is_refused_once_the_world_has_changed() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.home().join("d")).unwrap();
    fixture.file("a.txt", "a");
    let outcome = fixture
        .done("files.move", &[("path", "~/a.txt"), ("to", "~/d")])
        .await;
    fs::write(fixture.home().join("d/a.txt"), "edited since").unwrap();
    assert!(fixture.undo(&outcome).await.unwrap_err().contains("a.txt"));
    assert_eq!(
        fs::read_to_string(fixture.home().join("d/a.txt")).unwrap(),
        "edited since"
    );

    fixture.file("b.txt", "b");
    let outcome = fixture
        .done("files.move", &[("path", "~/b.txt"), ("to", "~/d")])
        .await;
    fixture.file("b.txt", "new");
    assert!(fixture.undo(&outcome).await.unwrap_err().contains("b.txt"));
    assert_eq!(
        fs::read_to_string(fixture.home().join("b.txt")).unwrap(),
        "new"
    );
}

#[tokio::test]
async fn a_crash_is_settled_by_what_is_there() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.home().join("d")).unwrap();
    let path = fixture.file("a.txt", "a");
    let arguments = values(&[("path", "~/a.txt"), ("to", "~/d")]);
    let intent = fixture.intend("files.move", &arguments).await.unwrap();
    let call = fixture.resolved("files.move", &arguments);
    let settle = || fixture.registry.settle(&call, &intent, &fixture.world);
    assert_eq!(settle().await, Settlement::NotDone);
    fs::rename(&path, fixture.home().join("d/a.txt")).unwrap();
    let Settlement::Done(outcome) = settle().await else {
        panic!("it is done")
    };
    fixture.undo(&outcome).await.unwrap();
    assert!(path.exists());
}

#[tokio::test]
async fn info_tells_what_is_there() {
    let fixture = Fixture::new();
    fixture.file("d/a.txt", "12345");
    fixture.file("d/.hidden", "123");
    let value = fixture.done("files.info", &[("path", "~/d")]).await.value;
    assert_eq!(value.field("size").and_then(Value::as_number), Some(8.0));
    assert_eq!(value.field("items").and_then(Value::as_number), Some(2.0));
    let value = fixture
        .done("files.info", &[("path", "~/d/a.txt")])
        .await
        .value;
    assert_eq!(
        value.field("permissions").and_then(Value::as_text),
        Some("rw-r--r--")
    );
    assert_eq!(
        value.field("kind").and_then(Value::as_text),
        Some("document")
    );
    fixture
        .fails("files.info", &[("path", "~/nothing")], ErrorKind::NotFound)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_kill_left_half_copied_is_swept_away() {
    let fixture = Fixture::new();
    fixture.file("a.txt", "a");
    fixture.file("b.zip", "no archive is read for an intent");
    fs::create_dir(fixture.home().join("d")).unwrap();
    for (function, arguments) in [
        ("files.copy", [("path", "~/a.txt"), ("to", "~/d")]),
        ("files.move", [("path", "~/a.txt"), ("to", "~/d")]),
        ("files.unzip", [("path", "~/b.zip"), ("to", "~/d")]),
    ] {
        let arguments = values(&arguments);
        let call = fixture.resolved(function, &arguments);
        let intent = fixture.intend(function, &arguments).await.unwrap();
        let name = intent.facts.field("staged").unwrap().as_text().unwrap();
        let half = fixture.home().join("d").join(name);
        fs::create_dir(&half).unwrap();
        fs::write(half.join("half"), "half").unwrap();
        let other = fixture.file("d/.lucid-0123456789abcdef", "of another act");
        let settlement = fixture
            .registry
            .settle(&call, &intent, &fixture.world)
            .await;
        assert_eq!(settlement, Settlement::NotDone, "{function}");
        assert!(!half.exists() && other.exists(), "{function}");
    }
}

#[tokio::test]
async fn a_refused_undo_shows_a_raw_name_as_it_is() {
    let fixture = Fixture::new();
    fixture.file("a\u{202e}txt.b", "a");
    fs::create_dir(fixture.home().join("d")).unwrap();
    let moved = fixture
        .done("files.move", &[("path", "~/a\u{202e}txt.b"), ("to", "~/d")])
        .await;
    fs::write(fixture.home().join("d/a\u{202e}txt.b"), "changed").unwrap();
    let refusal = fixture.undo(&moved).await.unwrap_err();
    assert!(refusal.contains("/d/a⟨U+202E⟩txt.b"), "{refusal}");
}
