//! Which functions a request may mean, by its words.
//!
//! Okapi BM25 over names, labels, summaries and example requests of all functions, in
//! English and Chinese. Chinese text is cut into single characters and pairs.

use std::collections::HashMap;

use functions::{Function, Registry};
use plan::FunctionName;

use crate::words::is_ideograph;

/// The index over all functions of a registry.
#[derive(Debug, Default)]
pub(crate) struct Retrieval {
    documents: Vec<Document>,
    /// For each term, in how many documents it occurs.
    spread: HashMap<String, usize>,
    average_length: f64,
}

#[derive(Debug)]
struct Document {
    function: FunctionName,
    terms: HashMap<String, f64>,
    length: f64,
}

/// What was found for a request.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Found {
    /// The functions with their scores, best first; none with a score of 0.
    pub(crate) ranked: Vec<(FunctionName, f64)>,
    /// How much of the request's words, weighted by rarity, the best function knows: 0 to 1.
    pub(crate) coverage: f64,
}

/// How quickly more of the same word stops to matter.
const SATURATION: f64 = 1.2;
/// How much long descriptions are held back.
const LENGTH_WEIGHT: f64 = 0.6;

impl Retrieval {
    /// Reads all functions.
    pub(crate) fn new(registry: &Registry) -> Retrieval {
        let documents: Vec<Document> = registry
            .functions()
            .map(|function| Document::of(function))
            .collect();
        let mut spread = HashMap::new();
        for term in documents.iter().flat_map(|document| document.terms.keys()) {
            *spread.entry(term.clone()).or_insert(0) += 1;
        }
        let total: f64 = documents.iter().map(|document| document.length).sum();
        Retrieval {
            average_length: total / documents.len().max(1) as f64,
            documents,
            spread,
        }
    }

    /// Ranks the functions for a request.
    pub(crate) fn find(&self, utterance: &str) -> Found {
        let mut wanted = terms(utterance);
        wanted.sort();
        wanted.dedup();
        wanted.retain(|term| !STOP_WORDS.contains(&term.as_str()));
        let mut ranked: Vec<(FunctionName, f64)> = self
            .documents
            .iter()
            .map(|document| (document.function.clone(), self.score(document, &wanted)))
            .filter(|(_, score)| *score > 0.0)
            .collect();
        // Equal scores in the order of names, so that a prompt never depends on chance.
        ranked.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.cmp(b)));
        let coverage = ranked
            .iter()
            .take(3)
            .filter_map(|(function, _)| {
                self.documents
                    .iter()
                    .find(|document| document.function == *function)
            })
            .map(|document| self.coverage(document, &wanted))
            .fold(0.0, f64::max);
        Found { ranked, coverage }
    }

    fn score(&self, document: &Document, wanted: &[String]) -> f64 {
        let long = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * document.length / self.average_length;
        wanted
            .iter()
            .filter_map(|term| {
                let count = document.terms.get(term)?;
                let saturated = count * (SATURATION + 1.0) / (count + SATURATION * long);
                Some(self.rarity(term) * saturated)
            })
            .sum()
    }

    fn coverage(&self, document: &Document, wanted: &[String]) -> f64 {
        let weight = |term: &&String| self.rarity(term);
        let all: f64 = wanted.iter().map(|term| weight(&term)).sum();
        let known: f64 = wanted
            .iter()
            .filter(|term| document.terms.contains_key(*term))
            .map(|term| weight(&term))
            .sum();
        if all > 0.0 { known / all } else { 0.0 }
    }

    /// Words that few functions know count most.
    fn rarity(&self, term: &str) -> f64 {
        let all = self.documents.len() as f64;
        let with = self.spread.get(term).copied().unwrap_or(0) as f64;
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}

impl Document {
    fn of(function: &Function) -> Document {
        let signature = &function.signature;
        let mut counts: HashMap<String, f64> = HashMap::new();
        let mut add = |text: &str, weight: f64| {
            for term in terms(text) {
                *counts.entry(term).or_insert(0.0) += weight;
            }
        };
        // Example requests are the nearest to what people say.
        add(&signature.name.as_str().replace(['.', '_'], " "), 2.0);
        add(&signature.summary, 1.0);
        add(&function.summary_zh, 1.0);
        add(&function.label, 1.0);
        add(&function.label_zh, 1.0);
        for example in &function.examples {
            add(&example.request, 1.5);
        }
        Document {
            function: signature.name.clone(),
            length: counts.values().sum(),
            terms: counts,
        }
    }
}

/// Words that say nothing about what is wanted.
const STOP_WORDS: &[&str] = &[
    "a", "an", "the", "my", "me", "i", "is", "are", "to", "of", "in", "on", "at", "it", "this",
    "that", "and", "then", "please", "you", "can", "could", "for", "with", "what", "how", "do",
    "的", "了", "我", "把", "请", "一", "下", "吧", "是", "在", "到", "和", "有", "一下",
];

/// Cuts a text into words without their commonest endings, and Chinese into characters and pairs.
fn terms(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut terms = Vec::new();
    let mut previous: Option<char> = None;
    let mut word = String::new();
    for c in lower.chars().chain([' ']) {
        if is_ideograph(c) {
            terms.push(c.to_string());
            if let Some(previous) = previous {
                terms.push(format!("{previous}{c}"));
            }
            previous = Some(c);
        } else {
            previous = None;
        }
        if c.is_alphanumeric() && !is_ideograph(c) {
            word.push(c);
        } else if !word.is_empty() {
            terms.push(stem(&word).to_owned());
            word.clear();
        }
    }
    terms
}

/// Takes off the endings of plurals and verbs from words that stay long enough.
fn stem(word: &str) -> &str {
    for ending in ["ing", "ies", "es", "ed", "s"] {
        if let Some(shorter) = word.strip_suffix(ending)
            && shorter.len() >= 3
        {
            return shorter;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_terms() {
        assert_eq!(terms("Find big files"), ["find", "big", "fil"]);
        assert_eq!(terms("打开gedit"), ["打", "开", "打开", "gedit"]);
    }
}
