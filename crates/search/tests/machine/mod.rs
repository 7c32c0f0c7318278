//! A generated machine with many apps and files.

use std::path::{Path, PathBuf};

use search::{AppEntry, FileIndex, Frecency, Searcher};

/// How many files there are.
pub(crate) const FILES: usize = 200_000;
/// How many applications there are.
const APPS: usize = 500;

/// Fills a searcher whose home folder is `home`; nothing is written to disk.
pub(crate) fn machine(home: &Path) -> Searcher {
    let files = FileIndex::new();
    let words = [
        "report", "photo", "letter", "build", "notes", "发票", "合同", "music",
    ];
    let endings = ["pdf", "jpg", "txt", "rs"];
    for number in 0..FILES - 1 {
        let (word, ending) = (words[number % words.len()], endings[number % endings.len()]);
        let folder = home.join(format!("folder {}", number / 500));
        files.add(folder.join(format!("{word} {number}.{ending}")), false);
    }
    files.add(home.join(format!("last/report {}.pdf", FILES - 1)), false);
    files.add(home.join("文档/2026 季度报告.ods"), false);
    let state: PathBuf = home.join("frecency.json");
    let searcher = Searcher::new(files, Frecency::load(state), home.to_owned());
    let app = |number: usize| AppEntry {
        id: format!("org.example.App{number}.desktop"),
        title: format!("App {number}"),
        subtitle: "Generated".to_owned(),
        icon: String::new(),
        names: vec![
            format!("program{number}"),
            format!("应用{number}"),
            "keyword editor viewer".to_owned(),
        ],
    };
    searcher.set_apps((0..APPS).map(app).collect());
    searcher
}
