//! From what a person calls an application to the application.

use protocol::text::Language;
use strsim::osa_distance;

use super::catalogue::{InstalledApp, installed};
use crate::{ErrorKind, FunctionError, World};

/// Words for kinds of applications, with the category that means them (Desktop Menu Specification 1.1).
const KINDS: &[(&str, &[&str])] = &[
    (
        "WebBrowser",
        &[
            "browser",
            "webbrowser",
            "internet",
            "浏览器",
            "网页浏览器",
            "上网",
        ],
    ),
    (
        "TextEditor",
        &[
            "texteditor",
            "editor",
            "notepad",
            "文本编辑器",
            "编辑器",
            "记事本",
        ],
    ),
    ("Calculator", &["calculator", "calc", "计算器"]),
    (
        "FileManager",
        &[
            "filemanager",
            "files",
            "explorer",
            "文件管理器",
            "文件",
            "资源管理器",
        ],
    ),
    (
        "TerminalEmulator",
        &["terminal", "console", "shell", "终端", "命令行"],
    ),
    ("Email", &["mail", "email", "邮件", "邮箱"]),
    ("Calendar", &["calendar", "日历"]),
    (
        "Player",
        &[
            "musicplayer",
            "player",
            "mediaplayer",
            "videoplayer",
            "播放器",
            "音乐播放器",
        ],
    ),
    (
        "Viewer",
        &["imageviewer", "documentviewer", "图片查看器", "看图"],
    ),
    ("Settings", &["settings", "preferences", "设置", "系统设置"]),
    ("WordProcessor", &["wordprocessor", "word", "文字处理"]),
    ("Spreadsheet", &["spreadsheet", "excel", "表格", "电子表格"]),
];

const BEFORE: &[&str] = &["the ", "my ", "a "];
const BEHIND: &[&str] = &[
    " app",
    " application",
    " program",
    "应用程序",
    "应用",
    "程序",
    "软件",
];

/// The application that was meant, and others that fit as well.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) app: InstalledApp,
    pub(super) as_good: Vec<String>,
}

/// Finds the application that `text` means: by id, name, kind, program, keyword, or with a typing error.
pub(super) async fn resolve(text: &str, world: &World) -> Result<Resolved, FunctionError> {
    let (places, language, wanted) = (world.places.clone(), world.language, text.to_owned());
    let found = tokio::task::spawn_blocking(move || {
        let apps = installed(&places);
        best(&apps, &wanted, language).ok_or_else(|| nearest(&apps, &wanted, language))
    });
    let near = match found.await {
        Ok(Ok(resolved)) => return Ok(resolved),
        Ok(Err(near)) => near,
        Err(_) => Vec::new(),
    };
    let name = plan::escape_for_display(text.trim());
    let id = if near.is_empty() {
        "app-unknown"
    } else {
        "app-unknown-near"
    };
    let values = [("name", &*name), ("near", &*near.join(", "))];
    Err(FunctionError::new(
        ErrorKind::NotFound,
        world.language,
        id,
        &values,
    ))
}

fn best(apps: &[InstalledApp], text: &str, language: Language) -> Option<Resolved> {
    let mut scored: Vec<(u32, &InstalledApp)> = spellings(text)
        .iter()
        .flat_map(|wanted| {
            apps.iter()
                .map(move |app| (score(app, wanted, text.trim()), app))
        })
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by(|(a, x), (b, y)| {
        b.cmp(a)
            .then_with(|| x.name.len().cmp(&y.name.len()))
            .then_with(|| x.id.cmp(&y.id))
    });
    let (top, app) = *scored.first()?;
    let mut as_good: Vec<String> = scored
        .iter()
        .filter(|(score, other)| *score == top && other.id != app.id)
        .map(|(_, other)| other.shown_name(language).to_owned())
        .collect();
    as_good.dedup();
    Some(Resolved {
        app: app.clone(),
        as_good,
    })
}

/// The text itself, and without words around the name; both in simple form.
fn spellings(text: &str) -> Vec<String> {
    let text = text.trim().to_lowercase();
    let bare = BEFORE
        .iter()
        .find_map(|before| text.strip_prefix(before))
        .unwrap_or(&text);
    let shorter = BEHIND.iter().find_map(|behind| bare.strip_suffix(behind));
    let mut all: Vec<String> = [Some(bare), shorter]
        .into_iter()
        .flatten()
        .map(simple)
        .collect();
    all.retain(|spelling| !spelling.is_empty());
    all
}

fn simple(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// How well an application fits; 0 if it does not.
fn score(app: &InstalledApp, wanted: &str, written: &str) -> u32 {
    if app.id == written || app.bare_id() == written {
        return 1000;
    }
    if !app.is_shown {
        return 0;
    }
    let own = [
        Some(&app.name),
        app.name_zh.as_ref(),
        app.name_local.as_ref(),
    ];
    let own: Vec<String> = own.into_iter().flatten().map(|name| simple(name)).collect();
    let program = app.program.rsplit('/').next().unwrap_or_default();
    let short_id = app.bare_id().rsplit('.').next().unwrap_or_default();
    let generic: Vec<String> = app.generic_names.iter().map(|name| simple(name)).collect();
    let long = wanted.chars().count() >= if wanted.is_ascii() { 3 } else { 2 };
    let begins_word = |names: &[Option<&String>]| {
        names.iter().flatten().any(|name| {
            name.split_whitespace()
                .any(|word| simple(word).starts_with(wanted))
        })
    };
    let is_kind = KINDS.iter().any(|(category, words)| {
        words.contains(&wanted) && app.categories.iter().any(|own| own == category)
    });
    if own.iter().any(|name| name == wanted) {
        900
    } else if simple(program) == wanted || simple(short_id) == wanted {
        850
    } else if generic.iter().any(|name| name == wanted) {
        800
    } else if long && own.iter().any(|name| name.starts_with(wanted)) {
        700
    } else if is_kind {
        680
    } else if long && begins_word(&[Some(&app.name), app.name_zh.as_ref()]) {
        650
    } else if long && generic.iter().any(|name| name.starts_with(wanted)) {
        600
    } else if long && own.iter().chain(&generic).any(|name| name.contains(wanted)) {
        550
    } else if app.keywords.iter().any(|word| simple(word) == wanted) {
        500
    } else if own.iter().chain(&generic).any(|name| is_typo(name, wanted)) {
        450
    } else {
        0
    }
}

fn is_typo(name: &str, typed: &str) -> bool {
    let length = typed.chars().count();
    let allowed = if length >= 8 { 2 } else { 1 };
    length >= 4 && osa_distance(name, typed) <= allowed
}

/// At most three names that look like `text`, for a question back.
fn nearest(apps: &[InstalledApp], text: &str, language: Language) -> Vec<String> {
    let wanted = simple(text);
    let mut near: Vec<(f64, String)> = apps
        .iter()
        .filter(|app| app.is_shown)
        .map(|app| {
            let likeness = app
                .names(language)
                .iter()
                .map(|name| strsim::jaro_winkler(&simple(name), &wanted))
                .fold(0.0, f64::max);
            (likeness, app.shown_name(language).to_owned())
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}
