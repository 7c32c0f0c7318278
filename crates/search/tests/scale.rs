//! A large home folder: 500 apps and 200,000 files.

mod machine;

use std::time::{Duration, Instant};

use machine::{FILES, machine};
use protocol::{ResultKind, SearchResult};
use search::Searcher;

/// Types on until `fits`: the matching threads need a moment for a first key over so many files.
fn results(
    searcher: &Searcher,
    query: &str,
    fits: impl Fn(&[SearchResult]) -> bool,
) -> Vec<SearchResult> {
    let begun = Instant::now();
    loop {
        let results = searcher.search(query, 8);
        if fits(&results) {
            return results;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{query}: {results:?}"
        );
    }
}

#[test]
fn one_among_many_is_found_by_name_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let searcher = machine(folder.path());
    let title = format!("report {}.pdf", FILES - 1);
    let query = format!("report {}", FILES - 1);
    let found = results(&searcher, &query, |found| {
        found.first().is_some_and(|first| first.title == title)
    });
    assert_eq!(found[0].kind, ResultKind::File);
    let marked: String = found[0]
        .matches
        .iter()
        .flat_map(|[start, end]| title.chars().skip(*start).take(end - start))
        .collect();
    assert_eq!(marked, query.replace(' ', ""));
    assert!(found[0].subtitle.starts_with("~/"));
}

#[test]
fn chinese_names_are_marked_by_characters() {
    let folder = tempfile::tempdir().unwrap();
    let searcher = machine(folder.path());
    let found = results(&searcher, "季度报告", |found| !found.is_empty());
    assert_eq!(found[0].title, "2026 季度报告.ods");
    assert_eq!(found[0].matches, [[5, 9]]);
}

#[test]
fn each_further_key_narrows_and_each_deletion_widens() {
    let folder = tempfile::tempdir().unwrap();
    let searcher = machine(folder.path());
    results(&searcher, "app 4", |found| {
        found.iter().all(|result| result.title.contains('4')) && found.len() == 8
    });
    let one = results(&searcher, "app 499", |found| {
        found.first().is_some_and(|first| first.title == "App 499")
    });
    assert_eq!(one[0].kind, ResultKind::App);
    results(&searcher, "app", |found| found.len() == 8);
    assert!(results(&searcher, "zzzzqqqq", <[SearchResult]>::is_empty).is_empty());
}
