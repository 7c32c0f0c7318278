//! A large home folder: 500 apps and 200,000 files.

mod machine;

use machine::{FILES, machine};
use protocol::{ResultKind, SearchResult};
use search::Searcher;

/// One key over all files is enough: nothing comes later.
fn results(searcher: &Searcher, query: &str) -> Vec<SearchResult> {
    searcher.search(query, 8)
}

#[test]
fn one_among_many_is_found_by_name_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let searcher = machine(folder.path());
    let title = format!("report {}.pdf", FILES - 1);
    let query = format!("report {}", FILES - 1);
    let found = results(&searcher, &query);
    assert_eq!(found[0].title, title);
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
    let found = results(&searcher, "季度报告");
    assert_eq!(found[0].title, "2026 季度报告.ods");
    assert_eq!(found[0].matches, [[5, 9]]);
}

#[test]
fn each_further_key_narrows_and_each_deletion_widens() {
    let folder = tempfile::tempdir().unwrap();
    let searcher = machine(folder.path());
    let four = results(&searcher, "app 4");
    assert_eq!(four.len(), 8);
    assert!(four.iter().all(|result| result.title.contains('4')));
    let one = results(&searcher, "app 499");
    assert_eq!(
        (one[0].kind, one[0].title.as_str()),
        (ResultKind::App, "App 499")
    );
    assert_eq!(results(&searcher, "app").len(), 8);
    assert!(results(&searcher, "zzzzqqqq").is_empty());
    // The first letter after nothing was found finds something at once.
    assert_eq!(results(&searcher, "l").len(), 8);
}
