//! One answer from all that is known.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock},
};

use nucleo::{Config, Matcher, Utf32Str};
use protocol::{ResultKind, SearchResult};

use crate::{AppEntry, FileIndex, Frecency, apps};

/// A file has to match this much better than an app to come before it.
const APP_BONUS: u32 = 40;
/// One recent use is worth as much as this.
const USE_BONUS: f64 = 25.0;

/// What a result's id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An application's desktop id.
    App(String),
    /// A file or folder.
    File(PathBuf),
    /// A computed text.
    Calculation(String),
    /// What an app has found.
    Hit {
        /// Its desktop id.
        app: String,
        /// What was typed.
        words: String,
        /// What the app calls it by.
        result: String,
    },
}

impl Target {
    /// Reads an id.
    pub fn of_id(id: &str) -> Option<Target> {
        let (kind, rest) = id.split_once(':')?;
        match kind {
            "app" => Some(Target::App(rest.to_owned())),
            "file" => Some(Target::File(PathBuf::from(rest))),
            "calculation" => Some(Target::Calculation(rest.to_owned())),
            "hit" => {
                let (app, words, result) = serde_json::from_str(rest).ok()?;
                Some(Target::Hit { app, words, result })
            }
            _ => None,
        }
    }

    /// Writes the id.
    pub fn id(&self) -> String {
        match self {
            Target::App(id) => format!("app:{id}"),
            Target::File(path) => format!("file:{}", path.display()),
            Target::Calculation(text) => format!("calculation:{text}"),
            Target::Hit { app, words, result } => {
                format!("hit:{}", serde_json::json!([app, words, result]))
            }
        }
    }
}

/// Apps, files and habits together.
pub struct Searcher {
    apps: RwLock<Vec<AppEntry>>,
    files: FileIndex,
    frecency: Mutex<Frecency>,
    matcher: Mutex<Matcher>,
    home: PathBuf,
}

impl Searcher {
    /// Makes a searcher over `files`; folders are shown relative to `home`.
    pub fn new(files: FileIndex, frecency: Frecency, home: PathBuf) -> Searcher {
        Searcher {
            apps: RwLock::default(),
            files,
            frecency: Mutex::new(frecency),
            matcher: Mutex::new(Matcher::new(Config::DEFAULT)),
            home,
        }
    }

    /// Replaces the applications.
    pub fn set_apps(&self, apps: Vec<AppEntry>) {
        *self.apps.write().unwrap_or_else(PoisonError::into_inner) = apps;
    }

    /// Counts a use of a result, for the order of later ones.
    pub fn used(&self, id: &str) {
        let mut frecency = self.frecency.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = frecency.used(id) {
            tracing::warn!(%error, "a use was not remembered");
        }
    }

    /// Forgets what was used how often.
    pub fn forget_habits(&self) {
        let mut frecency = self.frecency.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = frecency.forget() {
            tracing::warn!(%error, "what was opened how often was not forgotten");
        }
    }

    /// Returns at most `limit` results, best first. Nothing for an empty query.
    pub fn search(&self, query: &str, limit: usize) -> Vec<SearchResult> {
        let query = query.trim();
        if query.is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut ranked = self.app_results(query);
        ranked.extend(self.file_results(query, limit));
        let frecency = self.frecency.lock().unwrap_or_else(PoisonError::into_inner);
        for (score, result) in &mut ranked {
            *score += (frecency.score(&result.id).min(4.0) * USE_BONUS) as u32;
        }
        // A stable sort: what ties keeps its place, so results do not jump while one types.
        ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        ranked
            .into_iter()
            .take(limit)
            .map(|(_, result)| result)
            .collect()
    }

    fn app_results(&self, query: &str) -> Vec<(u32, SearchResult)> {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        let mut matcher = self.matcher.lock().unwrap_or_else(PoisonError::into_inner);
        let result = |found: apps::AppMatch| {
            let app = &apps[found.index];
            let result = SearchResult {
                id: Target::App(app.id.clone()).id(),
                kind: ResultKind::App,
                title: app.title.clone(),
                subtitle: app.subtitle.clone(),
                icon: app.icon.clone(),
                matches: ranges(&found.characters),
            };
            (found.score + APP_BONUS, result)
        };
        apps::matches(&apps, query, &mut matcher)
            .into_iter()
            .map(result)
            .collect()
    }

    fn file_results(&self, query: &str, limit: usize) -> Vec<(u32, SearchResult)> {
        let found = self.files.matches(query, limit);
        found
            .into_iter()
            .map(|(path, is_folder, score)| (score, self.file_result(query, &path, is_folder)))
            .collect()
    }

    fn file_result(&self, query: &str, path: &Path, is_folder: bool) -> SearchResult {
        let title = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let folder = path.parent().unwrap_or(Path::new("/"));
        let subtitle = match folder.strip_prefix(&self.home) {
            Ok(inner) if inner.as_os_str().is_empty() => "~".to_owned(),
            Ok(inner) => format!("~/{}", inner.display()),
            Err(_) => folder.display().to_string(),
        };
        SearchResult {
            id: Target::File(path.to_owned()).id(),
            kind: if is_folder {
                ResultKind::Folder
            } else {
                ResultKind::File
            },
            matches: self.matched(query, &title),
            title,
            subtitle,
            icon: if is_folder {
                "folder".to_owned()
            } else {
                "text-x-generic".to_owned()
            },
        }
    }

    fn matched(&self, query: &str, title: &str) -> Vec<[usize; 2]> {
        use nucleo::pattern::{CaseMatching, Normalization, Pattern};
        let mut matcher = self.matcher.lock().unwrap_or_else(PoisonError::into_inner);
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let (mut buffer, mut characters) = (Vec::new(), Vec::new());
        pattern.indices(
            Utf32Str::new(title, &mut buffer),
            &mut matcher,
            &mut characters,
        );
        characters.sort_unstable();
        characters.dedup();
        ranges(&characters)
    }
}

/// Joins neighbouring characters to ranges `[start, end)`.
fn ranges(characters: &[u32]) -> Vec<[usize; 2]> {
    let mut ranges: Vec<[usize; 2]> = Vec::new();
    for at in characters.iter().map(|at| *at as usize) {
        match ranges.last_mut() {
            Some(last) if last[1] == at => last[1] += 1,
            _ => ranges.push([at, at + 1]),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(id: &str, title: &str, names: &[&str]) -> AppEntry {
        AppEntry {
            id: id.into(),
            title: title.into(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..AppEntry::default()
        }
    }

    fn searcher(folder: &Path) -> Searcher {
        let searcher = Searcher::new(
            FileIndex::new(),
            Frecency::load(folder.join("frecency.json")),
            folder.to_owned(),
        );
        searcher.set_apps(vec![
            app("org.gnome.Nautilus", "Files", &["文件", "file manager"]),
            app("org.gnome.Calculator", "Calculator", &["计算器", "calc"]),
            app("firefox", "Firefox", &["web browser", "internet"]),
        ]);
        searcher
    }

    fn titles(searcher: &Searcher, query: &str) -> Vec<String> {
        searcher
            .search(query, 5)
            .into_iter()
            .map(|result| result.title)
            .collect()
    }

    #[test]
    fn apps_are_found_by_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let searcher = searcher(folder.path());
        assert_eq!(titles(&searcher, "calc"), ["Calculator"]);
        assert_eq!(titles(&searcher, "计算"), ["Calculator"]);
        assert_eq!(titles(&searcher, "web brow"), ["Firefox"]);
        assert!(titles(&searcher, "").is_empty() && titles(&searcher, "qqqq").is_empty());
    }

    #[test]
    fn matches_are_ranges_of_characters() {
        let folder = tempfile::tempdir().unwrap();
        let results = searcher(folder.path()).search("fire", 5);
        assert_eq!(results[0].matches, [[0, 4]]);
    }

    #[test]
    fn what_is_used_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let searcher = searcher(folder.path());
        let first = titles(&searcher, "f")[0].clone();
        let other = if first == "Files" {
            "app:firefox"
        } else {
            "app:org.gnome.Nautilus"
        };
        (0..4).for_each(|_| searcher.used(other));
        assert_ne!(titles(&searcher, "f")[0], first);
    }

    #[test]
    fn ids_are_read_back() {
        for target in [
            Target::App("a:b".into()),
            Target::File("/tmp/x:y".into()),
            Target::Calculation("42".into()),
        ] {
            assert_eq!(Target::of_id(&target.id()), Some(target));
        }
        assert_eq!(Target::of_id("nonsense"), None);
    }
}
