//! Which functions a request may mean, by its words and by their meaning.
//!
//! Okapi BM25 over names, labels, summaries and example requests of all functions, in
//! English and Chinese (Chinese text is cut into single characters and pairs), and the cosine
//! between the request's vector and those of the same texts, once a model has given them.

mod kept;
mod vector;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use functions::Function;
use plan::FunctionName;

pub use kept::KeptVectors;
pub use vector::Vector;

use crate::words::is_ideograph;

/// The index over all functions of a registry.
#[derive(Debug, Default)]
pub struct Retrieval {
    documents: Vec<Document>,
    /// For each term, in how many documents it occurs.
    spread: HashMap<String, usize>,
    average_length: f64,
    /// The vectors of the documents' texts, as far as a model gave them.
    vectors: BTreeMap<String, Vector>,
}

#[derive(Debug)]
struct Document {
    function: FunctionName,
    terms: HashMap<String, f64>,
    length: f64,
    /// What is compared by meaning: example requests, summaries, labels.
    texts: Vec<String>,
}

/// What was found for a request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The functions with their scores, best first; none with a score of 0.
    pub ranked: Vec<(FunctionName, f64)>,
    /// How much of the request's words, weighted by rarity, the best function knows: 0 to 1.
    pub coverage: f64,
    /// How near the nearest text of any function is in meaning: −1 to 1. None without vectors.
    pub cosine: Option<f32>,
    /// How near the texts of the first functions are: 0 to 1, for those that are near at all.
    pub(crate) nearness: BTreeMap<String, f64>,
    /// How near the nearest text of each of the first functions is, likewise.
    pub(crate) nearest: BTreeMap<FunctionName, f64>,
    /// How near in meaning the nearest worked example of Lucid's own functions is. None where that is not told.
    pub(crate) known: Option<f64>,
}

/// How quickly more of the same word stops to matter.
const SATURATION: f64 = 1.2;
/// How much long descriptions are held back.
const LENGTH_WEIGHT: f64 = 0.6;
/// How many functions may be what is meant; no other is shown or compared further.
pub(crate) const NEAREST: usize = 8;
/// What a cosine counts beside the share of words: measured with `examples/recall.rs`.
const MEANING_WEIGHT: f64 = 3.0;

impl Retrieval {
    /// Reads all functions.
    pub fn new<'f>(functions: impl IntoIterator<Item = &'f Function>) -> Retrieval {
        let documents: Vec<Document> = functions.into_iter().map(Document::of).collect();
        let mut spread = HashMap::new();
        for term in documents.iter().flat_map(|document| document.terms.keys()) {
            *spread.entry(term.clone()).or_insert(0) += 1;
        }
        let total: f64 = documents.iter().map(|document| document.length).sum();
        Retrieval {
            average_length: total / documents.len().max(1) as f64,
            documents,
            spread,
            vectors: BTreeMap::new(),
        }
    }

    /// Returns the texts of which vectors are wanted, each once.
    pub fn texts(&self) -> BTreeSet<&str> {
        let texts = self.documents.iter().flat_map(|document| &document.texts);
        texts.map(String::as_str).collect()
    }

    /// Returns the vector of a text, if a model gave it.
    pub(crate) fn vector(&self, text: &str) -> Option<&Vector> {
        self.vectors.get(text)
    }

    /// Takes over the vectors of texts; from now on meaning counts.
    pub fn learn(&mut self, vectors: impl IntoIterator<Item = (String, Vector)>) {
        self.vectors.extend(vectors);
    }

    /// Ranks the functions for a request, by words and, where its vector is given, by meaning.
    pub fn find(&self, utterance: &str, meaning: Option<&Vector>) -> Found {
        let wanted = wanted_terms(utterance);
        let by_words: Vec<f64> = self
            .documents
            .iter()
            .map(|document| self.score(document, &wanted))
            .collect();
        let by_meaning: Vec<f32> = match meaning {
            Some(meaning) => self
                .documents
                .iter()
                .map(|document| self.cosine(document, meaning))
                .collect(),
            None => Vec::new(),
        };
        let fused = by_words.iter().enumerate().map(|(index, words)| {
            let cosine = by_meaning.get(index).copied().unwrap_or(0.0);
            words + MEANING_WEIGHT * f64::from(cosine.max(0.0))
        });
        let ranked = self.ranked(fused);
        let mut found = Found {
            coverage: self.best_coverage(&by_words, &wanted),
            cosine: by_meaning.into_iter().reduce(f32::max),
            ..Found::default()
        };
        self.look_at_texts(&ranked, utterance, meaning, &mut found);
        found.ranked = ranked;
        found
    }

    fn ranked(&self, scores: impl Iterator<Item = f64>) -> Vec<(FunctionName, f64)> {
        let mut ranked: Vec<(FunctionName, f64)> = self
            .documents
            .iter()
            .zip(scores)
            .filter(|(_, score)| *score > 0.0)
            .map(|(document, score)| (document.function.clone(), score))
            .collect();
        // Equal scores in the order of names, so that a prompt never depends on chance.
        ranked.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.cmp(b)));
        ranked
    }

    /// BM25 as a share of the most that the request's words could score: 0 to 1.
    fn score(&self, document: &Document, wanted: &[String]) -> f64 {
        let long = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * document.length / self.average_length;
        let all: f64 = wanted.iter().map(|term| self.rarity(term)).sum();
        let score: f64 = wanted
            .iter()
            .filter_map(|term| {
                let count = document.terms.get(term)?;
                Some(self.rarity(term) * count / (count + SATURATION * long))
            })
            .sum();
        if all > 0.0 { score / all } else { 0.0 }
    }

    /// The nearest of a function's texts; 0 where no vector is known.
    fn cosine(&self, document: &Document, meaning: &Vector) -> f32 {
        document
            .texts
            .iter()
            .filter_map(|text| Some(self.vectors.get(text)?.cosine(meaning)))
            .reduce(f32::max)
            .unwrap_or(0.0)
    }

    /// Looks at the three nearest by words alone: the gate's numbers were measured so.
    fn best_coverage(&self, by_words: &[f64], wanted: &[String]) -> f64 {
        let mut order: Vec<usize> = (0..self.documents.len()).collect();
        order.sort_by(|a, b| by_words[*b].total_cmp(&by_words[*a]));
        order
            .into_iter()
            .take(3)
            .map(|index| {
                self.share(wanted, |term| {
                    self.documents[index].terms.contains_key(term)
                })
            })
            .fold(0.0, f64::max)
    }

    /// Notes how near each text of the first functions is, by meaning where it can be told, else by words.
    fn look_at_texts(
        &self,
        ranked: &[(FunctionName, f64)],
        utterance: &str,
        meaning: Option<&Vector>,
        found: &mut Found,
    ) {
        let first = &ranked[..ranked.len().min(NEAREST)];
        let said: BTreeSet<String> = terms(utterance).into_iter().collect();
        let near = |text: &String| match (meaning, self.vectors.get(text)) {
            (Some(meaning), Some(vector)) => f64::from(vector.cosine(meaning)),
            _ => self.overlap(&said, &terms(text).into_iter().collect()),
        };
        let is_first = |document: &&Document| {
            let mut first = first.iter();
            first.any(|(name, _)| *name == document.function)
        };
        for document in self.documents.iter().filter(is_first) {
            let texts = document.texts.iter().map(|text| (text.clone(), near(text)));
            let texts: Vec<(String, f64)> = texts.filter(|(_, near)| *near > 0.0).collect();
            let nearest = texts.iter().map(|(_, near)| *near).fold(0.0, f64::max);
            found.nearest.insert(document.function.clone(), nearest);
            found.nearness.extend(texts);
        }
    }

    /// Dice's coefficient, weighted by rarity: 1 for the same words, small ones included.
    fn overlap(&self, one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
        let weight = |terms: &mut dyn Iterator<Item = &String>| -> f64 {
            terms.map(|term| self.rarity(term)).sum()
        };
        let all = weight(&mut one.iter().chain(other));
        let both = weight(&mut one.intersection(other));
        if all > 0.0 { 2.0 * both / all } else { 0.0 }
    }

    /// The share of the wanted words that are known, weighted by rarity.
    fn share(&self, wanted: &[String], is_known: impl Fn(&String) -> bool) -> f64 {
        let all: f64 = wanted.iter().map(|term| self.rarity(term)).sum();
        let known: f64 = wanted
            .iter()
            .filter(|term| is_known(term))
            .map(|term| self.rarity(term))
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

/// What the names, hints and choices of arguments count.
const ARGUMENTS: f64 = 0.5;

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
        for spec in &signature.arguments {
            add(&spec.name.replace('_', " "), ARGUMENTS);
            add(&spec.hint, ARGUMENTS);
            if let plan::Type::Choice(words) = &spec.ty {
                words.iter().for_each(|word| add(word, ARGUMENTS));
            }
        }
        let examples = function.examples.iter().map(|example| &example.request);
        let described = [
            &signature.summary,
            &function.summary_zh,
            &function.label,
            &function.label_zh,
        ];
        Document {
            function: signature.name.clone(),
            length: counts.values().sum(),
            terms: counts,
            texts: examples
                .chain(described)
                .filter(|text| !text.is_empty())
                .cloned()
                .collect(),
        }
    }
}

/// Words that say nothing about what is wanted.
const STOP_WORDS: &[&str] = &[
    "a", "an", "the", "my", "me", "i", "is", "are", "to", "of", "in", "on", "at", "it", "this",
    "that", "and", "then", "please", "you", "can", "could", "for", "with", "what", "how", "do",
    "的", "了", "我", "把", "请", "一", "下", "吧", "是", "在", "到", "和", "有", "一下",
];

/// The words of a request that say what is wanted, each once.
fn wanted_terms(utterance: &str) -> Vec<String> {
    let mut wanted = terms(utterance);
    wanted.sort();
    wanted.dedup();
    wanted.retain(|term| !STOP_WORDS.contains(&term.as_str()));
    wanted
}

/// Cuts a text into words without their commonest endings, and Chinese into characters and pairs.
pub(crate) fn terms(text: &str) -> Vec<String> {
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
