//! Icons of applications and file types, read before anybody asks for them.
//!
//! Looking one up in the theme reads dozens of folders, and a name that the
//! theme lacks takes longest; so both what was found and what was not is kept.

mod lookup;

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use gtk::{gdk_pixbuf::Pixbuf, prelude::*};
use tauri::AppHandle;

use crate::{schemes::Picture, shell::Shell};

const MOST_BYTES: u64 = 2 << 20;
const MOST_KNOWN: usize = 4096;
/// An application may be installed while the shell runs; its icon is looked for again.
const MISSING_FOR: Duration = Duration::from_secs(60);
/// What matches have that are no applications.
const OTHERS: [&str; 3] = ["folder", "text-x-generic", "accessories-calculator"];

/// The icons that were looked for.
#[derive(Default)]
pub(crate) struct IconBook {
    /// A folder of the icon theme; empty until the main thread has said.
    theme: Mutex<String>,
    known: Mutex<HashMap<String, Known>>,
}

enum Known {
    Found(Picture),
    Missing { since: Instant },
}

impl IconBook {
    /// Finds the icon `name`: a name in the icon theme, an application's id, or the absolute path of a picture.
    pub(crate) fn find(&self, name: &str) -> Option<Picture> {
        if let Some(known) = self.known(name) {
            return known;
        }
        let theme = locked(&self.theme).clone();
        let picture = lookup::file_of(name, &theme).and_then(|path| read(&path));
        self.keep(name, picture.clone());
        picture
    }

    /// What is known of `name`; [`None`] when it must be looked for.
    fn known(&self, name: &str) -> Option<Option<Picture>> {
        match locked(&self.known).get(name)? {
            Known::Found(picture) => Some(Some(picture.clone())),
            Known::Missing { since } => (since.elapsed() < MISSING_FOR).then_some(None),
        }
    }

    fn keep(&self, name: &str, picture: Option<Picture>) {
        let mut known = locked(&self.known);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let entry = picture.map_or_else(
            || Known::Missing {
                since: Instant::now(),
            },
            Known::Found,
        );
        known.insert(name.to_owned(), entry);
    }

    /// Takes icons from `theme` from now on.
    fn renew(&self, theme: String) {
        *locked(&self.theme) = theme;
        locked(&self.known).clear();
    }
}

/// Reads the icons of all applications in a thread of its own, and again when the theme changes.
///
/// Must be called on the main thread, the only one that may ask GTK for the theme.
pub(crate) fn prepare(app: &AppHandle) {
    let shell = Shell::of(app);
    let Some(settings) = gtk::Settings::default() else {
        return;
    };
    read_all(shell.clone(), &settings);
    settings.connect_gtk_icon_theme_name_notify(move |settings| {
        read_all(shell.clone(), settings);
    });
}

fn read_all(shell: Arc<Shell>, settings: &gtk::Settings) {
    let theme = settings.gtk_icon_theme_name().unwrap_or_default();
    shell.icons.renew(theme.into());
    let reading = thread::Builder::new()
        .name("icons".to_owned())
        .spawn(move || {
            let apps = lookup::icons_of_apps();
            let names = OTHERS.map(str::to_owned).into_iter().chain(apps);
            names.for_each(|name| drop(shell.icons.find(&name)));
        });
    if let Err(error) = reading {
        tracing::warn!(%error, "icons are read when they are asked for");
    }
}

fn read(path: &Path) -> Option<Picture> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return None;
    }
    match path.extension()?.to_str()? {
        // Drawing one takes WebKit longer than a whole frame, so that is done here, once.
        "svg" => drawn(path).or_else(|| as_it_is(path, "image/svg+xml")),
        "png" => as_it_is(path, "image/png"),
        "xpm" => drawn(path),
        _ => None,
    }
}

fn as_it_is(path: &Path, media_type: &'static str) -> Option<Picture> {
    let bytes = fs::read(path).ok()?;
    Some(Picture { bytes, media_type })
}

/// Draws the icon at the size of the page; [`None`] when no loader of the system can.
fn drawn(path: &Path) -> Option<Picture> {
    let size = i32::from(lookup::SIZE);
    let pixbuf = Pixbuf::from_file_at_size(path, size, size).ok()?;
    let bytes = pixbuf.save_to_bufferv("png", &[]).ok()?;
    Some(Picture {
        bytes,
        media_type: "image/png",
    })
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Option<Picture> {
        IconBook::default().find(name)
    }

    #[test]
    fn only_pictures_are_read() {
        for name in [
            "/etc/passwd",
            "/etc/hostname.txt",
            "../../etc/passwd",
            "a/b",
            "",
        ] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_drawing_becomes_a_picture_of_the_right_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.svg");
        let square = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>\
            <rect width='16' height='16' fill='red'/></svg>";
        fs::write(&path, square).unwrap();
        let picture = find(path.to_str().unwrap()).unwrap();
        assert_eq!(picture.media_type, "image/png");
        let drawn = folder.path().join("drawn.png");
        fs::write(&drawn, picture.bytes).unwrap();
        let (_, width, height) = Pixbuf::file_info(&drawn).unwrap();
        assert_eq!((width, height), (64, 64));
    }

    #[test]
    fn what_was_found_and_what_was_not_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let book = IconBook::default();
        let name = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
        fs::write(name("app.png"), "a picture").unwrap();
        assert!(book.find(&name("app.png")).is_some());
        assert!(book.find(&name("new.png")).is_none());
        fs::remove_file(name("app.png")).unwrap();
        fs::write(name("new.png"), "a picture").unwrap();
        assert!(book.find(&name("app.png")).is_some());
        assert!(book.find(&name("new.png")).is_none());
        book.renew("Adwaita".to_owned());
        assert!(book.find(&name("app.png")).is_none());
        assert!(book.find(&name("new.png")).is_some());
    }

    #[test]
    fn a_picture_that_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.png");
        fs::File::create(&path)
            .unwrap()
            .set_len(MOST_BYTES + 1)
            .unwrap();
        assert!(read(&path).is_none());
    }
}
