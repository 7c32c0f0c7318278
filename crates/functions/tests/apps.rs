//! Functions on applications, by their desktop entries; tests/desktop.rs has real ones on a screen.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::HashMap, fs, sync::Arc};

use functions::ErrorKind;
use protocol::text::Language;
use support::{Fixture, entry, opened};
use tokio::sync::Mutex;

fn several() -> Fixture {
    let fixture = Fixture::new();
    entry(
        &fixture,
        "org.test.Gedit.desktop",
        "Name=gedit\nName[zh_CN]=文本编辑器\nGenericName=Text Editor\nExec=true %U\nCategories=TextEditor;\nKeywords=notes;write;",
    );
    entry(
        &fixture,
        "calc.desktop",
        "Name=Galculator\nGenericName=Calculator\nGenericName[zh_CN]=计算器\nExec=true\nCategories=Calculator;",
    );
    entry(
        &fixture,
        "code.desktop",
        "Name=Visual Studio Code\nExec=true %F",
    );
    entry(
        &fixture,
        "hidden.desktop",
        "Name=Hidden\nHidden=true\nExec=true",
    );
    entry(
        &fixture,
        "inner.desktop",
        "Name=Inner\nNoDisplay=true\nExec=true",
    );
    entry(
        &fixture,
        "gone.desktop",
        "Name=Gone\nTryExec=/nowhere/gone\nExec=gone",
    );
    entry(
        &fixture,
        "broken.desktop",
        "Name=Broken\nExec=/nowhere/broken",
    );
    entry(&fixture, "false.desktop", "Name=Fails\nExec=false");
    fixture
}

#[tokio::test]
async fn apps_are_found_by_what_people_call_them() {
    let fixture = several();
    for (words, found) in [
        ("gedit", "Opened gedit."),
        ("the text editor", "Opened gedit."),
        ("文本编辑器", "Opened gedit."),
        ("notepad", "Opened gedit."),
        ("gedti", "Opened gedit."),
        ("org.test.Gedit", "Opened gedit."),
        ("org.test.Gedit.desktop", "Opened gedit."),
        ("calc", "Opened Galculator."),
        ("计算器", "Opened Galculator."),
        ("Calculator app", "Opened Galculator."),
        ("code", "Opened Visual Studio Code."),
        ("studio", "Opened Visual Studio Code."),
        ("inner.desktop", "Opened Inner."),
        ("Hidden", "app-unknown"),
        ("Gone", "app-unknown"),
        ("xyzzy", "app-unknown"),
        ("", "app-unknown"),
    ] {
        assert_eq!(opened(&fixture, words).await, found, "{words}");
    }
    let error = fixture
        .call("apps.open", &[("app", "galcuxxxor".into())])
        .await
        .unwrap_err();
    assert!(error.problem.sentence.contains("Galculator"), "{error}");
}

#[tokio::test]
async fn a_nearer_entry_hides_a_farther_one() {
    let mut fixture = several();
    let far = fixture.path("far");
    fs::create_dir_all(far.join("applications/kde")).unwrap();
    let text = "[Desktop Entry]\nType=Application\nName=Far\nExec=true\n";
    fs::write(far.join("applications/hidden.desktop"), text).unwrap();
    fs::write(far.join("applications/kde/far.desktop"), text).unwrap();
    let places = Arc::make_mut(&mut fixture.world.places);
    places.data_dirs = vec![far];
    let names = fixture.registry.live("app", &fixture.world).await;
    let ids: Vec<&str> = names.iter().map(|value| value.id.as_str()).collect();
    assert!(ids.contains(&"kde-far.desktop"));
    assert!(!ids.contains(&"hidden.desktop") && !ids.contains(&"inner.desktop"));
}

#[tokio::test]
async fn live_names_are_in_the_language_of_the_turn_and_bounded() {
    let mut fixture = several();
    let long = "x".repeat(500);
    entry(
        &fixture,
        "long.desktop",
        &format!("Name={long}\u{202e}\nExec=true"),
    );
    fixture.world.language = Language::Chinese;
    let values = fixture.registry.live("app", &fixture.world).await;
    let gedit = values
        .iter()
        .find(|value| value.id == "org.test.Gedit.desktop")
        .unwrap();
    assert_eq!(gedit.names, ["文本编辑器", "gedit", "Text Editor"]);
    let names = values.iter().flat_map(|value| &value.names);
    assert!(
        names
            .clone()
            .all(|name| name.chars().count() <= 60 && !name.contains('\u{202e}'))
    );
    // A new entry is seen at once.
    entry(&fixture, "new.desktop", "Name=New\nExec=true");
    let values = fixture.registry.live("app", &fixture.world).await;
    assert!(values.iter().any(|value| value.id == "new.desktop"));
}

#[tokio::test]
async fn the_list_has_what_menus_show() {
    let fixture = several();
    let rows = fixture.read("apps.list").await;
    let names: Vec<&str> = rows
        .as_list()
        .unwrap()
        .iter()
        .filter_map(|row| row.field("name")?.as_text())
        .collect();
    assert_eq!(
        names,
        [
            "Broken",
            "Fails",
            "Galculator",
            "gedit",
            "Visual Studio Code"
        ]
    );
    let rows = fixture
        .call("apps.list", &[("about", "write".into())])
        .await
        .unwrap()
        .value;
    assert_eq!(rows.as_list().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_start_says_so() {
    let fixture = several();
    assert_eq!(opened(&fixture, "Broken").await, "app-not-started");
    // Without a display that is the reason nearly always.
    let is_seen = functions::spawn::has_display();
    let expected = ["app-no-display", "app-not-started"][usize::from(is_seen)];
    assert_eq!(opened(&fixture, "Fails").await, expected);
    let arguments = [("file", "~/a.txt".into()), ("app", "Galculator".into())];
    let error = fixture
        .call("apps.open_with", &arguments)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "the file is missing");
    fs::write(fixture.home().join("a.txt"), "a").unwrap();
    let error = fixture
        .call("apps.open_with", &arguments)
        .await
        .unwrap_err();
    assert_eq!(error.problem.id, "app-takes-no-files");
    let error = fixture
        .call("apps.close", &[("app", "Galculator".into())])
        .await
        .unwrap_err();
    assert_eq!(error.problem.id, "app-not-running");
}

#[tokio::test]
async fn a_file_reaches_the_program_as_one_argument() {
    let fixture = several();
    let name = "a b;$(touch evil) 'q' \"z\".txt";
    fs::write(fixture.home().join(name), "content").unwrap();
    let out = fixture.home().join("copied");
    entry(
        &fixture,
        "copy.desktop",
        &format!("Name=Copier\nExec=cp -- %f \"{}\"", out.display()),
    );
    let arguments = [
        ("file", format!("~/{name}").into()),
        ("app", "Copier".into()),
    ];
    fixture.call("apps.open_with", &arguments).await.unwrap();
    fixture
        .wait("the copy", || async {
            fs::read(&out).is_ok_and(|bytes| bytes == b"content")
        })
        .await;
    assert!(!fixture.home().join("evil").exists());
}

#[tokio::test]
async fn an_app_has_the_environment_of_the_session() {
    let fixture = several();
    let out = fixture.home().join("environment");
    // cargo gives this variable to tests; no list of Lucid's own has it.
    let name = "CARGO_MANIFEST_DIR";
    assert!(std::env::var_os(name).is_some());
    let written = out.display();
    entry(
        &fixture,
        "env.desktop",
        &format!(
            "Name=Environment\nExec=sh -c \"env > {written}.new; mv {written}.new {written}\""
        ),
    );
    assert_eq!(opened(&fixture, "Environment").await, "Opened Environment.");
    fixture
        .wait("the environment", || async { out.exists() })
        .await;
    let environment = fs::read_to_string(&out).unwrap();
    assert!(environment.contains(name), "{environment}");
    assert!(!environment.contains("\nLUCID_"), "{environment}");
    let home = format!("\nHOME={}\n", fixture.home().display());
    assert!(format!("\n{environment}").contains(&home), "{environment}");
}

/// A file manager that remembers what it was asked to show.
struct FileManager(Arc<Mutex<Vec<(&'static str, String)>>>);

#[zbus::interface(name = "org.freedesktop.FileManager1")]
impl FileManager {
    async fn show_folders(&self, uris: Vec<String>, _startup_id: String) {
        let shown = uris.into_iter().map(|uri| ("folder", uri));
        self.0.lock().await.extend(shown);
    }

    async fn show_items(&self, uris: Vec<String>, _startup_id: String) {
        let shown = uris.into_iter().map(|uri| ("item", uri));
        self.0.lock().await.extend(shown);
    }
}

#[tokio::test]
async fn the_file_manager_shows_folders_and_files_in_them() {
    let fixture = Fixture::new().with_session_bus().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let bus = fixture.world.session_bus.clone().unwrap();
    let path = "/org/freedesktop/FileManager1";
    let manager = FileManager(asked.clone());
    bus.object_server().at(path, manager).await.unwrap();
    bus.request_name("org.freedesktop.FileManager1")
        .await
        .unwrap();
    fs::create_dir(fixture.home().join("图 片")).unwrap();
    fs::write(fixture.home().join("图 片/a.png"), "x").unwrap();
    let call = |function, path: &'static str| {
        let fixture = &fixture;
        async move { fixture.call(function, &[("path", path.into())]).await }
    };
    let revealed = call("files.reveal", "~/图 片/a.png").await.unwrap();
    assert_eq!(revealed.note, "Showed a.png in its folder.");
    let opened = call("files.open", "~/图 片").await.unwrap();
    assert_eq!(opened.note, "Opened 图 片.");
    let missing = call("files.reveal", "~/nothing").await.unwrap_err();
    assert_eq!(missing.kind, ErrorKind::NotFound);
    let folder = format!("file://{}/%E5%9B%BE%20%E7%89%87", fixture.home().display());
    let expected = [("item", format!("{folder}/a.png")), ("folder", folder)];
    assert_eq!(*asked.lock().await, expected);
}

/// Gives text files to an app that leaves a copy, in the settings of this world.
fn with_opener(fixture: &Fixture, kinds: &[&str]) -> std::path::PathBuf {
    let out = fixture.home().join("opened");
    let kinds = kinds.join(";");
    let text = format!(
        "Name=Viewer\nExec=sh -c 'printf %%s \"$1\" > {}' viewer %u\nMimeType={kinds};",
        out.display()
    );
    entry(fixture, "viewer.desktop", &text);
    let defaults: String = kinds
        .split(';')
        .map(|kind| format!("{kind}=viewer.desktop\n"))
        .collect();
    let list = fixture.world.places.config.join("mimeapps.list");
    fs::write(list, format!("[Default Applications]\n{defaults}")).unwrap();
    out
}

#[tokio::test]
async fn a_file_is_opened_with_the_app_for_its_kind() {
    let fixture = Fixture::new();
    let out = with_opener(&fixture, &["text/plain"]);
    let name = "笔 记;$(touch evil).txt";
    fs::write(fixture.home().join(name), "hello").unwrap();
    let path = format!("~/{name}");
    let opened = fixture
        .call("files.open", &[("path", path.as_str().into())])
        .await
        .unwrap();
    assert_eq!(opened.note, format!("Opened {name}."));
    fixture
        .wait("the viewer", || async {
            fs::read_to_string(&out).is_ok_and(|text| text.ends_with(".txt"))
        })
        .await;
    let given = fs::read_to_string(&out).unwrap();
    assert!(
        given.contains("%E7%AC%94%20") || given.contains("笔 "),
        "{given}"
    );
    assert!(!fixture.home().join("evil").exists());

    let error = fixture
        .call("files.open", &[("path", "~/none.txt".into())])
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn pages_and_searches_reach_the_browser_and_nothing_else_does() {
    let fixture = Fixture::new();
    let out = with_opener(
        &fixture,
        &["x-scheme-handler/https", "x-scheme-handler/file"],
    );
    for (function, arguments, expected) in [
        (
            "web.open",
            vec![("address", "example.org/a?b=c".into())],
            "https://example.org/a?b=c",
        ),
        (
            "web.search",
            vec![("query", "雨 & sun/more".into())],
            "https://duckduckgo.com/?q=%E9%9B%A8%20%26%20sun%2Fmore",
        ),
        (
            "web.search",
            vec![("query", "Ada".into()), ("engine", "wikipedia".into())],
            "https://en.wikipedia.org/w/index.php?search=Ada",
        ),
    ] {
        fixture.call(function, &arguments).await.unwrap();
        let arrived = || async { fs::read_to_string(&out).is_ok_and(|given| given == expected) };
        fixture.wait(expected, arrived).await;
    }
    let before = fs::read_to_string(&out).unwrap();
    let file = [("address", "file:///etc/passwd".into())];
    let error = fixture.call("web.open", &file).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert_eq!(fs::read_to_string(&out).unwrap(), before);
}

#[tokio::test]
async fn without_a_file_manager_the_folder_itself_is_opened() {
    let fixture = Fixture::new();
    let out = with_opener(&fixture, &["inode/directory"]);
    fs::write(fixture.home().join("a.txt"), "x").unwrap();
    fixture
        .call("files.reveal", &[("path", "~/a.txt".into())])
        .await
        .unwrap();
    let home = fixture.home().display().to_string();
    fixture
        .wait("the viewer", || async {
            fs::read_to_string(&out).is_ok_and(|text| text.trim_end_matches('/').ends_with(&home))
        })
        .await;
}

/// What an activated application was asked.
struct Application(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.freedesktop.Application")]
impl Application {
    async fn activate(&self, _platform: HashMap<String, zbus::OwnedVariant>) {
        self.0.lock().await.push("activate".to_owned());
    }

    async fn open(&self, uris: Vec<String>, _platform: HashMap<String, zbus::OwnedVariant>) {
        self.0.lock().await.extend(uris);
    }
}

#[tokio::test]
async fn an_activatable_app_is_called_over_the_bus() {
    let fixture = Fixture::new().with_session_bus().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let bus = fixture.world.session_bus.clone().unwrap();
    let path = "/org/lucidtest/My_App";
    bus.object_server()
        .at(path, Application(asked.clone()))
        .await
        .unwrap();
    bus.request_name("org.lucidtest.My-App").await.unwrap();
    entry(
        &fixture,
        "org.lucidtest.My-App.desktop",
        "Name=Activated\nDBusActivatable=true\nExec=false %U",
    );
    fs::write(fixture.home().join("文.txt"), "x").unwrap();
    assert_eq!(opened(&fixture, "activated").await, "Opened Activated.");
    let arguments = [("file", "~/文.txt".into()), ("app", "Activated".into())];
    fixture.call("apps.open_with", &arguments).await.unwrap();
    let asked = asked.lock().await;
    assert_eq!(asked[0], "activate");
    assert!(
        asked[1].starts_with("file:///") && asked[1].ends_with("/%E6%96%87.txt"),
        "{asked:?}"
    );
}
