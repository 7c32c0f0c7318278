//! Folders by name, and paths.

use plan::PathKind;

/// The known folders: how a plan writes them, and how people call them.
///
/// The function finds the real folder behind the written form, whatever it is called on this machine.
const FOLDERS: &[(&str, &[&str])] = &[
    ("~/Downloads", &["downloads", "download", "下载", "下載"]),
    (
        "~/Documents",
        &["documents", "document", "docs", "文档", "文稿"],
    ),
    ("~/Desktop", &["desktop", "桌面"]),
    (
        "~/Pictures",
        &[
            "pictures", "picture", "photos", "images", "图片", "照片", "相册",
        ],
    ),
    ("~/Music", &["music", "音乐"]),
    ("~/Videos", &["videos", "video", "movies", "视频", "影片"]),
    ("~/Templates", &["templates", "模板"]),
    ("~/Public", &["public", "公共"]),
    (
        "~",
        &[
            "home",
            "home folder",
            "主目录",
            "家目录",
            "主文件夹",
            "个人文件夹",
        ],
    ),
];

const BEFORE: &[&str] = &["the ", "my ", "我的"];
const BEHIND: &[&str] = &[
    " folder",
    " directory",
    "文件夹",
    "目录",
    "里面",
    "里",
    "中",
];

/// Reads the name of a known folder: `my downloads folder`, `下载文件夹`.
pub(crate) fn folder_word(text: &str) -> Option<&'static str> {
    let text = text.trim().to_lowercase();
    let mut word = text.as_str();
    loop {
        let found = FOLDERS.iter().find(|(_, names)| names.contains(&word));
        if let Some((written, _)) = found {
            return Some(written);
        }
        let shorter = BEFORE
            .iter()
            .find_map(|before| word.strip_prefix(before))
            .or_else(|| BEHIND.iter().find_map(|behind| word.strip_suffix(behind)))?;
        word = shorter.trim();
    }
}

/// Reads a path that is written as one, or a folder's name where a folder may stand.
pub(crate) fn path(text: &str, kind: PathKind) -> Option<String> {
    let bare = text
        .trim()
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text.trim());
    let is_path = bare.starts_with("~/") || bare.starts_with('/') && bare.len() > 1;
    let blank_in_bare_path = bare.len() == text.trim().len() && bare.contains(' ');
    if is_path && !blank_in_bare_path && !bare.chars().any(char::is_control) {
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
            ("the house", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(path(text, PathKind::Any).as_deref(), expected, "{text}");
        }
        assert_eq!(path("downloads", PathKind::File), None);
    }
}
