//! Folders by name, and paths.

use functions::folder_word;
use plan::PathKind;

use crate::words::is_ideograph;

/// Reads a path that is written as one, or a folder's name where a folder may stand.
pub(crate) fn path(text: &str, kind: PathKind) -> Option<String> {
    let bare = text
        .trim()
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text.trim());
    let is_path = bare.starts_with("~/") || bare.starts_with('/') && bare.len() > 1;
    // Only in quotes does a blank, or a sign that ends a part of a sentence, belong to a path.
    let is_bare = bare.len() == text.trim().len();
    let goes_on = |c: char| {
        matches!(
            c,
            ',' | ';' | '?' | '!' | '，' | '。' | '；' | '、' | '？' | '！'
        )
    };
    // “according to ~/manual.pdf, how …”
    let bare = match is_bare {
        true => bare.trim_end_matches(goes_on),
        false => bare,
    };
    let mut behind_signs = bare.split(goes_on).skip(1);
    let ends_within =
        is_bare && (bare.contains(' ') || behind_signs.any(|rest| rest.starts_with(is_ideograph)));
    // What has no ending may be a folder: “in ~/minutes, second largest pdf: …” asks about a file in it.
    let may_be_folder = kind == PathKind::File && !bare.rsplit('/').next()?.contains('.');
    if is_path && !ends_within && !may_be_folder && !bare.chars().any(char::is_control) {
        return Some(bare.trim_end_matches('/').to_owned());
    }
    (kind != PathKind::File)
        .then(|| folder_word(text))
        .flatten()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_paths() {
        for (text, expected) in [
            ("downloads", Some("~/Downloads")),
            ("my downloads folder", Some("~/Downloads")),
            ("下载文件夹", Some("~/Downloads")),
            ("我的图片", Some("~/Pictures")),
            ("home", Some("~")),
            ("~/work/a.txt", Some("~/work/a.txt")),
            ("/tmp/", Some("/tmp")),
            ("\"~/my files/a.txt\"", Some("~/my files/a.txt")),
            ("~/my files", None),
            ("~/a.txt，然后静音", None),
            ("~/a.txt,然后静音", None),
            ("~/a,b.txt", Some("~/a,b.txt")),
            ("~/a.txt,", Some("~/a.txt")),
            ("~/a.txt，", Some("~/a.txt")),
            ("\"~/a.txt,\"", Some("~/a.txt,")),
            ("\"~/a，b.txt\"", Some("~/a，b.txt")),
            ("the house", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(path(text, PathKind::Any).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("downloads", None),
            ("~/minutes", None),
            ("~/minutes/", None),
            ("~/minutes/may.pdf", Some("~/minutes/may.pdf")),
        ] {
            assert_eq!(path(text, PathKind::File).as_deref(), expected, "{text}");
        }
    }
}
