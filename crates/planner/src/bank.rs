//! Worked examples, of which a request is shown the nearest.
//!
//! A small model adapts a plan that stands before it far better than it invents one; so the bank is dense:
//! thousands of requests with their plans, by writers who think of how people speak. It is read when the
//! first request needs it, and an example is checked against the registry when it is shown.

use std::collections::BTreeMap;

use engine::ChatTurn;
use functions::Registry;
use plan::FunctionName;
use serde::Deserialize;

use crate::{
    examples::functions_of,
    follow::{self, Reference},
    prompt::{check_example, turn},
    retrieve::{Vector, terms},
    words::{Words, is_ideograph},
};

/// What the writers wrote, one JSON object a line.
const FILES: [&str; 26] = [
    include_str!("../bank/sound-apps-power.jsonl"),
    include_str!("../bank/files-text-timers.jsonl"),
    include_str!("../bank/whole-plans.jsonl"),
    include_str!("../bank/everyday.jsonl"),
    include_str!("../bank/everyday-zh.jsonl"),
    include_str!("../bank/everyday-en.jsonl"),
    include_str!("../bank/flows-en.jsonl"),
    include_str!("../bank/flows-zh.jsonl"),
    include_str!("../bank/panels-en.jsonl"),
    include_str!("../bank/talk-en.jsonl"),
    include_str!("../bank/talk-more-en.jsonl"),
    include_str!("../bank/talk-flows-en.jsonl"),
    include_str!("../bank/talk-zh.jsonl"),
    include_str!("../bank/follow-more-en.jsonl"),
    include_str!("../bank/follow-zh.jsonl"),
    include_str!("../bank/panels-more.jsonl"),
    include_str!("../bank/singles-more.jsonl"),
    include_str!("../bank/flows-more-en.jsonl"),
    include_str!("../bank/flows-more-zh.jsonl"),
    include_str!("../bank/flows-varied-en.jsonl"),
    include_str!("../bank/flows-varied-zh.jsonl"),
    include_str!("../bank/follow-panels-en.jsonl"),
    include_str!("../bank/later-en.jsonl"),
    include_str!("../bank/later-zh.jsonl"),
    include_str!("../bank/spoken-en.jsonl"),
    include_str!("../bank/spoken-zh.jsonl"),
];
/// What the likeness of meaning counts; that of words counts the rest.
const MEANING: f64 = 0.6;
/// What the same language counts: its wording is copied into texts.
const SAME_LANGUAGE: f64 = 0.05;

/// One worked example.
#[derive(Debug, Deserialize)]
pub(crate) struct Example {
    /// `en` or `zh`.
    language: String,
    /// What a person says.
    pub(crate) request: String,
    /// The plan.
    plan: String,
    /// The turn before, for a request that refers to it.
    #[serde(default)]
    before: Option<Before>,
    /// The functions that its plan calls or offers.
    #[serde(skip)]
    pub(crate) functions: Vec<FunctionName>,
    /// Whether its plan has more than one line.
    #[serde(skip)]
    pub(crate) has_several: bool,
    /// Whether it asks what its request only points to.
    #[serde(skip)]
    pub(crate) points: bool,
    /// The terms of the request with their weights, of length 1.
    #[serde(skip)]
    weights: BTreeMap<String, f64>,
}

/// The turn before an example.
#[derive(Debug, Deserialize)]
struct Before {
    request: String,
    plan: String,
}

/// An example that is near, and how near: 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near<'b> {
    pub(crate) example: &'b Example,
    pub(crate) likeness: f64,
}

/// All examples.
#[derive(Debug)]
pub(crate) struct Bank {
    examples: Vec<Example>,
    /// How many of them the files hold.
    written: usize,
    /// For each term, how much it tells.
    rarity: BTreeMap<String, f64>,
}

impl Bank {
    /// Reads all files, and the functions' own examples behind them.
    pub(crate) fn new(own: impl IntoIterator<Item = functions::Example>) -> Bank {
        let written = FILES
            .iter()
            .flat_map(|file| file.lines())
            .filter_map(|line| serde_json::from_str(line).ok());
        let mut examples: Vec<Example> = written.collect();
        let written = examples.len();
        examples.extend(own.into_iter().map(Example::from));
        let mut spread: BTreeMap<String, f64> = BTreeMap::new();
        let counted: Vec<BTreeMap<String, f64>> = examples
            .iter()
            .map(|example| counts(&example.request))
            .collect();
        for term in counted.iter().flat_map(BTreeMap::keys) {
            *spread.entry(term.clone()).or_default() += 1.0;
        }
        let all = examples.len() as f64;
        let rarity: BTreeMap<String, f64> = spread
            .into_iter()
            .map(|(term, with)| (term, (1.0 + all / with).ln()))
            .collect();
        for (example, counts) in examples.iter_mut().zip(counted) {
            let plan = plan::parse(&example.plan).unwrap_or_default();
            example.functions = functions_of(&plan);
            example.has_several = plan.statements.len() > 1;
            example.points =
                example.asks() && follow::reference(&example.request) == Reference::Surely;
            example.weights = weighed(counts, &rarity);
        }
        Bank {
            examples,
            written,
            rarity,
        }
    }

    /// Tells whether no example has any word of these.
    pub(crate) fn has_no_word_of(&self, words: &str) -> bool {
        counts(words)
            .keys()
            .all(|term| !self.rarity.contains_key(term))
    }

    /// Returns the requests, of which vectors are wanted.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &str> {
        self.examples.iter().map(|example| example.request.as_str())
    }

    /// Returns all examples.
    pub(crate) fn examples(&self) -> impl Iterator<Item = &Example> {
        self.examples.iter()
    }

    /// Returns requests and plans of the examples that refer to no turn before.
    #[cfg(test)]
    pub(crate) fn standalone(&self) -> impl Iterator<Item = (&str, &str)> {
        let alone = self
            .examples
            .iter()
            .filter(|example| example.before.is_none());
        alone.map(|example| (example.request.as_str(), example.plan.as_str()))
    }

    /// Returns the example of the files whose request is just this one; those of functions have templates.
    ///
    /// Case and closing signs do not count, unless the plan carries words of the request.
    pub(crate) fn same(&self, utterance: &str) -> Option<&Example> {
        let plain = plain(utterance);
        let lower: String = plain.chars().flat_map(char::to_lowercase).collect();
        self.examples[..self.written].iter().find(|example| {
            let other = self::plain(&example.request);
            example.before.is_none()
                && match example.plan.contains('"') {
                    true => other == plain,
                    false => other.chars().flat_map(char::to_lowercase).eq(lower.chars()),
                }
        })
    }

    /// Returns how near in meaning the nearest request is that can stand alone. None where no vector is known.
    pub(crate) fn nearness<'b>(
        &self,
        meaning: &Vector,
        vector_of: impl Fn(&str) -> Option<&'b Vector>,
    ) -> Option<f64> {
        let alone = self
            .examples
            .iter()
            .filter(|example| example.before.is_none());
        alone
            .filter_map(|example| Some(vector_of(&example.request)?.cosine(meaning)))
            .reduce(f32::max)
            .map(f64::from)
    }

    /// Returns the `count` nearest examples, nearest first, by words and, where vectors are known, by meaning.
    pub(crate) fn nearest<'b>(
        &'b self,
        utterance: &str,
        meaning: Option<&Vector>,
        vector_of: impl Fn(&str) -> Option<&'b Vector>,
        follows: bool,
        count: usize,
    ) -> Vec<Near<'b>> {
        let wanted = weighed(counts(utterance), &self.rarity);
        let points = follow::reference(utterance) == Reference::Surely;
        let language = if utterance.chars().any(is_ideograph) {
            "zh"
        } else {
            "en"
        };
        let mut near: Vec<Near<'b>> = self
            .examples
            .iter()
            .filter(|example| follows || example.before.is_none())
            // “open it in gedit” lacks what “open gedit” does not.
            .filter(|example| points || !example.points)
            .map(|example| {
                let words = product(&wanted, &example.weights);
                let cosine = meaning
                    .zip(vector_of(&example.request))
                    .map(|(meaning, vector)| f64::from(vector.cosine(meaning).max(0.0)));
                let likeness = match cosine {
                    Some(cosine) => MEANING * cosine + (1.0 - MEANING) * words,
                    None => words,
                };
                let bonus = if example.language == language {
                    SAME_LANGUAGE
                } else {
                    0.0
                };
                Near {
                    example,
                    likeness: (likeness + bonus).min(1.0),
                }
            })
            .filter(|near| near.likeness > SAME_LANGUAGE)
            .collect();
        // Equal likeness in the order of the requests, so that a prompt never depends on chance.
        near.sort_by(|one, other| {
            other
                .likeness
                .total_cmp(&one.likeness)
                .then_with(|| one.example.request.cmp(&other.example.request))
        });
        near.truncate(count);
        near
    }
}

impl From<functions::Example> for Example {
    fn from(own: functions::Example) -> Example {
        Example {
            language: own.language,
            request: own.request,
            plan: own.plan,
            before: None,
            functions: Vec::new(),
            has_several: false,
            points: false,
            weights: BTreeMap::new(),
        }
    }
}

impl Example {
    /// Returns the plan, if the registry can run it.
    pub(crate) fn plan(&self, registry: &Registry) -> Option<&str> {
        let whole = match &self.before {
            Some(before) => format!("{}\n{}", before.plan, self.plan),
            None => self.plan.clone(),
        };
        check_example(&whole, registry).ok()?;
        Some(&self.plan)
    }

    /// Returns the turns of the chat that show it, if the registry can run its plan.
    pub(crate) fn turns(&self, registry: &Registry) -> Option<Vec<ChatTurn>> {
        let plan = self.plan(registry)?;
        let mut turns = Vec::new();
        if let Some(before) = &self.before {
            turns.push(turn(&before.request, &before.plan));
        }
        turns.push(turn(&self.request, plan));
        Some(turns)
    }

    /// Returns the request and the plan of the turn before it.
    pub(crate) fn before(&self) -> Option<(&str, &str)> {
        let before = self.before.as_ref()?;
        Some((&before.request, &before.plan))
    }

    /// Returns the functions that the turn before it called or offered.
    pub(crate) fn called_before(&self) -> Vec<FunctionName> {
        let before = self.before.as_ref().map(|before| plan::parse(&before.plan));
        functions_of(&before.and_then(Result::ok).unwrap_or_default())
    }

    /// Whether the plan calls all that another's calls.
    pub(crate) fn includes(&self, other: &Example) -> bool {
        let heads = |example: &Example| -> Vec<plan::Head> {
            let plan = plan::parse(&example.plan).unwrap_or_default();
            plan.statements
                .into_iter()
                .map(|statement| statement.call.head)
                .collect()
        };
        let own = heads(self);
        heads(other).iter().all(|head| own.contains(head))
    }

    /// Whether the plan makes the same calls as another's, but for the values.
    pub(crate) fn does_as(&self, other: &Example) -> bool {
        let calls = |example: &Example| {
            let plan = plan::parse(&example.plan).ok()?;
            let calls = plan.statements.into_iter().map(|statement| {
                let arguments = statement.call.arguments.into_iter();
                let names: Vec<Option<String>> = arguments.map(|argument| argument.name).collect();
                (statement.call.head, names)
            });
            Some(calls.collect::<Vec<_>>())
        };
        calls(self) == calls(other)
    }

    /// Whether it opens an app and does nothing else.
    pub(crate) fn opens_app(&self) -> bool {
        self.plan.starts_with("apps.open(\"") && !self.plan.contains('\n')
    }

    /// Whether it is refused, or answered in words. What asks for more is no refusal.
    pub(crate) fn is_said(&self) -> bool {
        self.plan.starts_with("say(")
    }

    /// Whether it asks the person for what is missing.
    pub(crate) fn asks(&self) -> bool {
        self.plan.starts_with("ask(")
    }

    /// Whether only words come of it.
    pub(crate) fn is_words(&self) -> bool {
        self.is_said() || self.asks()
    }
}

/// A request without surrounding blanks and closing signs.
fn plain(text: &str) -> &str {
    text.trim()
        .trim_end_matches(['.', '!', '?', '。', '！', '？', ' '])
}

/// Returns the terms in their order, without politeness at the edges; every number is the same one.
pub(crate) fn plain_terms(text: &str) -> Vec<String> {
    let words = Words::of_utterance(text);
    let mut terms = terms(words.slice(0..words.len()));
    for term in &mut terms {
        if term.bytes().all(|byte| byte.is_ascii_digit()) {
            "#".clone_into(term);
        }
    }
    terms
}

fn counts(text: &str) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    for term in plain_terms(text) {
        *counts.entry(term).or_insert(0.0) += 1.0;
    }
    counts
}

fn weighed(counts: BTreeMap<String, f64>, rarity: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    const UNKNOWN: f64 = 6.0;
    let mut weights: BTreeMap<String, f64> = counts
        .into_iter()
        .map(|(term, count)| {
            let rarity = rarity.get(&term).copied().unwrap_or(UNKNOWN);
            (term, (1.0 + count.ln()) * rarity)
        })
        .collect();
    let length = weights
        .values()
        .map(|weight| weight * weight)
        .sum::<f64>()
        .sqrt();
    if length > 0.0 {
        weights.values_mut().for_each(|weight| *weight /= length);
    }
    weights
}

fn product(one: &BTreeMap<String, f64>, other: &BTreeMap<String, f64>) -> f64 {
    one.iter()
        .filter_map(|(term, weight)| Some(weight * other.get(term)?))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_example_that_can_run() {
        let registry = crate::every_function();
        let lines: usize = FILES.iter().map(|file| file.lines().count()).sum();
        let bank = Bank::new([]);
        assert_eq!(bank.examples.len(), lines, "a line does not read");
        let broken: Vec<String> = bank
            .examples
            .iter()
            .filter_map(|example| {
                let before = example
                    .before
                    .as_ref()
                    .map(|before| before.plan.clone() + "\n");
                let whole = before.unwrap_or_default() + &example.plan;
                let reason = check_example(&whole, &registry).err()?;
                Some(format!("{}: {reason}", example.request))
            })
            .collect();
        assert!(broken.is_empty(), "{}\n{}", broken.len(), broken.join("\n"));
    }

    #[test]
    fn examples_of_functions_are_near_too() {
        let own = functions::Example {
            language: "en".to_owned(),
            request: "hush the whole orchestra".to_owned(),
            plan: "audio.mute()".to_owned(),
        };
        let words = own.request.clone();
        let bank = Bank::new([own]);
        let near = bank.nearest(&words, None, |_| None, false, 1);
        assert_eq!(near[0].example.request, words);
        assert_eq!(near[0].example.functions.len(), 1);
        assert!(bank.same(&words).is_none());
    }

    #[test]
    fn the_nearest_by_words_come_first() {
        let bank = Bank::new([]);
        let near = bank.nearest("set the volume to 37 please", None, |_| None, false, 3);
        assert_eq!(near.len(), 3);
        assert!(near[0].example.plan.contains("volume"), "{near:?}");
        assert!(near[0].likeness >= near[1].likeness);
        let near = bank.nearest("把音量调到 37", None, |_| None, false, 3);
        assert!(near[0].example.plan.contains("volume"), "{near:?}");
    }

    #[test]
    fn only_case_and_closing_signs_may_differ() {
        let bank = Bank::new([]);
        assert!(bank.same("Un-mute The Computer").is_none());
        let free = bank
            .examples
            .iter()
            .find(|example| !example.plan.contains('"') && example.before.is_none())
            .expect("one without words");
        assert!(
            bank.same(&format!(" {} !", free.request.to_uppercase()))
                .is_some()
        );
        for sum in ["1923", "19+23", "13*14", "calculate 3*4+12"] {
            let same = bank.same(sum).map(|example| example.request.as_str());
            assert!(same.is_none_or(|same| same == sum), "{sum}: {same:?}");
        }
    }
}
