//! How likely each function is meant, learnt from the worked examples.
//!
//! For every function, and for some shapes of plans, one logistic regression over the words of a request, their
//! pairs, its vector, and what the turn before called. It is learnt anew, in a second or two, when the vectors of the
//! bank are there: a hundred new examples need no file of weights. A small model that may only call what is likely
//! neither adds acts that nobody wished nor takes a like-sounding function.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use functions::Registry;
use plan::{Effect, FunctionName, Head, Plan};

use crate::{
    Vector,
    bank::{Bank, Example},
    examples::functions_of,
    retrieve::terms,
    words::Words,
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

/// What is told of a plan beside its functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// It has more than one line.
    Several,
    /// More than one line acts.
    SeveralActs,
}

const SHAPES: [Shape; 2] = [Shape::Several, Shape::SeveralActs];

/// How likely what is, for one request: 0 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Likelihood {
    functions: BTreeMap<FunctionName, f32>,
    /// That the plan has more than one line.
    pub(crate) several: f32,
    /// That more than one line acts.
    pub(crate) several_acts: f32,
}

impl Likelihood {
    /// Tells whether a function may be meant; what no example calls may be.
    pub(crate) fn may_be_meant(&self, function: &FunctionName, least: f32) -> bool {
        self.functions
            .get(function)
            .is_none_or(|chance| *chance >= least)
    }
}

/// The regressions: a column for each function and shape, a row for each term and each number of a vector.
#[derive(Debug)]
pub(crate) struct Likely {
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
    width: usize,
    /// The vectors, one behind the other.
    numbers: Vec<f32>,
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
        registry: &Registry,
        vector_of: impl Fn(&str) -> Option<&'b Vector>,
    ) -> Option<Lesson> {
        let known: Vec<(&Example, &Vector)> = bank
            .examples()
            .filter_map(|example| Some((example, vector_of(&example.request)?)))
            .collect();
        let width = known.first()?.1.numbers().len();
        let plans: Vec<Plan> = known.iter().map(|(example, _)| example.parsed()).collect();
        let called = plans.iter().flat_map(functions_of);
        let functions: BTreeSet<FunctionName> = called.collect();
        let said: Vec<Vec<String>> = known
            .iter()
            .map(|(example, _)| said(&example.request, &example.called_before()))
            .collect();
        let terms = rows_of(&said, width + 1);
        let columns = functions.len() + SHAPES.len();
        let mut weights = vec![0.0; (width + 1 + terms.len()) * columns];
        weights[width * columns..(width + 1) * columns].fill(RARE);
        let likely = Likely {
            functions: functions.into_iter().collect(),
            terms,
            rows: Rows { columns, weights },
        };
        let examples = plans.iter().zip(&said).map(|(plan, said)| Worked {
            terms: likely.weighed(said),
            right: likely.right(plan, registry),
        });
        Some(Lesson {
            width,
            examples: examples.collect(),
            numbers: known
                .iter()
                .flat_map(|(_, vector)| vector.numbers())
                .copied()
                .collect(),
            likely,
        })
    }

    /// Learns. It takes a second or two, and lets others run meanwhile.
    pub(crate) async fn learn(mut self) -> Likely {
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
                        numbers: &self.numbers[at * self.width..(at + 1) * self.width],
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
    pub(crate) fn of(&self, words: &str, vector: &Vector, before: &[FunctionName]) -> Likelihood {
        let features = Features {
            numbers: vector.numbers(),
            terms: &self.weighed(&said(words, before)),
        };
        let mut chances = self.rows.odds(features).into_iter().map(chance);
        let functions = self.functions.iter().cloned().zip(&mut chances).collect();
        let mut shape = || chances.next().unwrap_or(1.0);
        Likelihood {
            functions,
            several: shape(),
            several_acts: shape(),
        }
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

    /// The columns that are right for an example's plan.
    fn right(&self, plan: &Plan, registry: &Registry) -> Vec<usize> {
        let called = functions_of(plan);
        let of_functions = called
            .iter()
            .filter_map(|name| self.functions.binary_search(name).ok());
        let acts = plan
            .statements
            .iter()
            .filter(|statement| match &statement.call.head {
                Head::Function(name) => registry
                    .function(name)
                    .is_some_and(|function| function.signature.effect > Effect::Read),
                Head::Word(word) => word == "each",
            });
        let is = |shape: &Shape| match shape {
            Shape::Several => plan.statements.len() > 1,
            Shape::SeveralActs => acts.clone().count() > 1,
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
    let words = Words::of_utterance(words);
    let mut said: Vec<String> = terms(words.slice(0..words.len()))
        .into_iter()
        .map(
            |term| match term.bytes().all(|byte| byte.is_ascii_digit()) {
                true => "#".to_owned(),
                false => term,
            },
        )
        .collect();
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
        let registry = crate::every_function();
        let bank = Bank::new();
        let even = even();
        let lesson = Lesson::of(&bank, &registry, |_| Some(&even)).expect("examples");
        let likely = lesson.learn().await;
        let name = |text: &str| FunctionName::new(text).expect("a name");
        let chance =
            |words: &str, function: &str| likely.of(words, &even, &[]).functions[&name(function)];
        for (words, meant, other) in [
            ("turn the sound off please", "audio.mute", "media.next"),
            (
                "which file is the biggest in my downloads",
                "files.largest",
                "audio.volume",
            ),
            (
                "把屏幕调暗一点",
                "screen.change_brightness",
                "audio.change_volume",
            ),
        ] {
            let (meant, other) = (chance(words, meant), chance(words, other));
            assert!(meant > 0.3 && other < 0.01, "{words}: {meant} {other}");
        }
        let shape = |words: &str| likely.of(words, &even, &[]);
        assert!(shape("mute the sound").several < 0.1);
        let two = shape("mute the sound and then lock the screen");
        assert!(two.several > 0.5 && two.several_acts > 0.5, "{two:?}");
    }

    #[test]
    fn nothing_is_learnt_without_vectors() {
        let registry = crate::every_function();
        assert!(Lesson::of(&Bank::new(), &registry, |_| None).is_none());
    }
}
