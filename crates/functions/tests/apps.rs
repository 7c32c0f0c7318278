//! Functions on applications: real ones, on a screen in memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::HashMap, fs, process::Stdio, sync::Arc};

use functions::{ErrorKind, spawn};
use plan::Value;
use protocol::text::Language;
use support::Fixture;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    sync::Mutex,
};

fn entry(fixture: &Fixture, id: &str, text: &str) {
    let folder = fixture.world.places.data.join("applications");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join(id),
        format!("[Desktop Entry]\nType=Application\n{text}\n"),
    )
    .unwrap();
}

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

async fn opened(fixture: &Fixture, name: &str) -> String {
    fixture
        .call("apps.open", &[("app", name.into())])
        .await
        .map_or_else(|error| error.problem.id, |outcome| outcome.note)
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
    assert_eq!(opened(&fixture, "Fails").await, "app-not-started");
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

/// A screen in memory.
async fn screen() -> Child {
    let mut screen = spawn::command("Xvfb")
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1024x768x24",
            "-nolisten",
            "tcp",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Xvfb is installed");
    let mut number = String::new();
    let stdout = screen.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut number).await.unwrap();
    // SAFETY: only this test starts programs that need a display, and all code here that reads
    // the environment does it through the standard library, which takes the same lock.
    unsafe {
        std::env::set_var("DISPLAY", format!(":{}", number.trim()));
        std::env::remove_var("SWAYSOCK");
    }
    screen
}

fn windows(rows: &Value, id: &str) -> Option<f64> {
    let row = rows
        .as_list()?
        .iter()
        .find(|row| row.field("id").and_then(Value::as_text) == Some(id))?;
    row.field("windows")?.as_number()
}

#[tokio::test]
async fn real_apps_open_a_file_and_close() {
    let fixture = Fixture::new().with_session_bus().await;
    let screen = screen().await;
    // The app takes this world's bus and folders, not those of whoever runs the tests.
    let environment = format!(
        "env HOME={0} XDG_CONFIG_HOME={0}/.config XDG_CACHE_HOME={0}/.cache XDG_DATA_HOME={0}/.local/share \
         XDG_RUNTIME_DIR={1} DBUS_SESSION_BUS_ADDRESS=unix:path={2} GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1 GDK_BACKEND=x11",
        fixture.home().display(),
        fixture.path("run").display(),
        fixture.path("session").display(),
    );
    let exec = |program: &str, id: &str| {
        // A name of its own, so that the same app of somebody else is not taken for it.
        let own = fixture.home().join(id);
        std::os::unix::fs::symlink(program, &own).unwrap();
        entry(
            &fixture,
            &format!("{id}.desktop"),
            &format!("Name={id}\nExec={environment} {} %U", own.display()),
        );
    };
    exec("/usr/bin/galculator", "test-galculator");
    exec("/usr/bin/gedit", "test-gedit");
    fs::write(fixture.home().join("笔记.txt"), "hello").unwrap();

    assert_eq!(
        opened(&fixture, "test-galculator").await,
        "Opened test-galculator."
    );
    let arguments = [("file", "~/笔记.txt".into()), ("app", "test-gedit".into())];
    let outcome = fixture.call("apps.open_with", &arguments).await.unwrap();
    assert!(outcome.note.contains("笔记.txt"));
    for id in ["test-galculator.desktop", "test-gedit.desktop"] {
        fixture
            .wait(id, || async {
                windows(&fixture.read("apps.running").await, id).is_some_and(|n| n >= 1.0)
            })
            .await;
    }
    for name in ["test-galculator", "test-gedit"] {
        let outcome = fixture
            .call("apps.close", &[("app", name.into())])
            .await
            .unwrap();
        assert_eq!(outcome.note, format!("Closed {name}."));
        let id = format!("{name}.desktop");
        assert!(windows(&fixture.read("apps.running").await, &id).is_none_or(|n| n == 0.0));
    }
    drop(screen);
}
