//! How likely each function is meant, learnt from the worked examples.
//!
//! For every function, and for some shapes of plans, one logistic regression over the words of a request, their
//! pairs, its vector, and what the turn before called. It is learnt anew, in a second or two, when the vectors of the
//! bank are there: a hundred new examples need no file of weights. A small model that may only call what is likely
//! neither adds acts that nobody wished nor takes a like-sounding function.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use plan::FunctionName;
use sha2::{Digest as _, Sha256};

use crate::{
    Vector,
    bank::{Bank, Example, plain_terms},
};

/// How often all examples are gone through.
const ROUNDS: usize = 8;
/// How far one example moves a weight at first; less with each further one (Adagrad).
const STEP: f32 = 0.2;
/// What a weight has moved already when it begins, so that the first example does not jump.
const MOVED: f32 = 0.01;
/// What is so nearly right already that it moves nothing.
const NEARLY_RIGHT: f32 = 0.002;
/// Where a column begins, as log-odds: most functions are not meant.
const RARE: f32 = -4.0;
/// In how many examples a term must stand to count.
const LEAST_SPREAD: u32 = 2;
/// How many examples are seen before others may run.
const AT_ONCE: usize = 64;

/// How likely a function must be to be offered: by itself, beside the likeliest, and for a part of the words.
const LIKELY: f32 = 0.01;
const LIKELY_BESIDE: f32 = 0.03;
const LIKELY_OF_PART: f32 = 0.3;
/// How likely a function must be for an example to suit only if it calls it.
const SURELY_CALLED: f32 = 0.5;
/// How likely a function must be, and what part of that words and questions may be, for those to be closed. No request
/// of the development set that is refused, answered or asked back is as clear, and nine tenths of the others are.
const SURELY: [(f32, f32); 2] = [(0.6, 0.25), (0.8, 0.75)];
/// How likely it must be that only words are meant, or that something is asked, for nothing else to be open: by
/// itself, and as a part of the likeliest function.
const SAYS: f32 = 0.3;
const ASKS: f32 = 0.4;
const WORDS_BESIDE: f32 = 0.75;
/// Below this a plan of several lines is not meant, and from this on one of a single line is not.
const HARDLY_SEVERAL: f32 = 0.1;
const SURELY_SEVERAL: f32 = 0.7;

/// What is told of a plan beside its functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// It has more than one line.
    Several,
    /// It says that nothing can be done, or answers.
    Says,
    /// It asks for what is missing.
    Asks,
}

const SHAPES: [Shape; 3] = [Shape::Several, Shape::Says, Shape::Asks];

/// How likely what is, for one request: 0 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Likelihood {
    functions: BTreeMap<FunctionName, f32>,
    /// That the plan has more than one line.
    several: f32,
    /// That it says that nothing can be done, or answers.
    says: f32,
    /// That it asks for what is missing.
    asks: f32,
}

impl Likelihood {
    /// Tells whether a function may be meant; what no example calls may be.
    pub(crate) fn may_mean(&self, function: &FunctionName) -> bool {
        self.reaches(function, LIKELY.max(LIKELY_BESIDE * self.most()))
    }

    /// Tells the same where the words are a part of a request, which may be no wish at all.
    pub(crate) fn may_mean_as_part(&self, function: &FunctionName) -> bool {
        self.reaches(function, LIKELY_OF_PART)
    }

    /// Returns the function that is surely meant, if neither words nor a question may be.
    pub(crate) fn sure(&self) -> Option<&FunctionName> {
        let (likeliest, most) = self.likeliest()?;
        let words = self.says.max(self.asks);
        let mut limits = SURELY.iter();
        let is_sure = limits.any(|(least, part)| most >= *least && words < part * most);
        is_sure.then_some(likeliest)
    }

    /// Tells whether only words are meant.
    pub(crate) fn is_words(&self) -> bool {
        self.says >= SAYS.max(WORDS_BESIDE * self.most())
    }

    /// Tells whether something must be asked first.
    pub(crate) fn is_question(&self) -> bool {
        self.asks >= ASKS.max(WORDS_BESIDE * self.most())
    }

    /// Tells whether one line is all that may be meant.
    pub(crate) fn is_one_line(&self) -> bool {
        self.several < HARDLY_SEVERAL
    }

    /// Tells whether an example does what is likely meant, and nothing that is not.
    pub(crate) fn suits(&self, example: &Example) -> bool {
        let called = &example.functions;
        let has_its_shape = if example.has_several {
            !self.is_one_line()
        } else {
            self.several < SURELY_SEVERAL
        };
        let holds_likeliest = self
            .likeliest()
            .is_none_or(|(name, chance)| chance < SURELY_CALLED || called.contains(name));
        has_its_shape && holds_likeliest && called.iter().all(|name| self.may_mean(name))
    }

    /// Returns the likeliest of some functions, if it is as likely as `least`.
    pub(crate) fn likeliest_among(
        &self,
        is_one: impl Fn(&FunctionName) -> bool,
        least: f32,
    ) -> Option<&FunctionName> {
        let some = self.functions.iter().filter(|(name, _)| is_one(name));
        let (name, chance) = some.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        (*chance >= least).then_some(name)
    }

    fn likeliest(&self) -> Option<(&FunctionName, f32)> {
        let functions = self.functions.iter().map(|(name, chance)| (name, *chance));
        functions.max_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn most(&self) -> f32 {
        self.likeliest().map_or(0.0, |(_, chance)| chance)
    }

    fn reaches(&self, function: &FunctionName, least: f32) -> bool {
        let chance = self.functions.get(function);
        chance.is_none_or(|chance| *chance >= least)
    }
}

/// The regressions: a column for each function and shape, a row for each term and each number of a vector.
#[derive(Debug)]
pub(crate) struct Likely {
    /// How many numbers a vector has.
    width: usize,
    functions: Vec<FunctionName>,
    terms: HashMap<String, Term>,
    rows: Rows,
}

/// A term of the requests.
#[derive(Debug, Clone, Copy)]
struct Term {
    row: usize,
    /// How much it tells.
    rarity: f32,
}

/// What a request is to the regressions.
#[derive(Clone, Copy)]
struct Features<'f> {
    /// Its vector: what each of the first rows counts.
    numbers: &'f [f32],
    /// Its terms, as rows with what each counts.
    terms: &'f [(usize, f32)],
}

impl Features<'_> {
    /// The rows with what each counts; the one behind the vector's always counts.
    fn rows(&self) -> impl Iterator<Item = (usize, f32)> {
        let numbers = self.numbers.iter().copied().chain([1.0]).enumerate();
        numbers.chain(self.terms.iter().copied())
    }
}

/// Weights, one row behind the other.
#[derive(Debug)]
struct Rows {
    columns: usize,
    weights: Vec<f32>,
}

/// The examples, made ready to be learnt from.
pub(crate) struct Lesson {
    likely: Likely,
    /// The vectors of the examples.
    vectors: Vec<Vector>,
    examples: Vec<Worked>,
}

/// An example as the regressions see it.
struct Worked {
    terms: Vec<(usize, f32)>,
    /// The columns that are right.
    right: Vec<usize>,
}

impl Lesson {
    /// Reads the examples of the bank whose vectors are known; none without any.
    pub(crate) fn of<'b>(
        bank: &'b Bank,
        vector_of: impl Fn(&str) -> Option<&'b Vector>,
    ) -> Option<Lesson> {
        let mut known: Vec<(&Example, &Vector)> = bank
            .examples()
            .filter_map(|example| Some((example, vector_of(&example.request)?)))
            .collect();
        let width = known.first()?.1.numbers().len();
        known.retain(|(_, vector)| vector.numbers().len() == width);
        let called = known.iter().flat_map(|(example, _)| &example.functions);
        let functions: BTreeSet<FunctionName> = called.cloned().collect();
        let said: Vec<Vec<String>> = known
            .iter()
            .map(|(example, _)| said(&example.request, &example.called_before()))
            .collect();
        let terms = rows_of(&said, width + 1);
        let columns = functions.len() + SHAPES.len();
        let mut weights = vec![0.0; (width + 1 + terms.len()) * columns];
        weights[width * columns..(width + 1) * columns].fill(RARE);
        let likely = Likely {
            width,
            functions: functions.into_iter().collect(),
            terms,
            rows: Rows { columns, weights },
        };
        let examples = known.iter().zip(&said).map(|((example, _), said)| Worked {
            terms: likely.weighed(said),
            right: likely.right(example),
        });
        Some(Lesson {
            examples: examples.collect(),
            vectors: known.iter().map(|(_, vector)| (*vector).clone()).collect(),
            likely,
        })
    }

    /// Learns, unless just this was learnt last: a registry that changes makes another planner over the same bank.
    /// It takes a second or two, and lets others run meanwhile.
    pub(crate) async fn learn(self) -> Arc<Likely> {
        static LAST: Mutex<Option<([u8; 32], Arc<Likely>)>> = Mutex::new(None);
        let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = self.digest();
        if let Some((_, likely)) = last().as_ref().filter(|(known, _)| *known == digest) {
            return likely.clone();
        }
        let likely = Arc::new(self.go_through().await);
        *last() = Some((digest, likely.clone()));
        likely
    }

    /// What tells one lesson from another: the bank is the same in a process, and its vectors need not be.
    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for number in self.vectors.iter().flat_map(Vector::numbers) {
            digest.update(number.to_le_bytes());
        }
        digest.finalize().into()
    }

    async fn go_through(mut self) -> Likely {
        let mut moved = vec![MOVED; self.likely.rows.weights.len()];
        let mut order: Vec<usize> = (0..self.examples.len()).collect();
        // The same order each time, so that the same words always become the same plan.
        let mut chance = fastrand::Rng::with_seed(1);
        for _ in 0..ROUNDS {
            chance.shuffle(&mut order);
            for some in order.chunks(AT_ONCE) {
                for at in some {
                    let example = &self.examples[*at];
                    let features = Features {
                        numbers: self.vectors[*at].numbers(),
                        terms: &example.terms,
                    };
                    self.likely.rows.see(features, &example.right, &mut moved);
                }
                tokio::task::yield_now().await;
            }
        }
        self.likely
    }
}

impl Likely {
    /// Tells how likely what is for some words with their vector, behind a turn that called `before`.
    ///
    /// None where the vector is of another model than the bank's.
    pub(crate) fn of(
        &self,
        words: &str,
        vector: &Vector,
        before: &[FunctionName],
    ) -> Option<Likelihood> {
        if vector.numbers().len() != self.width {
            return None;
        }
        let features = Features {
            numbers: vector.numbers(),
            terms: &self.weighed(&said(words, before)),
        };
        let mut chances = self.rows.odds(features).into_iter().map(chance);
        let functions = self.functions.iter().cloned().zip(&mut chances).collect();
        let mut shape = || chances.next().unwrap_or(1.0);
        Some(Likelihood {
            functions,
            several: shape(),
            says: shape(),
            asks: shape(),
        })
    }

    /// The rows of terms with what each counts, of length 1 together.
    fn weighed(&self, said: &[String]) -> Vec<(usize, f32)> {
        let mut counts: BTreeMap<usize, (f32, f32)> = BTreeMap::new();
        for term in said.iter().filter_map(|term| self.terms.get(term)) {
            counts.entry(term.row).or_insert((0.0, term.rarity)).0 += 1.0;
        }
        let mut weighed: Vec<(usize, f32)> = counts
            .into_iter()
            .map(|(row, (count, rarity))| (row, (1.0 + count.ln()) * rarity))
            .collect();
        let squares = weighed.iter().map(|(_, weight)| weight * weight);
        let length = squares.sum::<f32>().sqrt();
        weighed.iter_mut().for_each(|(_, weight)| *weight /= length);
        weighed
    }

    /// The columns that are right for an example.
    fn right(&self, example: &Example) -> Vec<usize> {
        let of_functions = example
            .functions
            .iter()
            .filter_map(|name| self.functions.binary_search(name).ok());
        let is = |shape: &Shape| match shape {
            Shape::Several => example.has_several,
            Shape::Says => example.is_said(),
            Shape::Asks => example.asks(),
        };
        let of_shapes = SHAPES.iter().enumerate().filter(|(_, shape)| is(shape));
        of_functions
            .chain(of_shapes.map(|(at, _)| self.functions.len() + at))
            .collect()
    }
}

impl Rows {
    /// The log-odds of each column.
    fn odds(&self, features: Features<'_>) -> Vec<f32> {
        let mut odds = vec![0.0; self.columns];
        for (row, count) in features.rows() {
            let weights = &self.weights[row * self.columns..(row + 1) * self.columns];
            for (sum, weight) in odds.iter_mut().zip(weights) {
                *sum += count * weight;
            }
        }
        odds
    }

    /// Moves the weights towards what is right for one example.
    fn see(&mut self, features: Features<'_>, right: &[usize], moved: &mut [f32]) {
        let errors = self.odds(features).into_iter().enumerate();
        let wrong: Vec<(usize, f32)> = errors
            .map(|(column, odds)| {
                let truth = if right.contains(&column) { 1.0 } else { 0.0 };
                (column, chance(odds) - truth)
            })
            .filter(|(_, error)| error.abs() > NEARLY_RIGHT)
            .collect();
        for (row, count) in features.rows() {
            for (column, error) in &wrong {
                let at = row * self.columns + column;
                let slope = count * error;
                moved[at] += slope * slope;
                self.weights[at] -= STEP * slope / moved[at].sqrt();
            }
        }
    }
}

fn chance(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

/// What the words hold: terms, pairs of neighbours, and what the turn before called.
fn said(words: &str, before: &[FunctionName]) -> Vec<String> {
    let mut said = plain_terms(words);
    // Chinese pairs are terms themselves.
    let pairs: Vec<String> = said
        .windows(2)
        .filter(|pair| pair.iter().all(|term| term.is_ascii()))
        .map(|pair| pair.join(" "))
        .collect();
    said.extend(pairs);
    said.extend(before.iter().map(|name| format!("after {name}")));
    said
}

/// Gives each term that several examples hold a row, from `first` on.
fn rows_of(said: &[Vec<String>], first: usize) -> HashMap<String, Term> {
    let mut spread: BTreeMap<&str, u32> = BTreeMap::new();
    for terms in said {
        let once: BTreeSet<&str> = terms.iter().map(String::as_str).collect();
        for term in once {
            *spread.entry(term).or_default() += 1;
        }
    }
    let all = said.len() as f32;
    let rarity = |with: u32| ((1.0 + all) / (1.0 + with as f32)).ln() + 1.0;
    spread
        .into_iter()
        .filter(|(_, with)| *with >= LEAST_SPREAD)
        .enumerate()
        .map(|(at, (term, with))| {
            let term_of = Term {
                row: first + at,
                rarity: rarity(with),
            };
            (term.to_owned(), term_of)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector that tells nothing.
    fn even() -> Vector {
        Vector::new(vec![1.0; 8]).expect("a direction")
    }

    #[tokio::test]
    async fn what_examples_call_becomes_likely() {
        let bank = Bank::new([]);
        let even = even();
        let lesson = Lesson::of(&bank, |_| Some(&even)).expect("examples");
        let likely = lesson.learn().await;
        let name = |text: &str| FunctionName::new(text).expect("a name");
        let chance = |words: &str, function: &str| {
            let likelihood = likely.of(words, &even, &[]).expect("the same width");
            likelihood.functions[&name(function)]
        };
        for (words, meant, other) in [
            ("turn the sound off please", "audio.mute", "media.next"),
            (
                "which file is the biggest in my downloads",
                "files.largest",
                "audio.volume",
            ),
            ("把屏幕调暗一点", "screen.change_brightness", "audio.mute"),
        ] {
            let (meant, other) = (chance(words, meant), chance(words, other));
            assert!(meant > 0.3 && other < 0.1, "{words}: {meant} {other}");
        }
        let shape = |words: &str| likely.of(words, &even, &[]).expect("the same width");
        let one = shape("mute the sound");
        let two = shape("mute the sound and then lock the screen");
        assert!(
            two.several > 0.5 && one.several < two.several / 3.0,
            "{one:?} {two:?}"
        );
    }

    #[test]
    fn nothing_is_learnt_without_vectors() {
        assert!(Lesson::of(&Bank::new([]), |_| None).is_none());
    }
}
