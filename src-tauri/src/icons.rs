//! Icons of applications and file types.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use gtk::gdk_pixbuf::Pixbuf;

use crate::schemes::Picture;

/// Drawn at 32 pixels, and sharp on a screen of twice the density.
const SIZE: u16 = 64;
const MOST_BYTES: u64 = 2 << 20;

/// Finds the icon `name`: a name in the icon theme, an application's id, or the absolute path of a picture.
pub(crate) fn find(name: &str) -> Option<Picture> {
    let of_name = || path_of(name);
    let of_app = || path_of(&icon_of_app(name, &application_folders())?);
    read(&of_name().or_else(of_app)?)
}

fn path_of(name: &str) -> Option<PathBuf> {
    if name.starts_with('/') {
        Some(PathBuf::from(name))
    } else {
        in_theme(name)
    }
}

/// The icon that the desktop entry of the application `id` names.
fn icon_of_app(id: &str, folders: &[PathBuf]) -> Option<String> {
    let id = id.strip_suffix(".desktop").unwrap_or(id);
    if !is_plain(id) {
        return None;
    }
    let entry = folders
        .iter()
        .find_map(|folder| fs::read_to_string(folder.join(format!("{id}.desktop"))).ok())?;
    let icon = entry.lines().find_map(|line| line.strip_prefix("Icon="))?;
    Some(icon.trim().to_owned())
}

/// Where desktop entries are, the person's own first.
fn application_folders() -> Vec<PathBuf> {
    let home = env::var("XDG_DATA_HOME")
        .or_else(|_| env::var("HOME").map(|home| format!("{home}/.local/share")));
    let shared = env::var("XDG_DATA_DIRS").unwrap_or_default();
    let shared = if shared.is_empty() {
        "/usr/local/share:/usr/share".to_owned()
    } else {
        shared
    };
    home.iter()
        .map(String::as_str)
        .chain(shared.split(':'))
        .chain(["/var/lib/flatpak/exports/share"])
        .map(|folder| Path::new(folder).join("applications"))
        .collect()
}

fn in_theme(name: &str) -> Option<PathBuf> {
    if !is_plain(name) {
        return None;
    }
    let lookup = |theme: &str| {
        freedesktop_icons::lookup(name)
            .with_size(SIZE)
            .with_theme(theme)
            .with_cache()
            .find()
    };
    lookup(theme())
        .or_else(|| lookup("Adwaita"))
        .or_else(|| lookup("hicolor"))
}

/// Whether `name` can be no path.
fn is_plain(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_known)
}

/// The theme of the desktop, as its settings file says; asked once, since it is asked from any thread.
fn theme() -> &'static str {
    static THEME: OnceLock<String> = OnceLock::new();
    THEME.get_or_init(|| {
        freedesktop_icons::default_theme_gtk().unwrap_or_else(|| "Adwaita".to_owned())
    })
}

fn read(path: &Path) -> Option<Picture> {
    let media_type = match path.extension()?.to_str()? {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "xpm" => return converted(path),
        _ => return None,
    };
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    Some(Picture { bytes, media_type })
}

fn converted(path: &Path) -> Option<Picture> {
    let size = i32::from(SIZE);
    let pixbuf = Pixbuf::from_file_at_size(path, size, size).ok()?;
    let bytes = pixbuf.save_to_bufferv("png", &[]).ok()?;
    Some(Picture {
        bytes,
        media_type: "image/png",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_absolute_picture_is_read_with_its_type() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.svg");
        fs::write(&path, "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
        let picture = find(path.to_str().unwrap()).unwrap();
        assert_eq!(picture.media_type, "image/svg+xml");
    }

    #[test]
    fn an_application_has_the_icon_that_its_entry_names() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let entry = "[Desktop Entry]\nName=Editor\nIcon=accessories-text-editor\n";
        fs::write(folder.path().join("org.example.Editor.desktop"), entry).unwrap();
        for id in ["org.example.Editor", "org.example.Editor.desktop"] {
            let icon = icon_of_app(id, &folders);
            assert_eq!(icon.as_deref(), Some("accessories-text-editor"));
        }
        assert_eq!(icon_of_app("../org.example.Editor", &folders), None);
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
