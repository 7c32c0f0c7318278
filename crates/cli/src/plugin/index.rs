//! Plugins of indexes: what can be had, and what an author publishes.

use std::path::{Path, PathBuf};

use functions::{
    Places,
    plugins::index::{self, Entry, Index, IndexError, Source},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;

use super::explain;
use crate::{
    connection::language,
    exit::Failure,
    terminal::{Shown, Style, json_line, line, styled},
    words,
};

/// Says in the catalogue's words why an index cannot be used.
fn explain_index(error: IndexError) -> anyhow::Error {
    let path = |path: &Path| path.display().to_string();
    let failed = |id: &str, values: &[(&str, &str)]| Failure::failed(id, values).into();
    match error {
        IndexError::Settings { path: file, reason } => failed(
            "index-settings",
            &[("path", &path(&file)), ("reason", &reason)],
        ),
        IndexError::Unreachable { file, reason } => {
            failed("index-unreachable", &[("file", &file), ("reason", &reason)])
        }
        IndexError::Key(index) => failed("index-key", &[("index", &index)]),
        IndexError::Unsigned(index) => failed("index-unsigned", &[("index", &index)]),
        IndexError::Broken { index, reason } => {
            failed("index-broken", &[("index", &index), ("reason", &reason)])
        }
        IndexError::Expired { index, day } => failed(
            "index-expired",
            &[("index", &index), ("day", &day.to_string())],
        ),
        IndexError::Changed(archive) => failed("index-changed", &[("archive", &archive)]),
        IndexError::Unknown(plugin) => failed("index-unknown", &[("plugin", &plugin)]),
        IndexError::Plugin(error) => explain(error),
    }
}

fn today() -> Date {
    TimeZone::system().to_datetime(Timestamp::now()).date()
}

fn sources(places: &Places) -> anyhow::Result<Vec<Source>> {
    let sources = index::sources(&places.config).map_err(explain_index)?;
    if sources.is_empty() {
        let file = places.config.join("lucid").join(index::SETTINGS);
        let values = [("file", &*file.display().to_string())];
        return Err(Failure::failed("index-none", &values).into());
    }
    Ok(sources)
}

/// Lists the plugins of all indexes that the words are about.
///
/// # Errors
///
/// When no index is set up, or one of them cannot be used.
pub(super) async fn search(words: &[String], json: bool) -> anyhow::Result<()> {
    let places = Places::from_environment();
    let words = words.join(" ");
    let (mut has_found, mut failed) = (false, None);
    for source in sources(&places)? {
        let Some(opened) = open(&source, &places, &mut failed).await else {
            continue;
        };
        for entry in opened.search(&words) {
            has_found = true;
            show(&source, entry, json);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    if !has_found && !json {
        let id = match words.as_str() {
            "" => "index-empty",
            _ => "index-nothing",
        };
        line(words::text(id, &[("words", &words)]));
    }
    Ok(())
}

fn show(source: &Source, entry: &Entry, json: bool) {
    let summary = entry.summary(language());
    if json {
        let functions: Vec<&str> = entry.functions.iter().map(|listed| &*listed.name).collect();
        let object = json!({
            "id": entry.id, "summary": summary, "index": source.name, "functions": functions,
        });
        return json_line(&object.to_string());
    }
    line(styled(&entry.id, Style::Bold) + format!("  {summary}  · {}", source.name));
    for listed in &entry.functions {
        let effect = words::name("effect", listed.effect.word());
        let name = Shown::from("  ") + &*listed.name;
        line(name + "  " + styled(&effect, Style::Dim));
    }
}

/// Fetches the plugin that an index calls so into `folder`; returns its own folder.
///
/// # Errors
///
/// When no index has it, or what is fetched is not what was signed.
pub(super) async fn fetch(id: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let places = Places::from_environment();
    let mut failed = None;
    for source in index::sources(&places.config).map_err(explain_index)? {
        let Some(opened) = open(&source, &places, &mut failed).await else {
            continue;
        };
        let Some(entry) = opened.plugins.iter().find(|entry| entry.id == id) else {
            continue;
        };
        let values = [
            ("plugin", id),
            ("index", &*source.name),
            ("place", &*source.place),
        ];
        let fetched = source.plugin(entry, &places, folder).await;
        let fetched = fetched.map_err(explain_index)?;
        line(words::text("index-from", &values));
        return Ok(fetched);
    }
    Err(failed.unwrap_or_else(|| explain_index(IndexError::Unknown(id.to_owned()))))
}

/// Opens an index. What is wrong with it is kept in `failed`, and what was wrong with one before is told: the others are
/// used all the same.
async fn open(
    source: &Source,
    places: &Places,
    failed: &mut Option<anyhow::Error>,
) -> Option<Index> {
    match source.open(places, today()).await {
        Ok(opened) => Some(opened),
        Err(error) => {
            if let Some(last) = failed.replace(explain_index(error)) {
                line(styled(&last.to_string(), Style::Bad));
            }
            None
        }
    }
}

/// Writes the index of the archives in a folder, and says how it is signed.
///
/// # Errors
///
/// When one of the archives is no plugin, or the index cannot be written.
pub(super) fn write(folder: &Path, expires: Option<Date>) -> anyhow::Result<()> {
    let made = Index::of_folder(folder, today(), expires).map_err(explain_index)?;
    let path = folder.join(index::INDEX);
    let shown = path.display().to_string();
    std::fs::write(&path, made.text()).map_err(|error| {
        let values = [("path", &*shown), ("reason", &*error.to_string())];
        Failure::failed("cli-unwritable", &values)
    })?;
    let count = made.plugins.len().to_string();
    line(words::text(
        "index-written",
        &[("count", &count), ("path", &shown)],
    ));
    Ok(())
}
