//! The installed applications, from their desktop entries (Desktop Entry Specification 1.5).

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use freedesktop_desktop_entry::{DesktopEntry, Group};
use protocol::text::Language;

use crate::{Places, command::find_program};

/// Longest name that is kept, in characters.
const NAME_LIMIT: usize = 60;
/// Most names of one application.
const NAMES_LIMIT: usize = 12;
/// Largest desktop entry that is read, in bytes.
const FILE_LIMIT: u64 = 256 << 10;

/// The locales of simplified Chinese, the best first.
pub(crate) const CHINESE: &[&str] = &["zh_CN", "zh", "zh_Hans", "zh_SG"];

/// An installed application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledApp {
    /// Its desktop id, such as `org.gnome.gedit.desktop`.
    pub id: String,
    /// Its name without a translation.
    pub name: String,
    /// Its name in Chinese, when it has one.
    pub name_zh: Option<String>,
    /// Its name in the language of the session, when that is another one.
    pub name_local: Option<String>,
    /// What kind of app it is, in the same languages: `Text Editor`.
    pub generic_names: Vec<String>,
    /// Further words for it, in the same languages.
    pub keywords: Vec<String>,
    /// One line about it in English and Chinese; either may be empty.
    pub comments: [String; 2],
    /// Its icon: a name of the icon theme or an absolute path.
    pub icon: String,
    /// Its categories, such as `TextEditor`.
    pub categories: Vec<String>,
    /// The program that it starts, as written.
    pub(crate) program: String,
    /// What its windows say they are of.
    pub(crate) window_class: Option<String>,
    pub(crate) file: PathBuf,
    pub(crate) is_terminal: bool,
    pub(crate) is_activatable: bool,
    /// Whether menus show it.
    pub(crate) is_shown: bool,
}

impl InstalledApp {
    /// Returns its name for a person who reads `language`.
    pub fn shown_name(&self, language: Language) -> &str {
        match language {
            Language::Chinese => self.name_zh.as_deref().unwrap_or(&self.name),
            Language::English => &self.name,
        }
    }

    /// Returns everything that a person may call it, the name in `language` first.
    pub fn names(&self, language: Language) -> Vec<String> {
        let own = [
            Some(self.shown_name(language).to_owned()),
            Some(self.name.clone()),
        ];
        let translated = [self.name_zh.clone(), self.name_local.clone()];
        let all = own.into_iter().chain(translated).flatten();
        let all = all.chain(self.generic_names.iter().cloned());
        let mut seen = HashSet::new();
        all.filter(|name| seen.insert(name.to_lowercase()))
            .take(NAMES_LIMIT)
            .collect()
    }

    /// Returns what stands for a service that no app is behind: it is named and shown, and cannot be opened.
    pub(crate) fn standing_for(bare_id: &str, name: String, icon: &str) -> InstalledApp {
        InstalledApp {
            id: format!("{bare_id}.desktop"),
            name,
            name_zh: None,
            name_local: None,
            generic_names: Vec::new(),
            keywords: Vec::new(),
            comments: [String::new(), String::new()],
            icon: icon.to_owned(),
            categories: Vec::new(),
            program: String::new(),
            window_class: None,
            file: PathBuf::new(),
            is_terminal: false,
            is_activatable: false,
            is_shown: false,
        }
    }

    /// Returns its comment in `language`.
    pub(crate) fn comment(&self, language: Language) -> &str {
        let [english, chinese] = &self.comments;
        match language {
            Language::Chinese if !chinese.is_empty() => chinese,
            _ => english,
        }
    }

    /// Returns its id without the ending, which is also the name of its bus service.
    pub(crate) fn bare_id(&self) -> &str {
        self.id.strip_suffix(".desktop").unwrap_or(&self.id)
    }
}

/// Returns the installed applications, by id; cheap while nothing was installed or removed.
pub fn installed(places: &Places) -> Arc<Vec<InstalledApp>> {
    type Cached = HashMap<Vec<PathBuf>, (u64, Arc<Vec<InstalledApp>>)>;
    static CACHE: Mutex<Option<Cached>> = Mutex::new(None);
    let folders = folders(places);
    let files = files(&folders);
    let stamp = stamp(&files);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let cache = cache.get_or_insert_with(HashMap::new);
    if let Some((known, apps)) = cache.get(&folders)
        && *known == stamp
    {
        return apps.clone();
    }
    let apps = Arc::new(read_all(files));
    cache.insert(folders, (stamp, apps.clone()));
    apps
}

/// The folders of desktop entries, the most important first: the person's own, what Flatpak
/// exports, the machine's.
fn folders(places: &Places) -> Vec<PathBuf> {
    let flatpak = [
        places.data.join("flatpak/exports/share"),
        PathBuf::from("/var/lib/flatpak/exports/share"),
    ];
    let mut folders = vec![places.data.clone()];
    folders.extend(
        flatpak
            .into_iter()
            .filter(|folder| !places.data_dirs.contains(folder)),
    );
    folders.extend(places.data_dirs.iter().cloned());
    folders
        .into_iter()
        .map(|folder| folder.join("applications"))
        .collect()
}

/// One desktop entry on disk.
struct EntryFile {
    id: String,
    path: PathBuf,
    modified: Option<SystemTime>,
    size: u64,
}

/// Every entry, of those with one id only the most important.
fn files(folders: &[PathBuf]) -> Vec<EntryFile> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    for folder in folders {
        let mut found = Vec::new();
        collect(folder, "", 0, &mut found);
        found.sort_by(|a, b| a.id.cmp(&b.id));
        files.extend(
            found
                .into_iter()
                .filter(|file| seen.insert(file.id.clone())),
        );
    }
    files
}

/// An entry in a subfolder has `-` for `/` in its id.
fn collect(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<EntryFile>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = entry.path();
        let Ok(metadata) = path.metadata() else {
            continue;
        };
        if metadata.is_dir() && depth < 3 {
            collect(&path, &format!("{prefix}{name}-"), depth + 1, found);
        } else if name.ends_with(".desktop") && metadata.is_file() && metadata.len() <= FILE_LIMIT {
            found.push(EntryFile {
                id: format!("{prefix}{name}"),
                modified: metadata.modified().ok(),
                size: metadata.len(),
                path,
            });
        }
    }
}

fn stamp(files: &[EntryFile]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in files {
        (&file.path, file.modified, file.size).hash(&mut hasher);
    }
    hasher.finish()
}

fn read_all(files: Vec<EntryFile>) -> Vec<InstalledApp> {
    let session = session_locales();
    let mut apps: Vec<InstalledApp> = files
        .into_iter()
        .filter_map(|file| read(file, &session))
        .collect();
    apps.sort_by(|a, b| a.id.cmp(&b.id));
    apps
}

/// The session's locale and its language alone: `pt_BR`, `pt`.
fn session_locales() -> Vec<String> {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = variables
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default();
    let locale = locale
        .split(['.', '@'])
        .next()
        .unwrap_or_default()
        .to_owned();
    let language = locale.split('_').next().unwrap_or_default().to_owned();
    let known = |code: &String| !code.is_empty() && code != "C" && code != "POSIX";
    [locale, language].into_iter().filter(known).collect()
}

fn read(file: EntryFile, session: &[String]) -> Option<InstalledApp> {
    let text = std::fs::read_to_string(&file.path).ok()?;
    let entry = DesktopEntry::from_str(&file.path, &text, None::<&[&str]>).ok()?;
    let group = entry.groups.desktop_entry()?;
    // A hidden entry counts as removed; it still hides those below it, since its id was taken.
    let usable = entry.desktop_entry("Type").unwrap_or("Application") == "Application"
        && !entry.hidden()
        && entry
            .try_exec()
            .is_none_or(|program| find_program(program).is_some());
    let exec = entry.exec().unwrap_or_default();
    if !usable || (exec.is_empty() && !entry.dbus_activatable()) {
        return None;
    }
    let in_chinese = |key: &str| translated(group, key, CHINESE);
    let in_session = |key: &str| translated(group, key, session);
    let name = bounded(entry.desktop_entry("Name")?)?;
    let lists = |key: &str| {
        let all = [
            group.entry(key).map(str::to_owned),
            in_chinese(key),
            in_session(key),
        ];
        all.into_iter()
            .flatten()
            .flat_map(|list| split(&list))
            .collect::<Vec<_>>()
    };
    let generic = [
        group.entry("GenericName").and_then(bounded),
        in_chinese("GenericName").as_deref().and_then(bounded),
        in_session("GenericName").as_deref().and_then(bounded),
    ];
    Some(InstalledApp {
        name_zh: in_chinese("Name").as_deref().and_then(bounded),
        name_local: in_session("Name").as_deref().and_then(bounded),
        generic_names: generic.into_iter().flatten().collect(),
        keywords: lists("Keywords").into_iter().take(60).collect(),
        comments: [
            group.entry("Comment").map(short).unwrap_or_default(),
            in_chinese("Comment")
                .as_deref()
                .map(short)
                .unwrap_or_default(),
        ],
        icon: entry.icon().unwrap_or_default().to_owned(),
        categories: group.entry("Categories").map(split).unwrap_or_default(),
        program: program_of(exec),
        window_class: entry.startup_wm_class().map(str::to_owned),
        is_terminal: entry.desktop_entry("Terminal") == Some("true"),
        is_activatable: entry.dbus_activatable(),
        is_shown: !entry.no_display() && fits_desktop(&entry),
        id: file.id,
        file: file.path,
        name,
    })
}

/// Whether it belongs into this desktop (`OnlyShowIn`, `NotShowIn`).
fn fits_desktop(entry: &DesktopEntry) -> bool {
    let current = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let here = |names: &str| {
        split(names)
            .iter()
            .any(|name| current.split(':').any(|d| d == name))
    };
    entry.desktop_entry("OnlyShowIn").is_none_or(here)
        && !entry.desktop_entry("NotShowIn").is_some_and(here)
}

fn translated(group: &Group, key: &str, locales: &[impl AsRef<str>]) -> Option<String> {
    let (_, translations) = group.0.get(key)?;
    locales
        .iter()
        .find_map(|locale| translations.get(locale.as_ref()))
        .cloned()
}

fn split(list: &str) -> Vec<String> {
    list.split(';').map(str::trim).filter_map(bounded).collect()
}

/// A name within bounds; a desktop entry is written by anybody.
fn bounded(name: &str) -> Option<String> {
    let name: String = name
        .chars()
        .filter(|c| !plan::is_invisible(*c))
        .take(NAME_LIMIT)
        .collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn short(comment: &str) -> String {
    comment
        .chars()
        .filter(|c| !plan::is_invisible(*c))
        .take(200)
        .collect()
}

/// The program of a command line, behind `env NAME=value`.
fn program_of(exec: &str) -> String {
    let words = exec.split_whitespace().map(|word| word.trim_matches('"'));
    let behind_env = |word: &&str| *word != "env" && *word != "/usr/bin/env" && !word.contains('=');
    words
        .into_iter()
        .find(behind_env)
        .unwrap_or_default()
        .to_owned()
}
