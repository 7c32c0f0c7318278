//! Words for folders, and names that are not UTF-8.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

use functions::ErrorKind;

use crate::{
    support::Fixture,
    tree::{column, tree},
};

#[tokio::test]
async fn well_known_folders_have_names_in_every_language() {
    let fixture = Fixture::new();
    fs::create_dir_all(&fixture.world.places.config).unwrap();
    let configured = "XDG_DOWNLOAD_DIR=\"$HOME/下载\"\nXDG_MUSIC_DIR=\"$HOME/\"\n";
    fs::write(
        fixture.world.places.config.join("user-dirs.dirs"),
        configured,
    )
    .unwrap();
    fixture.file("下载/a.zip", "a");
    fixture.file("Bilder/b.jpg", "b");
    for words in [
        "downloads",
        "Downloads",
        "~/Downloads",
        "下载",
        "下载文件夹",
        "my downloads folder",
        "descargas",
    ] {
        let found = fixture.done("files.find", &[("folder", words)]).await.value;
        assert_eq!(column(&found, "name"), ["a.zip"], "{words}");
    }
    let found = fixture
        .done("files.find", &[("folder", "pictures")])
        .await
        .value;
    assert_eq!(column(&found, "name"), ["b.jpg"]);
    fixture
        .done("files.info", &[("path", "~/Downloads/a.zip")])
        .await;
    fixture
        .fails("files.find", &[("folder", "the moon")], ErrorKind::NotFound)
        .await;
    fixture
        .fails(
            "files.find",
            &[("folder", "~/Bilder/b.jpg")],
            ErrorKind::NotFound,
        )
        .await;
}

#[tokio::test]
async fn what_is_called_nothing_may_have_been_an_app() {
    let fixture = Fixture::new();
    for (path, id) in [
        ("flurble", "Nothing is called flurble"),
        ("~/flurble", "There is nothing at"),
    ] {
        let error = fixture
            .intend("files.open", &[("path", path.into())])
            .await
            .unwrap_err();
        assert!(error.problem.sentence.starts_with(id), "{error:?}");
    }
}

#[tokio::test]
async fn folders_are_known_by_name_but_for_what_was_downloaded() {
    let fixture = Fixture::new();
    fixture.file("big/a.txt", "a");
    fixture.file("Documents/Tax 2025/b.txt", "b");
    fixture.file("Documents/Tax 2025/deep/c.txt", "c");
    fixture.file(".hidden/d.txt", "d");
    fixture.file("Downloads/unpacked/f.txt", "f");
    fixture.file("e.txt", "e");
    let mut names = functions::names_of_folders(&fixture.world.places);
    names.sort();
    assert_eq!(names, ["Tax 2025", "big"]);
    // A name is found whatever the case in which it was said.
    let found = fixture.done("files.find", &[("folder", "tax 2025")]).await;
    assert_eq!(column(&found.value, "name"), ["b.txt", "c.txt"]);
}

#[tokio::test]
async fn a_bare_name_is_found_in_one_folder_only() {
    let fixture = Fixture::new();
    fixture.file("Downloads/report.pdf", "r");
    fixture.done("files.trash", &[("path", "report.pdf")]).await;
    assert!(!fixture.home().join("Downloads/report.pdf").exists());
    fixture.file("Downloads/report.pdf", "r");
    fixture.file("Documents/report.pdf", "r");
    fixture
        .fails(
            "files.trash",
            &[("path", "report.pdf")],
            ErrorKind::Conflict,
        )
        .await;
}

#[tokio::test]
async fn names_that_are_not_utf8_go_the_whole_way() {
    let fixture = Fixture::new();
    let name = OsStr::from_bytes(b"caf\xe9 %41.txt");
    fs::create_dir(fixture.home().join("d")).unwrap();
    crate::tree::write(&fixture.home().join(name), b"latin", 0o600, 1_600_000_000);
    let before = tree(fixture.home());
    let found = fixture.done("files.find", &[("name", "caf")]).await.value;
    let path = column(&found, "path").remove(0);
    assert!(path.starts_with("file:///"));
    for (function, more) in [
        ("files.trash", None),
        ("files.move", Some(("to", "~/d"))),
        ("files.rename", Some(("name", "plain.txt"))),
    ] {
        let mut arguments = vec![("path", path.as_str())];
        arguments.extend(more);
        let outcome = fixture.done(function, &arguments).await;
        assert!(!fixture.home().join(name).exists(), "{function}");
        fixture.undo(&outcome).await.unwrap();
        assert_eq!(tree(fixture.home()), before, "{function}");
    }
}

#[tokio::test]
async fn unusable_names_are_refused_in_a_sentence() {
    let fixture = Fixture::new();
    for path in ["", "   ", "a\0b"] {
        fixture
            .fails("files.info", &[("path", path)], ErrorKind::Invalid)
            .await;
    }
    let long = format!("~/{}", "x".repeat(300));
    fixture
        .fails("files.make_folder", &[("path", &long)], ErrorKind::Invalid)
        .await;
}
