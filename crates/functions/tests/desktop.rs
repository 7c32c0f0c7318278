//! Apps, windows, the clipboard and the settings of a real desktop: X11 with openbox, and sway without a screen.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use functions::spawn;
use plan::Value;
use support::{Fixture, entry, opened, screen};
use tokio::{process::Child, sync::Mutex};

/// These tests say through variables of their process what the desktop is.
static DESKTOP: Mutex<()> = Mutex::const_new(());

fn set(name: &str, value: impl AsRef<std::ffi::OsStr>) {
    // SAFETY: one test at a time holds DESKTOP, and all code here that reads the environment does it through the
    // standard library, which takes the same lock.
    unsafe { std::env::set_var(name, value) }
}

fn unset(name: &str) {
    // SAFETY: as above.
    unsafe { std::env::remove_var(name) }
}

fn start(program: &str, arguments: &[&str]) -> Child {
    let mut command = spawn::command(program);
    command.args(arguments).kill_on_drop(true).spawn().unwrap()
}

async fn titles(fixture: &Fixture) -> Vec<String> {
    let rows = fixture.read("windows.list").await;
    let rows = rows.as_list().unwrap().iter();
    rows.map(|row| row.field("title").unwrap().as_text().unwrap().to_owned())
        .collect()
}

async fn field(fixture: &Fixture, title: &str, field: &str) -> Value {
    let rows = fixture.read("windows.list").await;
    let of_title = |row: &&Value| row.field("title").unwrap().as_text() == Some(title);
    let row = rows.as_list().unwrap().iter().find(of_title);
    row.unwrap_or_else(|| panic!("no window {title}"))
        .field(field)
        .unwrap()
        .clone()
}

/// Two windows of apps that are told apart by their titles.
async fn driven(fixture: &Fixture) {
    let other = "Untitled Document 1 - gedit";
    // gedit takes the keyboard once more when it is ready, and says so in its title.
    fixture
        .wait("both windows", || async {
            let mut titles = titles(fixture).await;
            titles.sort();
            titles == [other, "galculator"]
        })
        .await;
    let on = |window: &str| [("window", Value::from(window))];
    for title in ["galculator", other, "galculator"] {
        fixture.call("windows.focus", &on(title)).await.unwrap();
        assert_eq!(field(fixture, title, "focused").await, true.into());
    }
    let live = fixture.registry.live("window", &fixture.world).await;
    assert!(
        live.iter()
            .any(|value| value.names.contains(&"galculator".to_owned())),
        "{live:?}"
    );

    let first = field(fixture, "galculator", "workspace").await;
    let to = [("workspace", "2".into()), ("window", "galculator".into())];
    let moved = fixture.call("windows.move", &to).await.unwrap();
    assert_eq!(moved.note.to_lowercase(), "galculator is on workspace 2.");
    assert_eq!(field(fixture, "galculator", "workspace").await, "2".into());
    fixture.undo(&moved).await.unwrap();
    assert_eq!(field(fixture, "galculator", "workspace").await, first);
    let there = fixture
        .call("windows.go_to", &[("workspace", "2".into())])
        .await
        .unwrap();
    assert_eq!(there.note, "Workspace 2.");
    fixture
        .call("windows.go_to", &[("workspace", first)])
        .await
        .unwrap();

    for (function, arguments, sentence) in [
        (
            "windows.focus",
            vec![("window", "nothing".into())],
            "There is no window “nothing”.",
        ),
        (
            "windows.go_to",
            vec![("workspace", "a\"; exec x".into())],
            "“a\"; exec x” cannot be the name of a workspace.",
        ),
    ] {
        let error = fixture.call(function, &arguments).await.unwrap_err();
        assert_eq!(error.problem.sentence, sentence);
    }

    let closed = fixture
        .call("windows.close", &on("galculator"))
        .await
        .unwrap();
    assert_eq!(closed.note.to_lowercase(), "closed galculator.");
    assert_eq!(titles(fixture).await, [other]);
    let error = fixture
        .call("windows.close", &on("galculator"))
        .await
        .unwrap_err();
    assert_eq!(error.problem.id, "window-gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_on_x11() {
    let _one = DESKTOP.lock().await;
    unset("SWAYSOCK");
    unset("WAYLAND_DISPLAY");
    unset("DISPLAY");
    let mut fixture = Fixture::new().with_session_bus().await;
    assert!(!fixture.offers("windows.list").await);
    assert_eq!(
        fixture.missing("windows.list").await.0,
        "Windows cannot be seen here: there is no sway and no X server."
    );
    let (_screen, number) = screen().await;
    set("DISPLAY", &number);
    assert!(fixture.offers("windows.list").await);
    let _manager = start("openbox", &[]);
    let first = [("workspace", "1".into())];
    let is_managed = || async { fixture.call("windows.go_to", &first).await.is_ok() };
    fixture.wait("openbox", is_managed).await;
    let display = format!("DISPLAY={number}");
    let plain = [
        &*display,
        "GDK_BACKEND=x11",
        "GSETTINGS_BACKEND=memory",
        "NO_AT_BRIDGE=1",
    ];
    for app in ["galculator", "gedit"] {
        fixture.start("env", &[&plain[..], &[app]].concat());
    }
    driven(&fixture).await;
    unset("DISPLAY");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_on_sway() {
    let _one = DESKTOP.lock().await;
    unset("DISPLAY");
    let fixture = Fixture::new().with_session_bus().await;
    // sway refuses root.
    let runtime = tempfile::Builder::new()
        .prefix("lfs")
        .tempdir_in("/tmp")
        .unwrap();
    let config = runtime.path().join("sway.conf");
    fs::write(&config, "output HEADLESS-1 resolution 1280x800\n").unwrap();
    let runtime_path = runtime.path().to_str().unwrap();
    let is_root = rustix::process::getuid().is_root();
    if is_root {
        fixture
            .run("chown", &["-R", "lucid-test", runtime_path])
            .await;
    }
    fs::set_permissions(runtime.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let variables = [
        &*format!("XDG_RUNTIME_DIR={runtime_path}"),
        &*format!("HOME={runtime_path}"),
        "WLR_BACKENDS=headless",
        "WLR_RENDERER=pixman",
        "WLR_LIBINPUT_NO_DEVICES=1",
        "PATH=/usr/bin:/bin",
        "LANG=C.UTF-8",
        "GDK_BACKEND=wayland",
        "NO_AT_BRIDGE=1",
    ];
    let sway = ["sway", "-c", config.to_str().unwrap()];
    let as_user: &[&str] = if is_root {
        &[
            "--reuid",
            "lucid-test",
            "--regid",
            "lucid-test",
            "--clear-groups",
            "--pdeathsig",
            "TERM",
        ]
    } else {
        &["--pdeathsig", "TERM"]
    };
    let arguments: Vec<&str> = [as_user, &["env", "-i"], &variables, &sway].concat();
    let mut sway = spawn::command("setpriv");
    let _sway = sway
        .args(&arguments)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let socket = || socket_in(runtime.path());
    fixture.wait("sway", || async { socket().is_some() }).await;
    set("SWAYSOCK", socket().unwrap());
    assert!(fixture.offers("windows.list").await);
    for command in ["galculator", "gedit --standalone"] {
        fixture.run("swaymsg", &["exec", command]).await;
    }
    driven(&fixture).await;
    unset("SWAYSOCK");

    // The clipboard of the same desktop, pasted by another program.
    set("WAYLAND_DISPLAY", runtime.path().join("wayland-1"));
    let text = "two\nlines 与中文";
    fixture
        .call("clipboard.copy", &[("text", text.into())])
        .await
        .unwrap();
    let pasted = fixture.run("wl-paste", &["--no-newline"]).await;
    assert_eq!(pasted, text);
    // It stays behind and serves what was copied.
    let mut copying = spawn::command("wl-copy");
    assert!(
        copying
            .arg("from elsewhere")
            .status()
            .await
            .unwrap()
            .success()
    );
    let has_come = || async { fixture.read("clipboard.read").await == "from elsewhere".into() };
    fixture.wait("the other program's text", has_come).await;
    unset("WAYLAND_DISPLAY");
}

fn socket_in(folder: &Path) -> Option<std::path::PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let is_socket =
        |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("sway-ipc");
    entries
        .into_iter()
        .find(is_socket)
        .map(|entry| entry.path())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_are_copied_and_read() {
    let _one = DESKTOP.lock().await;
    unset("WAYLAND_DISPLAY");
    unset("DISPLAY");
    let fixture = Fixture::new();
    assert!(!fixture.offers("clipboard.read").await);
    let (_screen, number) = screen().await;
    set("DISPLAY", &number);
    assert_eq!(fixture.read("clipboard.read").await, "".into());
    let text = "two\nlines 与中文";
    fixture
        .call("clipboard.copy", &[("text", text.into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("clipboard.read").await, text.into());
    let pasted = spawn::command("xclip")
        .args(["-selection", "clipboard", "-o"])
        .stdout(Stdio::piped())
        .output()
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8(pasted.stdout).unwrap(),
        text,
        "another app pastes it"
    );
    let selected = fixture.path("selected");
    fs::write(&selected, "chosen words").unwrap();
    // It stays behind and serves what is selected.
    let mut selecting = spawn::command("xclip");
    selecting.args(["-selection", "primary", selected.to_str().unwrap()]);
    assert!(selecting.status().await.unwrap().success());
    let is_selected =
        || async { fixture.read("clipboard.selection").await == "chosen words".into() };
    fixture.wait("the selection", is_selected).await;
    unset("DISPLAY");
}

const NIGHT_LIGHT: &str = r#"<schemalist>
  <schema id="org.gnome.settings-daemon.plugins.color" path="/org/gnome/settings-daemon/plugins/color/">
    <key name="night-light-enabled" type="b"><default>false</default></key>
  </schema>
</schemalist>
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_written_read_and_taken_back() {
    let _one = DESKTOP.lock().await;
    set("GSETTINGS_BACKEND", "keyfile");
    let mut fixture = Fixture::new();
    assert_eq!(fixture.read("settings.theme").await, "light".into());
    let dark = fixture
        .call("settings.set_theme", &[("theme", "dark".into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("settings.theme").await, "dark".into());
    let kept = fs::read_to_string(
        fixture
            .world
            .places
            .config
            .join("glib-2.0/settings/keyfile"),
    );
    assert!(kept.unwrap().contains("color-scheme='prefer-dark'"));
    fixture.undo(&dark).await.unwrap();
    assert_eq!(fixture.read("settings.theme").await, "light".into());

    let large = fixture
        .call("settings.set_text_size", &[("percent", 125.0.into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("settings.text_size").await, 125.0.into());
    fixture.undo(&large).await.unwrap();
    assert_eq!(fixture.read("settings.text_size").await, 100.0.into());

    let picture = fixture.home().join("湖 1.png");
    fs::write(&picture, "x").unwrap();
    let before = fixture.read("settings.wallpaper").await;
    let paper = [("picture", "~/湖 1.png".into())];
    let changed = fixture
        .call("settings.set_wallpaper", &paper)
        .await
        .unwrap();
    assert_eq!(
        fixture.read("settings.wallpaper").await,
        picture.to_str().unwrap().into()
    );
    fixture.undo(&changed).await.unwrap();
    assert_eq!(fixture.read("settings.wallpaper").await, before);
    let error = fixture
        .call(
            "settings.set_wallpaper",
            &[("picture", "~/none.png".into())],
        )
        .await
        .unwrap_err();
    assert_eq!(error.problem.id, "file-not-there");

    assert!(!fixture.offers("settings.set_night_light").await);
    // What GNOME's daemon brings; the daemon itself wants a whole session of GNOME's.
    let schemas = fixture.path("share/glib-2.0/schemas");
    fs::create_dir_all(&schemas).unwrap();
    fs::write(schemas.join("color.gschema.xml"), NIGHT_LIGHT).unwrap();
    fixture
        .run("glib-compile-schemas", &[schemas.to_str().unwrap()])
        .await;
    let data_dirs = std::env::var_os("XDG_DATA_DIRS");
    let here = fixture.path("share").display().to_string();
    set(
        "XDG_DATA_DIRS",
        format!("{here}:/usr/local/share:/usr/share"),
    );
    assert_eq!(fixture.read("settings.night_light").await, false.into());
    let warm = fixture
        .call("settings.set_night_light", &[("on", true.into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("settings.night_light").await, true.into());
    fixture.undo(&warm).await.unwrap();
    assert_eq!(fixture.read("settings.night_light").await, false.into());
    match data_dirs {
        Some(folders) => set("XDG_DATA_DIRS", folders),
        None => unset("XDG_DATA_DIRS"),
    }
    fixture.world.language = protocol::text::Language::Chinese;
    let (sentence, _) = fixture.missing("settings.night_light").await;
    assert_eq!(
        sentence,
        "这个桌面没有该设置（org.gnome.settings-daemon.plugins.color）。"
    );
    unset("GSETTINGS_BACKEND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dunst_is_silenced_and_its_history_read() {
    let _one = DESKTOP.lock().await;
    let mut fixture = Fixture::new().with_session_bus().await;
    assert!(!fixture.offers("notifications.silence").await);
    let (_screen, number) = screen().await;
    fixture.start("env", &[&format!("DISPLAY={number}"), "dunst"]);
    fixture.wait_for_name("org.freedesktop.Notifications").await;
    let silence = fixture
        .call("notifications.silence", &[("on", true.into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("notifications.silenced").await, true.into());
    fixture.undo(&silence).await.unwrap();
    assert_eq!(fixture.read("notifications.silenced").await, false.into());
    let arguments = [("title", "Dinner".into()), ("body", "晚饭好了".into())];
    fixture.call("notify.send", &arguments).await.unwrap();
    fixture.call("notifications.dismiss", &[]).await.unwrap();
    fixture
        .wait("the history", || async {
            let rows = fixture.read("notifications.list").await;
            rows.as_list().unwrap().iter().any(|row| {
                row.field("summary") == Some(&"Dinner".into())
                    && row.field("body") == Some(&"晚饭好了".into())
                    && row.field("app") == Some(&"Lucid".into())
            })
        })
        .await;
}

fn window_count(rows: &Value, id: &str) -> Option<f64> {
    let row = rows
        .as_list()?
        .iter()
        .find(|row| row.field("id").and_then(Value::as_text) == Some(id))?;
    row.field("windows")?.as_number()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_apps_open_a_file_and_close() {
    let _one = DESKTOP.lock().await;
    let fixture = Fixture::new().with_session_bus().await;
    let (screen, number) = screen().await;
    set("DISPLAY", number);
    unset("WAYLAND_DISPLAY");
    unset("SWAYSOCK");
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
                window_count(&fixture.read("apps.running").await, id).is_some_and(|n| n >= 1.0)
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
        assert!(window_count(&fixture.read("apps.running").await, &id).is_none_or(|n| n == 0.0));
    }
    unset("DISPLAY");
    drop(screen);
}
