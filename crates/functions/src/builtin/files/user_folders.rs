//! The well-known folders of a person, in any language.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::Places;

/// A well-known folder: its key in `user-dirs.dirs`, how plans write it, and what people call it.
struct Known {
    key: &'static str,
    written: &'static str,
    words: &'static [&'static str],
}

impl Known {
    /// The folder's name where nothing is configured and nothing translated.
    fn default_name(&self) -> &'static str {
        self.written.trim_start_matches("~/")
    }

    /// Whether a folder of this name is it, where nothing else is.
    fn has_word(&self, name: &OsStr) -> bool {
        let name = name.to_str().map(str::to_lowercase);
        name.is_some_and(|name| self.words.contains(&name.as_str()))
    }
}

/// The folders of xdg-user-dirs, with the names that its translations give them and everyday words.
const KNOWN: &[Known] = &[
    Known {
        key: "XDG_DOWNLOAD_DIR",
        written: "~/Downloads",
        words: &[
            "downloads",
            "download",
            "下载",
            "下載",
            "téléchargements",
            "descargas",
            "scaricati",
            "transferências",
            "загрузки",
            "ダウンロード",
            "다운로드",
            "pobrane",
            "hämtningar",
        ],
    },
    Known {
        key: "XDG_DOCUMENTS_DIR",
        written: "~/Documents",
        words: &[
            "documents",
            "document",
            "docs",
            "文档",
            "文稿",
            "dokumente",
            "documentos",
            "documenti",
            "документы",
            "ドキュメント",
            "書類",
            "문서",
            "dokumenty",
            "dokument",
        ],
    },
    Known {
        key: "XDG_DESKTOP_DIR",
        written: "~/Desktop",
        words: &[
            "desktop",
            "桌面",
            "schreibtisch",
            "bureau",
            "escritorio",
            "scrivania",
            "рабочий стол",
            "デスクトップ",
            "바탕화면",
            "pulpit",
            "skrivbord",
        ],
    },
    Known {
        key: "XDG_PICTURES_DIR",
        written: "~/Pictures",
        words: &[
            "pictures",
            "picture",
            "photos",
            "images",
            "图片",
            "圖片",
            "照片",
            "相册",
            "bilder",
            "imágenes",
            "immagini",
            "imagens",
            "изображения",
            "画像",
            "ピクチャ",
            "사진",
            "obrazy",
        ],
    },
    Known {
        key: "XDG_MUSIC_DIR",
        written: "~/Music",
        words: &[
            "music",
            "音乐",
            "音樂",
            "musik",
            "musique",
            "música",
            "musica",
            "музыка",
            "音楽",
            "ミュージック",
            "음악",
            "muzyka",
        ],
    },
    Known {
        key: "XDG_VIDEOS_DIR",
        written: "~/Videos",
        words: &[
            "videos",
            "video",
            "movies",
            "视频",
            "視訊",
            "影片",
            "vidéos",
            "vídeos",
            "видео",
            "ビデオ",
            "비디오",
            "wideo",
        ],
    },
    Known {
        key: "XDG_TEMPLATES_DIR",
        written: "~/Templates",
        words: &[
            "templates",
            "模板",
            "範本",
            "vorlagen",
            "modèles",
            "plantillas",
            "шаблоны",
        ],
    },
    Known {
        key: "XDG_PUBLICSHARE_DIR",
        written: "~/Public",
        words: &[
            "public",
            "公共",
            "公共的",
            "öffentlich",
            "público",
            "общедоступные",
        ],
    },
];

const HOME: &[&str] = &[
    "home",
    "home folder",
    "主目录",
    "家目录",
    "主文件夹",
    "个人文件夹",
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

/// What a name of a folder means.
enum Named {
    Home,
    Known(&'static Known),
}

/// Reads the name of a well-known folder in any language, `my Downloads folder` or `下载文件夹`,
/// and returns how plans write it: `~/Downloads`.
///
/// Functions find the real folder behind it, whatever it is called on this machine.
pub fn folder_word(text: &str) -> Option<&'static str> {
    Some(match read(text)? {
        Named::Home => "~",
        Named::Known(known) => known.written,
    })
}

/// Finds the folder that `text` names.
pub(super) fn named(text: &str, places: &Places) -> Option<PathBuf> {
    Some(match read(text)? {
        Named::Home => places.home.clone(),
        Named::Known(known) => folder(known, places),
    })
}

fn read(text: &str) -> Option<Named> {
    let text = text.trim().to_lowercase();
    let mut word = text.as_str();
    loop {
        if HOME.contains(&word) {
            return Some(Named::Home);
        }
        if let Some(known) = KNOWN.iter().find(|known| known.words.contains(&word)) {
            return Some(Named::Known(known));
        }
        let shorter = BEFORE
            .iter()
            .find_map(|before| word.strip_prefix(before))
            .or_else(|| BEHIND.iter().find_map(|behind| word.strip_suffix(behind)))?;
        word = shorter.trim();
    }
}

/// Returns every well-known folder that exists, in the order in which a bare file name is looked for.
pub(super) fn existing(places: &Places) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = KNOWN
        .iter()
        .map(|known| folder(known, places))
        .filter(|folder| folder.is_dir() && *folder != places.home)
        .collect();
    folders.dedup();
    folders
}

/// The most folders whose names are told.
const MOST_TOLD: usize = 600;
/// The most things in one folder that are looked at for them.
const MOST_SEEN: usize = 5_000;

/// Returns the names of the folders, and no links, in the home folder and in the well-known ones but for Downloads: what
/// is there came from elsewhere. Hidden ones are left out, and in the order of the disk those beyond the first 600.
/// Reads those folders: call it where that may take its time.
pub fn names_of_folders(places: &Places) -> Vec<String> {
    let known = existing(places);
    let downloads = named("downloads", places);
    let roots = known
        .iter()
        .filter(|root| Some(*root) != downloads.as_ref());
    let entries = [&places.home]
        .into_iter()
        .chain(roots)
        .filter_map(|root| std::fs::read_dir(root).ok())
        .flat_map(|entries| entries.flatten().take(MOST_SEEN));
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| !known.contains(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .take(MOST_TOLD)
        .collect()
}

/// Tells whether `path`, without links in it, is a well-known folder, or becomes one when it is made.
pub(super) fn is_usual(path: &Path, places: &Places) -> bool {
    usual(places).iter().any(|folder| folder == path)
        || path.symlink_metadata().is_err() && KNOWN.iter().any(|k| would_be(k, path, places))
}

/// Returns the well-known folders that are there, with and without the links in their paths.
///
/// They stay where they are: whoever speaks of one means what is in it.
pub(super) fn usual(places: &Places) -> Vec<PathBuf> {
    let mut folders = existing(places);
    let without_links = folders.iter().map(|folder| folder.canonicalize());
    let without_links: Vec<PathBuf> = without_links.flatten().collect();
    folders.extend(without_links);
    folders
}

/// Tells whether `path`, which nothing has yet, would be taken for the folder `known`.
fn would_be(known: &Known, path: &Path, places: &Places) -> bool {
    let folder = folder(known, places);
    if folder.is_dir() {
        return false;
    }
    let home = places.home.canonicalize();
    let is_at_home = path.parent() == Some(home.as_deref().unwrap_or(&places.home));
    let name = path.file_name().unwrap_or_default();
    let is_named_so = match configured(known.key, places) {
        Some(configured) => configured == places.home.join(name),
        None => known.has_word(name),
    };
    folder == path || is_at_home && is_named_so
}

/// The folder that `user-dirs.dirs` gives, else the one with the English name, else one with a translated name.
fn folder(known: &Known, places: &Places) -> PathBuf {
    if let Some(configured) = configured(known.key, places) {
        return configured;
    }
    let default = places.home.join(known.default_name());
    if default.is_dir() {
        return default;
    }
    translated(known, places).unwrap_or(default)
}

fn translated(known: &Known, places: &Places) -> Option<PathBuf> {
    let entries = std::fs::read_dir(&places.home).ok()?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| known.has_word(name)) && path.is_dir())
}

/// Reads one line of `user-dirs.dirs`: `XDG_DOWNLOAD_DIR="$HOME/下载"` (xdg-user-dirs, user-dirs.dirs(5)).
fn configured(key: &str, places: &Places) -> Option<PathBuf> {
    let text = std::fs::read_to_string(places.config.join("user-dirs.dirs")).ok()?;
    let value = text.lines().rev().find_map(|line| {
        let value = line
            .trim()
            .strip_prefix(key)?
            .trim_start()
            .strip_prefix('=')?;
        value.trim().strip_prefix('"')?.strip_suffix('"')
    })?;
    let value = value.replace("\\\"", "\"").replace("\\\\", "\\");
    let path = match value.strip_prefix("$HOME") {
        Some(rest) => places.home.join(rest.trim_start_matches('/')),
        None => PathBuf::from(value),
    };
    // A folder that is set to the home folder is switched off, as the manual says.
    (path.is_absolute() && path != places.home).then_some(path)
}
