//! Applications by any of their names.

use nucleo::{
    Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// An application as the launcher knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppEntry {
    /// Its desktop id, without `.desktop`.
    pub id: String,
    /// Its name in the person's language; what is shown.
    pub title: String,
    /// Its generic name or comment, for the quieter line.
    pub subtitle: String,
    /// Its icon, a name of the icon theme or an absolute path.
    pub icon: String,
    /// Further names: in other languages, keywords, the program.
    pub names: Vec<String>,
}

/// How well an application matches, and where its title did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppMatch {
    pub(crate) index: usize,
    pub(crate) score: u32,
    /// Characters of the title, empty when another name matched.
    pub(crate) characters: Vec<u32>,
}

/// Matches against names that are not shown count for less, so that “Files” comes before
/// an app that only mentions files.
const HIDDEN_NAME_PERCENT: u32 = 60;

/// Matches every app against `query`, best first.
pub(crate) fn matches(apps: &[AppEntry], query: &str, matcher: &mut Matcher) -> Vec<AppMatch> {
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut found: Vec<AppMatch> = apps
        .iter()
        .enumerate()
        .filter_map(|(index, app)| match_one(index, app, &pattern, matcher))
        .collect();
    found.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| apps[a.index].title.cmp(&apps[b.index].title))
    });
    found
}

fn match_one(
    index: usize,
    app: &AppEntry,
    pattern: &Pattern,
    matcher: &mut Matcher,
) -> Option<AppMatch> {
    let mut buffer = Vec::new();
    let mut characters = Vec::new();
    if let Some(score) = pattern.indices(
        Utf32Str::new(&app.title, &mut buffer),
        matcher,
        &mut characters,
    ) {
        characters.sort_unstable();
        characters.dedup();
        return Some(AppMatch {
            index,
            score,
            characters,
        });
    }
    let mut hidden = |name: &String| pattern.score(Utf32Str::new(name, &mut buffer), matcher);
    let best = app.names.iter().filter_map(&mut hidden).max()?;
    Some(AppMatch {
        index,
        score: best * HIDDEN_NAME_PERCENT / 100,
        characters: Vec::new(),
    })
}
