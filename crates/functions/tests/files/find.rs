//! Looking for files.

use std::{fs, os::unix::fs::symlink, time::Instant};

use plan::Value;

use crate::{
    support::Fixture,
    tree::{column, fill, write},
};

fn sample() -> Fixture {
    let fixture = Fixture::new();
    let year = 365 * 86_400;
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for (name, size, age) in [
        ("Downloads/film.mkv", 5_000, 3600),
        ("Downloads/old.zip", 3_000, 2 * year),
        ("Pictures/海滩.jpg", 1_000, 86_400),
        ("Documents/Budget 2026.ods", 200, 100),
        ("Documents/tax.pdf", 300, 10 * 86_400),
        (".secret/budget.txt", 10, 10),
    ] {
        write(
            &fixture.home().join(name),
            &vec![b'x'; size],
            0o644,
            now - age,
        );
    }
    fixture
}

async fn names(fixture: &Fixture, arguments: &[(&str, Value)]) -> Vec<String> {
    let outcome = fixture.call("files.find", arguments).await.unwrap();
    column(&outcome.value, "name")
}

#[tokio::test]
async fn by_name_kind_size_and_age() {
    let fixture = sample();
    let text = |text: &str| Value::from(text);
    let find = |arguments: Vec<(&'static str, Value)>| {
        let fixture = &fixture;
        async move { names(fixture, &arguments).await }
    };
    assert_eq!(
        find(vec![("name", text("budget"))]).await,
        ["Budget 2026.ods"]
    );
    assert_eq!(
        find(vec![("name", text("2026 BUDGET"))]).await,
        ["Budget 2026.ods"]
    );
    assert_eq!(find(vec![("name", text("*.jpg"))]).await, ["海滩.jpg"]);
    assert_eq!(
        find(vec![("name", text("海滩")), ("kind", text("image"))]).await,
        ["海滩.jpg"]
    );
    assert_eq!(
        find(vec![("kind", text("document"))]).await,
        ["Budget 2026.ods", "tax.pdf"]
    );
    assert_eq!(
        find(vec![("min_size", 2_000.0.into())]).await,
        ["film.mkv", "old.zip"]
    );
    assert_eq!(
        find(vec![("older_than", (365.0 * 86_400.0).into())]).await,
        ["old.zip"]
    );
    let hours_ago = |hours: i64| {
        let moment = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        text(&moment.to_string())
    };
    let period = vec![
        ("modified_after", hours_ago(11 * 24)),
        ("modified_before", hours_ago(2)),
    ];
    assert_eq!(find(period).await, ["海滩.jpg", "tax.pdf"]);
    assert_eq!(
        find(vec![("newer_than", 7_200.0.into())]).await,
        ["Budget 2026.ods", "film.mkv"]
    );
    assert_eq!(
        find(vec![("folder", text("下载")), ("max_size", 4_000.0.into())]).await,
        ["old.zip"]
    );
    let hidden = vec![("name", text("budget")), ("hidden", true.into())];
    assert_eq!(find(hidden).await, ["budget.txt", "Budget 2026.ods"]);
    assert_eq!(
        find(vec![("kind", text("folder")), ("name", text("doc"))]).await,
        ["Documents"]
    );
    assert_eq!(find(vec![("limit", 1.0.into())]).await.len(), 1);
}

#[tokio::test]
async fn what_is_called_just_so_comes_first() {
    let fixture = Fixture::new();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for (name, age) in [
        ("Documents/cv.odt", 900),
        ("Documents/old/cv.odt", 300),
        ("Documents/my-cv.odt", 100),
    ] {
        write(&fixture.home().join(name), b"x", 0o644, now - age);
    }
    let outcome = fixture
        .call("files.find", &[("name", Value::from("CV.odt"))])
        .await
        .unwrap();
    let paths = column(&outcome.value, "path");
    let ends = [
        "Documents/cv.odt",
        "Documents/old/cv.odt",
        "Documents/my-cv.odt",
    ];
    assert!(
        paths
            .iter()
            .zip(ends)
            .all(|(path, end)| path.ends_with(end)),
        "{paths:?}"
    );
}

#[tokio::test]
async fn largest_and_recent_come_in_order() {
    let fixture = sample();
    let largest = fixture
        .call("files.largest", &[("limit", 3.0.into())])
        .await
        .unwrap()
        .value;
    assert_eq!(
        column(&largest, "name"),
        ["film.mkv", "old.zip", "海滩.jpg"]
    );
    let recent = fixture
        .call("files.recent", &[("limit", 2.0.into())])
        .await
        .unwrap()
        .value;
    assert_eq!(column(&recent, "name"), ["Budget 2026.ods", "film.mkv"]);
    let row = &largest.as_list().unwrap()[0];
    assert_eq!(row.field("size").and_then(Value::as_number), Some(5_000.0));
    let modified = row.field("modified").and_then(Value::as_text).unwrap();
    assert!(plan::Moment::parse(modified, 0).is_some(), "{modified}");
}

#[tokio::test]
async fn loops_of_links_and_locked_folders_end_and_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = sample();
    symlink(fixture.home(), fixture.home().join("Documents/loop")).unwrap();
    let locked = fixture.home().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let outcome = fixture
        .call("files.find", &[("name", "tax".into())])
        .await
        .unwrap();
    assert_eq!(column(&outcome.value, "name"), ["tax.pdf"]);
    // Root reads everything.
    let is_root = rustix::process::getuid().is_root();
    assert_eq!(outcome.note.is_empty(), is_root, "{}", outcome.note);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_folder_of_a_hundred_thousand_is_searched_and_a_search_can_be_dropped() {
    let fixture = Fixture::new();
    assert_eq!(fill(&fixture.home().join("many"), 100_000), 100_000);
    let outcome = fixture
        .call("files.find", &[("name", "99999".into())])
        .await
        .unwrap();
    assert_eq!(column(&outcome.value, "name"), ["99999"]);
    let all = fixture
        .call("files.find", &[("limit", 10_000.0.into())])
        .await
        .unwrap();
    assert_eq!(column(&all.value, "name").len(), 10_000);

    let arguments = [("name", "nothing".into())];
    let search = fixture.call("files.find", &arguments);
    let begun = Instant::now();
    let cut = tokio::time::timeout(std::time::Duration::from_millis(1), search).await;
    assert!(cut.is_err() || begun.elapsed().as_secs() < 20);
}

#[tokio::test]
async fn more_than_are_listed_are_counted() {
    let fixture = Fixture::new();
    let folder = fixture.home().join("many");
    fs::create_dir(&folder).unwrap();
    for number in 0..1_001 {
        fs::write(folder.join(format!("{number}.txt")), "x").unwrap();
    }
    let found = fixture.call("files.find", &[]).await.unwrap();
    assert_eq!(found.value.as_list().unwrap().len(), 1_000);
    assert_eq!(found.note, "1001 fit; the first 1000 are listed.");
    let five = [("limit", 5.0.into())];
    assert_eq!(fixture.call("files.find", &five).await.unwrap().note, "");
}
