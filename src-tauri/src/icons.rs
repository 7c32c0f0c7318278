//! Icons of applications and file types.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use gtk::gdk_pixbuf::Pixbuf;

use crate::schemes::Picture;

/// Drawn at 32 pixels, and sharp on a screen of twice the density.
const SIZE: u16 = 64;
const MOST_BYTES: u64 = 2 << 20;

/// Finds the icon `name`: a name in the icon theme, or the absolute path of a picture.
pub(crate) fn find(name: &str) -> Option<Picture> {
    let path = if name.starts_with('/') {
        PathBuf::from(name)
    } else {
        in_theme(name)?
    };
    read(&path)
}

fn in_theme(name: &str) -> Option<PathBuf> {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    if !plain || name.len() > 128 {
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
