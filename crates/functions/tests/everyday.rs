//! Notes, lists, the calendar, alarms, copies of files, and texts that a model reads: each act is read again from disk.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, sync::Arc};

use async_trait::async_trait;
use functions::{FunctionError, Reader, ReaderAnswer};
use plan::Value;
use protocol::text::Language;
use support::Fixture;

fn texts(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_list().unwrap().iter();
    rows.map(|row| row.field(field).unwrap().as_text().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn notes_are_files_that_are_found_again() {
    let fixture = Fixture::new();
    assert_eq!(fixture.read("notes.list").await, Value::List(Vec::new()));
    let text = [("text", "Tea/with: Bo?\n茶要热".into())];
    let first = fixture.call("notes.add", &text).await.unwrap();
    assert_eq!(first.note, "Written down as “Teawith Bo.md”.");
    let path = fixture.home().join("Documents/Notes/Teawith Bo.md");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "Tea/with: Bo?\n茶要热\n"
    );
    fixture
        .call("notes.add", &[("text", "Call Ada".into())])
        .await
        .unwrap();
    let about = |words: &'static str| [("about", Value::from(words))];
    let found = fixture
        .call("notes.list", &about("茶"))
        .await
        .unwrap()
        .value;
    assert_eq!(texts(&found, "name"), ["Teawith Bo"]);
    let none = fixture
        .call("notes.list", &about("bicycle"))
        .await
        .unwrap()
        .value;
    assert_eq!(none, Value::List(Vec::new()));
    assert_eq!(texts(&fixture.read("notes.list").await, "name").len(), 2);

    let error = fixture
        .call("notes.add", &[("text", " \n".into())])
        .await
        .unwrap_err();
    assert_eq!(error.problem.sentence, "There is nothing to write down.");
    fs::write(&path, "changed since").unwrap();
    fixture.undo(&first).await.unwrap_err();
    assert!(path.exists(), "a note that was changed is not taken away");
    let again = fixture.call("notes.add", &text).await.unwrap();
    fixture.undo(&again).await.unwrap();
    assert!(
        !fixture
            .home()
            .join("Documents/Notes/Teawith Bo (2).md")
            .exists()
    );
}

#[tokio::test]
async fn things_are_put_on_lists_and_taken_off() {
    let fixture = Fixture::new();
    let on = |item: &'static str, list: &'static str| {
        [("item", Value::from(item)), ("list", list.into())]
    };
    let milk = fixture
        .call("lists.add", &on("oat milk", "shopping"))
        .await
        .unwrap();
    assert_eq!(milk.note, "“oat milk” is on the list Shopping.");
    fixture
        .call("lists.add", &on("面包\nrye", "购物清单"))
        .await
        .unwrap();
    fixture
        .call("lists.add", &on("fix the tap", "Garden"))
        .await
        .unwrap();
    let file = fixture.home().join("Documents/Notes/Lists/Shopping.md");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "- [ ] oat milk\n- [ ] 面包 rye\n"
    );
    let shown = fixture
        .call("lists.show", &[("list", "Shopping".into())])
        .await
        .unwrap();
    assert_eq!(texts(&shown.value, "item"), ["oat milk", "面包 rye"]);
    assert_eq!(
        texts(&fixture.read("lists.names").await, "list"),
        ["Garden", "Shopping"]
    );
    let live = fixture.registry.live("list", &fixture.world).await;
    let ids: Vec<&str> = live.iter().map(|value| value.id.as_str()).collect();
    assert_eq!(ids, ["Garden", "Shopping", "To-do"]);

    // What a person wrote into the file stays as it is.
    fs::write(&file, "# For Sunday\n- [ ] oat milk\n\n- eggs").unwrap();
    fixture
        .call("lists.add", &on("tea", "Shopping"))
        .await
        .unwrap();
    let off = fixture
        .call("lists.remove", &on("Oat MILK", "shopping"))
        .await
        .unwrap();
    assert_eq!(off.note, "“oat milk” is off the list Shopping.");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "# For Sunday\n\n- eggs\n- [ ] tea\n"
    );
    fixture.undo(&off).await.unwrap();
    let shown = fixture
        .call("lists.show", &[("list", "Shopping".into())])
        .await
        .unwrap();
    assert_eq!(texts(&shown.value, "item"), ["eggs", "tea", "oat milk"]);
    for (item, list, sentence) in [
        ("rice", "Shopping", "“rice” is not on the list Shopping."),
        ("rice", "../secret", "A list cannot be called “../secret”."),
        ("rice", ".hidden", "A list cannot be called “.hidden”."),
    ] {
        let error = fixture
            .call("lists.remove", &on(item, list))
            .await
            .unwrap_err();
        assert_eq!(error.problem.sentence, sentence);
    }
    let error = fixture
        .call("lists.add", &on("  ", "Shopping"))
        .await
        .unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "There is nothing to put on the list."
    );
}

#[tokio::test]
async fn events_are_put_into_a_file_that_others_can_read() {
    let fixture = Fixture::new();
    let file = fixture.world.places.data.join("lucid/calendar.ics");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let old = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\nBEGIN:VEVENT\r\nUID:old\r\nDTSTAMP:20200101T000000Z\r\nDTSTART;TZID=Asia/Shanghai:20990110T090000\r\nDTEND;TZID=Asia/Shanghai:20990110T100000\r\nSUMMARY:早会\r\nX-KEPT:yes\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    fs::write(&file, old).unwrap();
    let tea = [
        ("title", "Tea; with Ada, 茶".into()),
        ("start", "2099-01-10T15:00:00Z".into()),
        ("duration", 1800.0.into()),
    ];
    let added = fixture.call("calendar.add", &tea).await.unwrap();
    assert!(
        added
            .note
            .starts_with("“Tea; with Ada, 茶” is in the calendar: 2099-01-10"),
        "{}",
        added.note
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("X-KEPT:yes") && text.contains("SUMMARY:Tea\\; with Ada\\, 茶"),
        "{text}"
    );
    let on = |day: &'static str| [("day", Value::from(day))];
    let day = fixture
        .call("calendar.list", &on("2099-01-10T12:00:00Z"))
        .await
        .unwrap()
        .value;
    assert_eq!(texts(&day, "title"), ["早会", "Tea; with Ada, 茶"]);
    let other = fixture
        .call("calendar.list", &on("2099-02-10T12:00:00Z"))
        .await
        .unwrap()
        .value;
    assert_eq!(other, Value::List(Vec::new()));
    fixture.undo(&added).await.unwrap();
    let day = fixture
        .call("calendar.list", &on("2099-01-10T12:00:00Z"))
        .await
        .unwrap()
        .value;
    assert_eq!(texts(&day, "title"), ["早会"]);

    let remove = |title: &'static str| [("event", Value::from(title))];
    let error = fixture
        .call("calendar.remove", &remove("tea"))
        .await
        .unwrap_err();
    assert_eq!(error.problem.sentence, "No coming event is called “tea”.");
    fixture
        .call("calendar.remove", &remove("早会"))
        .await
        .unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        !text.contains("早会") && text.contains("END:VCALENDAR"),
        "{text}"
    );
    let error = fixture
        .call(
            "calendar.add",
            &[("title", "x".into()), ("start", "soon".into())],
        )
        .await
        .unwrap_err();
    assert_eq!(error.problem.sentence, "“soon” is not a time.");
    fs::write(&file, "no calendar").unwrap();
    let error = fixture.call("calendar.add", &tea).await.unwrap_err();
    assert!(
        error.problem.sentence.contains("is not an iCalendar file"),
        "{error}"
    );
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "no calendar",
        "it is left as it is"
    );
}

#[tokio::test]
async fn copies_are_found_by_what_is_in_them() {
    let fixture = Fixture::new();
    let write = |name: &str, content: &[u8]| {
        let path = fixture.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let large = vec![7u8; 100_000];
    let mut other = large.clone();
    other[99_999] = 8;
    write("a/large.bin", &large);
    write("b/copy of large.bin", &large);
    write("b/same size.bin", &other);
    write("a/short.txt", b"abc");
    write("short again.txt", b"abc");
    write("a/one.txt", b"abd");
    write("empty 1", b"");
    write("empty 2", b"");
    fs::hard_link(
        fixture.home().join("a/one.txt"),
        fixture.home().join("b/one.txt"),
    )
    .unwrap();
    let found = fixture.read("files.duplicates").await;
    let mut names = texts(&found, "name");
    assert_eq!(names.len(), 4, "{names:?}");
    // The largest waste comes first.
    names[..2].sort();
    names[2..].sort();
    assert_eq!(
        names,
        [
            "copy of large.bin",
            "large.bin",
            "short again.txt",
            "short.txt"
        ]
    );
    let copies = found
        .as_list()
        .unwrap()
        .iter()
        .filter(|row| row.field("copy") == Some(&true.into()));
    assert_eq!(copies.count(), 2, "one of each group is the original");
    let large = [("min_size", 1000.0.into())];
    let found = fixture
        .call("files.duplicates", &large)
        .await
        .unwrap()
        .value;
    assert_eq!(found.as_list().unwrap().len(), 2);
}

/// Answers with what it was asked.
struct Echo;

#[async_trait]
impl Reader for Echo {
    fn most(&self) -> usize {
        9000
    }

    async fn read(
        &self,
        how: &str,
        text: &str,
        _: Language,
    ) -> Result<ReaderAnswer, FunctionError> {
        Ok(ReaderAnswer {
            text: format!("{how}|{text}"),
            read: text.chars().count(),
        })
    }
}

#[tokio::test]
async fn texts_are_translated_and_rewritten_by_the_reader() {
    let mut fixture = Fixture::new();
    let arguments = |text: &str| [("text", Value::from(text)), ("language", "French".into())];
    assert!(!fixture.offers("text.translate").await);
    fixture.world.reader = Some(Arc::new(Echo));
    let outcome = fixture
        .call("text.translate", &arguments("good morning"))
        .await
        .unwrap();
    let said = outcome.value.as_text().unwrap().to_owned();
    assert!(
        said.contains("French") && said.ends_with("|good morning"),
        "{said}"
    );
    let how = [("text", "hello".into()), ("how", "shorter".into())];
    let said = fixture.call("text.rewrite", &how).await.unwrap().value;
    assert!(said.as_text().unwrap().contains("shorter"));
    let error = fixture
        .call("text.translate", &arguments(" "))
        .await
        .unwrap_err();
    assert_eq!(error.problem.id, "text-nothing");
    let error = fixture
        .call("text.translate", &arguments(&"x".repeat(9001)))
        .await
        .unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "The text has 9001 characters; at most 9000 are read at once."
    );
}
