//! Plugins for apps with windows: Kate, gedit, Text Editor, Nautilus and GNOME's calculator themselves, under Xvfb.

use std::{fs, process::Stdio};

use functions::spawn::command;
use plan::Value;

use crate::support::{Fixture, screen};

/// What the windows of a display are called.
async fn titles(display: &str) -> String {
    let search = command("xdotool")
        .args([
            "search",
            "--onlyvisible",
            "--name",
            ".",
            "getwindowname",
            "%@",
        ])
        .env("DISPLAY", display)
        .stdout(Stdio::piped())
        .output()
        .await
        .unwrap();
    String::from_utf8(search.stdout).unwrap()
}

async fn wait_for_title(fixture: &Fixture, display: &str, title: &str) {
    let is_there = || async {
        titles(display)
            .await
            .lines()
            .any(|line| line.contains(title))
    };
    fixture.wait(title, is_there).await;
}

/// Presses keys in the window that is called so.
async fn press(display: &str, title: &str, keys: &[&str]) {
    let mut xdotool = command("xdotool");
    xdotool.args(["search", "--onlyvisible", "--name", title]);
    xdotool.args(["windowfocus", "--sync", "key"]).args(keys);
    xdotool.env("DISPLAY", display).status().await.unwrap();
}

/// Starts a program that shows windows on a display.
fn start(fixture: &mut Fixture, display: &str, argv: &[&str]) -> u32 {
    let display = format!("DISPLAY={display}");
    let plain = [
        &*display,
        "GDK_BACKEND=x11",
        "QT_QPA_PLATFORM=xcb",
        "GSETTINGS_BACKEND=memory",
        "NO_AT_BRIDGE=1",
        "LANG=C.UTF-8",
    ];
    fixture.start("env", &[&plain[..], argv].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_and_lines_go_into_kate() {
    let mut fixture = Fixture::new().with_session_bus().await;
    let (_screen, display) = screen().await;
    let text = [("text", "Dear all".into())];
    let absent = fixture.call("editor.write", &text).await.unwrap_err();
    assert_eq!(absent.problem.sentence, "Kate is not running.");
    let kate = start(&mut fixture, &display, &["kate"]);
    let name = format!("org.kde.kate-{kate}");
    fixture.wait_for_name(&name).await;
    fixture.call("editor.write", &text).await.unwrap();
    wait_for_title(&fixture, &display, "Untitled *").await;
    // What stands in the document, as another app would paste it.
    let is_written = || async {
        press(&display, "Untitled", &["ctrl+a", "ctrl+c"]).await;
        let mut clipboard = command("xclip");
        clipboard.args(["-selection", "clipboard", "-o"]);
        clipboard.env("DISPLAY", &display).stdout(Stdio::piped());
        clipboard.output().await.unwrap().stdout == b"Dear all"
    };
    fixture.wait("the text", is_written).await;

    let file = fixture.home().join("long.txt");
    fs::write(&file, "line\n".repeat(50)).unwrap();
    let line = |line: f64| {
        [
            ("file", file.to_str().unwrap().into()),
            ("line", line.into()),
        ]
    };
    let done = fixture.call("editor.open_at", &line(40.0)).await.unwrap();
    assert_eq!(done.note, "Opened at line 40.");
    wait_for_title(&fixture, &display, "long.txt").await;
    // Where the cursor stands: what is typed there is saved into that line.
    press(&display, "long.txt", &["x", "ctrl+s"]).await;
    let is_typed = || async {
        let text = fs::read_to_string(&file).unwrap();
        text.lines().nth(39) == Some("xline")
    };
    fixture.wait("the 40th line", is_typed).await;

    let nowhere = [("file", "~/nowhere.txt".into()), ("line", 1.0.into())];
    assert!(fixture.call("editor.open_at", &nowhere).await.is_err());
}

/// Tells whether an application has a window of that number.
async fn has_window(fixture: &Fixture, app: &str, number: u32) -> bool {
    let path = format!("{app}/window/{number}");
    let name = app.trim_start_matches('/').replace('/', ".");
    let bus = fixture.world.session_bus.as_ref().unwrap();
    let asked = bus.call_method(
        Some(name.as_str()),
        path.as_str(),
        Some("org.gtk.Actions"),
        "List",
        &(),
    );
    asked.await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gnomes_editors_get_new_documents_and_windows() {
    let mut fixture = Fixture::new().with_session_bus().await;
    let (_screen, display) = screen().await;
    for (function, sentence) in [
        ("editor.new_document", "gedit is not installed."),
        ("editor.new_window", "GNOME's Text Editor is not installed."),
    ] {
        let absent = fixture.call(function, &[]).await.unwrap_err();
        assert_eq!(absent.problem.sentence, sentence);
    }

    start(&mut fixture, &display, &["gedit"]);
    fixture.wait_for_name("org.gnome.gedit").await;
    wait_for_title(&fixture, &display, "Untitled Document 1").await;
    fixture.call("editor.new_document", &[]).await.unwrap();
    wait_for_title(&fixture, &display, "Untitled Document 2").await;

    start(&mut fixture, &display, &["gnome-text-editor"]);
    let app = "/org/gnome/TextEditor";
    let first = || has_window(&fixture, app, 1);
    fixture.wait("the first window", first).await;
    assert!(!has_window(&fixture, app, 2).await);
    fixture.call("editor.new_window", &[]).await.unwrap();
    let second = || has_window(&fixture, app, 2);
    fixture.wait("the second window", second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_manager_shows_folders_and_properties() {
    let mut fixture = Fixture::new().with_session_bus().await;
    let (_screen, display) = screen().await;
    start(
        &mut fixture,
        &display,
        &["nautilus", "--gapplication-service"],
    );
    fixture.wait_for_name("org.freedesktop.FileManager1").await;
    let folders: Vec<Value> = ["Maps", "Scans"]
        .into_iter()
        .map(|name| {
            let folder = fixture.home().join(name);
            fs::create_dir_all(&folder).unwrap();
            folder.to_str().unwrap().into()
        })
        .collect();
    let both = [("folders", Value::List(folders.clone()))];
    fixture.call("filemanager.show", &both).await.unwrap();
    wait_for_title(&fixture, &display, "Maps").await;
    wait_for_title(&fixture, &display, "Scans").await;
    // One is a list of one.
    let one = [("files", folders[0].clone())];
    fixture.call("filemanager.properties", &one).await.unwrap();
    wait_for_title(&fixture, &display, "Properties").await;
    let gone = [("files", "~/nowhere".into())];
    let gone = fixture.call("filemanager.properties", &gone).await;
    assert_eq!(gone.unwrap_err().problem.id, "file-not-there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calculation_goes_into_the_calculator() {
    let mut fixture = Fixture::new().with_session_bus().await;
    let (_screen, display) = screen().await;
    let expression = [("expression", "12*30".into())];
    let absent = fixture.call("calculator.enter", &expression).await;
    assert_eq!(
        absent.unwrap_err().problem.sentence,
        "GNOME's calculator is not installed."
    );
    let provider = "/usr/libexec/gnome-calculator-search-provider";
    start(&mut fixture, &display, &[provider]);
    fixture
        .wait_for_name("org.gnome.Calculator.SearchProvider")
        .await;
    fixture.call("calculator.enter", &expression).await.unwrap();
    wait_for_title(&fixture, &display, "Calculator").await;
    let entered = || async {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
            .any(|line| line == b"gnome-calculator\0--equation\x0012*30\0")
    };
    fixture.wait("the calculation", entered).await;
}
