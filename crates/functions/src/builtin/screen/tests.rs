//! Brightness on a folder that looks like sysfs with a logind that writes to it, and a screenshot of a real X server.

use std::{collections::HashMap, fs, path::PathBuf};

use plan::Value;
use zbus::Variant;

use super::{Backlights, Displays, actions_on};
use crate::{Registry, builtin::files, support::Fixture};

fn with_screen(mut fixture: Fixture, backlights: PathBuf, x11: Option<String>) -> Fixture {
    let displays = Displays {
        wayland: false,
        x11,
    };
    let mut actions = actions_on(Backlights(backlights), displays);
    actions.extend(files::actions());
    let (registry, errors) = Registry::with(actions, &[], &[]);
    assert_eq!(errors, []);
    fixture.registry = registry;
    fixture
}

async fn with_backlight(max: u32, value: u32) -> Fixture {
    let fixture = Fixture::new().with_system_bus().await;
    let root = fixture.path("backlight");
    let folder = root.join("intel_backlight");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("type"), "raw\n").unwrap();
    fs::write(folder.join("max_brightness"), format!("{max}\n")).unwrap();
    fs::write(folder.join("brightness"), format!("{value}\n")).unwrap();
    with_screen(fixture, root, None)
}

/// A logind that writes the brightness as the real one does.
async fn with_logind(mut fixture: Fixture) -> Fixture {
    fixture.mock("logind", "org.freedesktop.login1").await;
    let bus = fixture.world.system_bus.clone().unwrap();
    let mock = fixture
        .mocked(&bus, "org.freedesktop.login1", "/org/freedesktop/login1")
        .await;
    let root = fixture.path("backlight");
    let write = format!(
        "open('{}/' + args[1] + '/brightness', 'w').write(str(int(args[2])))",
        root.display()
    );
    let session = "org.freedesktop.login1.Session";
    let properties: HashMap<&str, Variant<'_>> = HashMap::new();
    let methods = vec![("SetBrightness", "ssu", "", write.as_str())];
    let object = (
        "/org/freedesktop/login1/session/auto",
        session,
        properties,
        methods,
    );
    let _: () = mock.call("AddObject", &object).await.unwrap();
    fixture
}

fn stored(fixture: &Fixture) -> String {
    let path = fixture.path("backlight/intel_backlight/brightness");
    fs::read_to_string(path).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brightness_is_set_through_logind_and_undone() {
    let fixture = with_logind(with_backlight(1500, 750).await).await;
    assert_eq!(fixture.read("screen.brightness").await, Value::Number(50.0));
    let set = fixture
        .call("screen.set_brightness", &[("level", 20.0.into())])
        .await
        .unwrap();
    assert_eq!(
        (stored(&fixture).as_str(), set.note.as_str()),
        ("300", "Brightness 20%.")
    );
    let brighter = fixture
        .call("screen.change_brightness", &[("by", 15.0.into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("screen.brightness").await, Value::Number(35.0));
    fixture.undo(&brighter).await.unwrap();
    assert_eq!(stored(&fixture), "300");
    fixture.undo(&set).await.unwrap();
    assert_eq!(stored(&fixture), "750");
    let refusal = fixture.undo(&set).await.unwrap_err();
    assert_eq!(refusal, "screen.brightness now gives 50 instead of 20.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_gives_back_a_brightness_between_two_percents() {
    for (max, value) in [(1500, 757), (7, 3), (96_000, 31_337)] {
        let fixture = with_backlight(max, value).await;
        let set = fixture
            .call("screen.set_brightness", &[("level", 90.0.into())])
            .await
            .unwrap();
        fixture.undo(&set).await.unwrap();
        assert_eq!(stored(&fixture), value.to_string(), "of {max}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_logind_the_file_is_written_and_never_goes_dark() {
    let fixture = with_backlight(7, 7).await;
    fixture
        .call("screen.set_brightness", &[("level", 0.0.into())])
        .await
        .unwrap();
    assert_eq!(stored(&fixture), "1");
    fixture
        .call("screen.change_brightness", &[("by", 30.0.into())])
        .await
        .unwrap();
    assert_eq!(stored(&fixture), "3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_backlight_or_a_screen_there_is_a_clear_sentence() {
    let fixture = Fixture::new();
    let nowhere = fixture.path("nowhere");
    let fixture = with_screen(fixture, nowhere, None);
    assert!(!fixture.offers("screen.set_brightness").await);
    let (sentence, _) = fixture.missing("screen.set_brightness").await;
    assert_eq!(
        sentence,
        "This machine has no screen whose brightness can be set."
    );
    let (sentence, _) = fixture.missing("screen.screenshot").await;
    assert_eq!(sentence, "There is no screen to take a picture of.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screenshot_is_saved_and_undone() {
    let mut fixture = Fixture::new();
    let folders = fixture.world.places.config.join("user-dirs.dirs");
    fs::write(folders, "XDG_PICTURES_DIR=\"$HOME/图片\"\n").unwrap();
    let number = (300..900)
        .find(|number| {
            let socket = format!("/tmp/.X11-unix/X{number}");
            let lock = format!("/tmp/.X{number}-lock");
            !fs::exists(socket).unwrap() && !fs::exists(lock).unwrap()
        })
        .unwrap();
    let display = format!(":{number}");
    fixture.start(
        "Xvfb",
        &[&display, "-screen", "0", "320x200x24", "-nolisten", "tcp"],
    );
    let socket = PathBuf::from(format!("/tmp/.X11-unix/X{number}"));
    fixture
        .wait("the X server", || async { socket.exists() })
        .await;
    let nowhere = fixture.path("nowhere");
    let fixture = with_screen(fixture, nowhere, Some(display));
    assert!(fixture.offers("screen.screenshot").await);
    let taken = fixture.call("screen.screenshot", &[]).await.unwrap();
    let path = PathBuf::from(taken.value.as_text().unwrap());
    assert!(
        path.starts_with(fixture.home().join("图片")),
        "{}",
        path.display()
    );
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"), "{} bytes", bytes.len());
    // Width and height stand in the header, the first chunk of a PNG.
    assert_eq!(bytes[16..24], [0, 0, 1, 64, 0, 0, 0, 200]);
    fixture.undo(&taken).await.unwrap();
    assert!(!path.exists());
}
