//! The names of very many files, laid out so that one key looks at all of them in a few milliseconds.
//!
//! Fuzzy matching of 200,000 names takes tens of milliseconds, and a search that
//! shows what it has after a few would show nothing for a first letter. So names
//! are narrowed in steps: a set of letters for each name (one comparison of
//! numbers), then the words as they stand, and only where that finds too little
//! the letters in order with others between.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    path::Path,
    time::{Duration, Instant},
};

use memchr::memmem::Finder;
use nucleo::{
    Config, Matcher, Utf32Str, chars,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// How long letters with others between are looked for.
const FUZZY_BUDGET: Duration = Duration::from_millis(2);
/// Fewer letters than this stand next to each other, or mean nothing.
const FUZZY_LETTERS: usize = 3;
/// More candidates than are wanted are kept, since some may be gone.
const SPARE: usize = 4;

/// All names, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The letters of each name; apart, so that all of them are looked at in one go.
    letters: Vec<u64>,
    entries: Vec<Entry>,
    /// The names in simple form, one behind the other.
    text: String,
}

#[derive(Debug)]
struct Entry {
    path: Box<Path>,
    /// Where its name begins in the text.
    start: usize,
    length: u32,
    is_folder: bool,
}

/// A file that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found<'n> {
    pub(crate) path: &'n Path,
    pub(crate) is_folder: bool,
    pub(crate) score: u32,
}

impl Names {
    /// Adds a file.
    pub(crate) fn add(&mut self, path: Box<Path>, is_folder: bool) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let start = self.text.len();
        self.text.extend(name.chars().map(simple));
        self.letters.push(letters(&self.text[start..]));
        self.entries.push(Entry {
            length: u32::try_from(self.text.len() - start).expect("a name has at most 255 bytes"),
            path,
            start,
            is_folder,
        });
    }

    /// Counts the files.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the best matches of `query`, best first, at most four times `limit`.
    pub(crate) fn matches(&self, query: &str, limit: usize) -> Vec<Found<'_>> {
        let query: String = query.chars().map(simple).collect();
        let words: Vec<&str> = query.split_whitespace().collect();
        let wanted = words.iter().fold(0, |all, word| all | letters(word));
        if words.is_empty() {
            return Vec::new();
        }
        let mut best = self.with_words(&words, wanted, limit * SPARE);
        let typed: usize = words.iter().map(|word| word.chars().count()).sum();
        if best.len() < limit && typed >= FUZZY_LETTERS {
            let more = self.with_letters(&query, wanted, limit * SPARE);
            let more: Vec<usize> = more
                .into_iter()
                .filter(|index| !best.contains(index))
                .collect();
            best.extend(more);
        }
        self.scored(best, &query)
    }

    fn candidates(&self, wanted: u64) -> impl Iterator<Item = usize> {
        let has_all = move |(_, letters): &(usize, &u64)| *letters & wanted == wanted;
        self.letters
            .iter()
            .enumerate()
            .filter(has_all)
            .map(|(index, _)| index)
    }

    fn name(&self, index: usize) -> &str {
        let entry = &self.entries[index];
        &self.text[entry.start..entry.start + entry.length as usize]
    }

    /// The names that have every word as it stands: at the beginning before within, short before long.
    fn with_words(&self, words: &[&str], wanted: u64, most: usize) -> Vec<usize> {
        let finders: Vec<Finder<'_>> = words.iter().map(Finder::new).collect();
        let mut best = BinaryHeap::with_capacity(most + 1);
        for index in self.candidates(wanted) {
            let name = self.name(index).as_bytes();
            let places: Option<usize> = finders
                .iter()
                .map(|finder| finder.find(name).map(|at| place(name, at)))
                .sum();
            let Some(places) = places else { continue };
            let candidate = (places, name.len(), index);
            if best.len() < most {
                best.push(candidate);
            } else if best.peek().is_some_and(|worst| candidate < *worst) {
                best.pop();
                best.push(candidate);
            }
        }
        best.into_sorted_vec()
            .into_iter()
            .map(|(_, _, index)| index)
            .collect()
    }

    /// The names that have the letters in this order, as far as the time reaches.
    fn with_letters(&self, query: &str, wanted: u64, most: usize) -> Vec<usize> {
        let begun = Instant::now();
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut best = BinaryHeap::with_capacity(most + 1);
        for (count, index) in self.candidates(wanted).enumerate() {
            if count % 64 == 63 && begun.elapsed() > FUZZY_BUDGET {
                break;
            }
            let name = Utf32Str::new(self.name(index), &mut buffer);
            if let Some(score) = pattern.score(name, &mut matcher) {
                best.push(Reverse((score, Reverse(index))));
            }
            if best.len() > most {
                best.pop();
            }
        }
        best.into_iter()
            .map(|Reverse((_, Reverse(index)))| index)
            .collect()
    }

    /// Gives the few that are left the scores that applications have, too.
    fn scored(&self, indices: Vec<usize>, query: &str) -> Vec<Found<'_>> {
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut found: Vec<Found<'_>> = indices
            .into_iter()
            .map(|index| Found {
                path: &self.entries[index].path,
                is_folder: self.entries[index].is_folder,
                score: pattern
                    .score(Utf32Str::new(self.name(index), &mut buffer), &mut matcher)
                    .unwrap_or_default(),
            })
            .collect();
        // Stable: what ties stays in the order of places and lengths.
        found.sort_by_key(|found| Reverse(found.score));
        found
    }
}

/// 0 at the beginning of a name, 1 at the beginning of a word in it, else 2.
fn place(name: &[u8], at: usize) -> usize {
    match at.checked_sub(1).map(|before| name[before]) {
        None => 0,
        Some(before) if before.is_ascii_alphanumeric() => 2,
        Some(_) => 1,
    }
}

/// Lower case and without accents.
fn simple(c: char) -> char {
    chars::to_lower_case(chars::normalize(c))
}

/// The set of letters of a text: bits of their own for `a` to `z` and digits, shared ones for others.
fn letters(text: &str) -> u64 {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .fold(0, |set, c| {
            let bit = match c {
                'a'..='z' => u32::from(c) - u32::from('a'),
                '0'..='9' => 26 + u32::from(c) - u32::from('0'),
                c => 36 + u32::from(c) % 28,
            };
            set | 1 << bit
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(names: &[&str], query: &str) -> Vec<String> {
        let mut all = Names::default();
        for name in names {
            all.add(Path::new("/home/a").join(name).into_boxed_path(), false);
        }
        let found = all.matches(query, 3);
        let name = |found: &Found<'_>| {
            found
                .path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn beginnings_come_before_middles_and_words_before_letters() {
        let names = [
            "annual report.pdf",
            "report.pdf",
            "unreported.txt",
            "rest of party.txt",
        ];
        assert_eq!(
            best(&names, "report")[..2],
            ["report.pdf", "annual report.pdf"]
        );
        assert!(best(&names, "rprt").contains(&"report.pdf".to_owned()));
        assert_eq!(best(&names, "REPORT pdf").len(), 2);
        assert!(best(&names, "reportq").is_empty());
        assert!(best(&names, "  ").is_empty());
    }

    #[test]
    fn accents_and_chinese() {
        let names = ["Café Menü.txt", "季度报告.ods", "报告.txt"];
        assert_eq!(best(&names, "cafe menu"), ["Café Menü.txt"]);
        assert_eq!(best(&names, "报告"), ["报告.txt", "季度报告.ods"]);
    }

    #[test]
    fn one_letter_finds_at_once() {
        let names = ["b", "xa", "a"];
        assert_eq!(best(&names, "a"), ["a", "xa"]);
    }
}
