//! Pictures in panels: only files that a message of the kernel named are read.

use std::{
    collections::{HashSet, VecDeque},
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

use gtk::gdk_pixbuf::Pixbuf;
use serde_json::Value;

use crate::{
    schemes::{self, Picture},
    shell::Shell,
};

const MOST_NAMED: usize = 4000;
const MOST_BYTES: u64 = 64 << 20;
/// Loaders draw a picture at its full size before it is made small: four bytes a pixel.
const MOST_PIXELS: i64 = 100_000_000;
/// The longest side; a panel draws nothing larger, even on a dense screen.
const SIDE: i32 = 720;

/// The `file:` URIs that panels named, the last few thousand.
#[derive(Debug, Default)]
pub(crate) struct PictureBook {
    named: HashSet<String>,
    order: VecDeque<String>,
}

impl PictureBook {
    /// Allows every `file:` URI that stands somewhere in `message` as a whole string.
    pub(crate) fn allow_in(&mut self, message: &Value) {
        match message {
            Value::String(text) if text.starts_with("file:///") => self.allow(text),
            Value::Array(values) => values.iter().for_each(|value| self.allow_in(value)),
            Value::Object(fields) => fields.values().for_each(|value| self.allow_in(value)),
            _ => {}
        }
    }

    fn allow(&mut self, uri: &str) {
        if !self.named.insert(uri.to_owned()) {
            return;
        }
        self.order.push_back(uri.to_owned());
        if self.order.len() > MOST_NAMED
            && let Some(oldest) = self.order.pop_front()
        {
            self.named.remove(&oldest);
        }
    }

    fn is_allowed(&self, uri: &str) -> bool {
        self.named.contains(uri)
    }
}

/// Finds the picture `uri`, made small enough to draw.
pub(crate) fn find(shell: &Shell, uri: &str) -> Option<Picture> {
    let allowed = shell.pictures.lock().ok()?.is_allowed(uri);
    if !allowed {
        return None;
    }
    read(&path_of(uri)?)
}

fn path_of(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    let bytes = schemes::percent_decoded_bytes(path)?;
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

fn read(path: &Path) -> Option<Picture> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return None;
    }
    let (_, width, height) = Pixbuf::file_info(path)?;
    if i64::from(width) * i64::from(height) > MOST_PIXELS {
        return None;
    }
    let pixbuf = if width > SIDE || height > SIDE {
        Pixbuf::from_file_at_scale(path, SIDE, SIDE, true)
    } else {
        Pixbuf::from_file(path)
    };
    let pixbuf = pixbuf.ok()?;
    let turned = pixbuf.apply_embedded_orientation().unwrap_or(pixbuf);
    let bytes = turned
        .save_to_bufferv("png", &[("compression", "1")])
        .ok()?;
    Some(Picture {
        bytes,
        media_type: "image/png",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_a_message_named_is_allowed() {
        let mut book = PictureBook::default();
        book.allow_in(&json!({"updateDataModel": {"value": {"rows": [
            {"image": "file:///home/ada/a%20b.png", "label": "see file:///etc/passwd"}
        ]}}}));
        assert!(book.is_allowed("file:///home/ada/a%20b.png"));
        assert!(!book.is_allowed("file:///etc/passwd"));
        assert!(!book.is_allowed("file:///home/ada/a b.png"));
    }

    #[test]
    fn the_book_is_bounded() {
        let mut book = PictureBook::default();
        (0..MOST_NAMED + 10).for_each(|number| book.allow(&format!("file:///{number}")));
        assert_eq!(book.named.len(), MOST_NAMED);
        assert!(!book.is_allowed("file:///9"));
        assert!(book.is_allowed("file:///10"));
    }

    #[test]
    fn uris_become_exact_paths() {
        assert_eq!(
            path_of("file:///a%20%ff"),
            Some(PathBuf::from(OsString::from_vec(b"/a \xff".to_vec())))
        );
        assert_eq!(path_of("https://example.org/a.png"), None);
    }

    #[test]
    fn a_file_that_is_no_picture_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "secret").unwrap();
        assert!(read(&path).is_none());
    }

    #[test]
    fn a_large_picture_is_made_small() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let pixbuf = Pixbuf::new(gtk::gdk_pixbuf::Colorspace::Rgb, false, 8, 2000, 1000).unwrap();
        pixbuf.fill(0xff00_00ff);
        pixbuf.savev(&path, "png", &[]).unwrap();
        let picture = read(&path).unwrap();
        let small = folder.path().join("small.png");
        fs::write(&small, picture.bytes).unwrap();
        assert_eq!(
            Pixbuf::file_info(&small).map(|(_, w, h)| (w, h)),
            Some((SIDE, SIDE / 2))
        );
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let read_square = |side: u32| {
            let path = folder.path().join("a.svg");
            let square =
                format!("<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'/>");
            fs::write(&path, square).unwrap();
            read(&path)
        };
        assert!(read_square(1000).is_some());
        assert!(read_square(20_000).is_none());
    }
}
