//! The instant launcher: what is typed against apps, files and the calculator.

use std::{path::PathBuf, sync::Arc, time::Instant};

use functions::{InstalledApp, Places};
use protocol::{ResultKind, SearchReport, SearchResult, text::Language};
use search::{AppEntry, FileIndex, Frecency, Searcher, Target};

use crate::Kernel;

/// The longest text that is searched for; longer ones are requests.
const QUERY_LIMIT: usize = 100;

/// The most results that are returned.
const RESULTS_LIMIT: u32 = 50;

/// Apps, files and habits in memory.
pub(crate) struct Launcher {
    searcher: Arc<Searcher>,
    files: FileIndex,
}

impl Launcher {
    /// Makes a launcher that knows no files yet.
    pub(crate) fn new(places: &Places) -> Launcher {
        let files = FileIndex::new();
        let frecency = Frecency::load(places.state.join("lucid/frecency.json"));
        Launcher {
            searcher: Arc::new(Searcher::new(files.clone(), frecency, places.home.clone())),
            files,
        }
    }

    /// Indexes the files beneath `home` in a thread of its own.
    pub(crate) fn index(&self, home: PathBuf) {
        let files = self.files.clone();
        std::thread::spawn(move || files.crawl(&home));
    }

    /// Reads the installed apps anew, beside the event loop.
    pub(crate) async fn refresh_apps(&self, places: Arc<Places>) {
        let searcher = self.searcher.clone();
        let read = move || {
            searcher.set_apps(
                functions::installed_apps(&places)
                    .iter()
                    .map(app_entry)
                    .collect(),
            )
        };
        if let Err(error) = tokio::task::spawn_blocking(read).await {
            tracing::error!(%error, "the installed apps were not read");
        }
    }

    /// Forgets what was opened how often.
    pub(crate) fn forget_habits(&self) {
        let searcher = self.searcher.clone();
        tokio::task::spawn_blocking(move || searcher.forget_habits());
    }

    /// Counts a use.
    pub(crate) fn used(&self, id: &str) {
        let (searcher, id) = (self.searcher.clone(), id.to_owned());
        tokio::task::spawn_blocking(move || searcher.used(&id));
    }
}

impl Kernel {
    /// Searches while the person types.
    pub async fn search(&self, query: &str, limit: u32) -> SearchReport {
        let begun = Instant::now();
        if query.chars().count() > QUERY_LIMIT {
            return SearchReport::default();
        }
        let (searcher, words) = (self.launcher.searcher.clone(), query.to_owned());
        let limit = limit.min(RESULTS_LIMIT) as usize;
        let found = tokio::task::spawn_blocking(move || {
            let mut results: Vec<SearchResult> = calculation(&words).into_iter().collect();
            results.extend(searcher.search(&words, limit));
            results.truncate(limit);
            results
        });
        let results = found.await.unwrap_or_default();
        SearchReport {
            results,
            ms: begun.elapsed().as_secs_f64() * 1000.0,
        }
    }

    /// Asks the apps that the person lets answer for what was typed; each is given a moment. Empty where there are none.
    pub async fn search_apps(&self, words: &str) -> SearchReport {
        let begun = Instant::now();
        let (places, named) = (
            self.world.places.clone(),
            self.access.answer_searches.clone(),
        );
        if named.is_empty() || words.chars().count() > QUERY_LIMIT {
            return SearchReport::default();
        }
        let sources = tokio::task::spawn_blocking(move || {
            functions::result_sources(&places, &functions::installed_apps(&places), &named)
        });
        let sources = sources.await.unwrap_or_default();
        let hits = functions::hits(&sources, words, &self.world).await;
        let result = |hit: functions::Hit| {
            let target = Target::Hit {
                app: hit.app_id,
                words: words.to_owned(),
                result: hit.id,
            };
            let about = [hit.app.as_str(), hit.detail.as_str()];
            let about = about.into_iter().filter(|text| !text.is_empty());
            SearchResult {
                id: target.id(),
                kind: ResultKind::Hit,
                title: hit.title,
                subtitle: about.collect::<Vec<_>>().join(" · "),
                icon: hit.icon,
                matches: Vec::new(),
            }
        };
        SearchReport {
            results: hits.into_iter().map(result).collect(),
            ms: begun.elapsed().as_secs_f64() * 1000.0,
        }
    }
}

/// Computes what looks like an expression; plain numbers and words are left to the search.
fn calculation(query: &str) -> Option<SearchResult> {
    let looks_computable = query.contains(|c: char| c.is_ascii_digit())
        && query.contains(|c: char| !c.is_ascii_digit() && c != '.');
    let value = looks_computable
        .then(|| functions::calculate(query))
        .flatten()?;
    // A word like “3d” that only computes to itself is no calculation.
    if value.trim() == query.trim() {
        return None;
    }
    Some(SearchResult {
        id: Target::Calculation(value.clone()).id(),
        kind: ResultKind::Calculation,
        title: value,
        subtitle: query.trim().to_owned(),
        icon: "accessories-calculator".to_owned(),
        matches: Vec::new(),
    })
}

fn app_entry(app: &InstalledApp) -> AppEntry {
    let is_chinese = Language::of_session() == Language::Chinese;
    let translated = if is_chinese {
        &app.name_zh
    } else {
        &app.name_local
    };
    let [english_comment, chinese_comment] = &app.comments;
    let comment = if is_chinese && !chinese_comment.is_empty() {
        chinese_comment
    } else {
        english_comment
    };
    let names = [&app.name]
        .into_iter()
        .chain(&app.name_zh)
        .chain(&app.generic_names)
        .chain(&app.keywords);
    AppEntry {
        id: app.id.clone(),
        title: translated.as_ref().unwrap_or(&app.name).clone(),
        subtitle: comment.clone(),
        icon: app.icon.clone(),
        names: names.cloned().collect(),
    }
}
