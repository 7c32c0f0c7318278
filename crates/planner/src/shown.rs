//! Which worked examples a request is shown, and what they tell about it.

use std::collections::BTreeSet;

use engine::ChatTurn;
use functions::Registry;
use plan::FunctionName;

use crate::{
    Retrieval,
    bank::{Bank, Example, Near},
    examples::functions_of,
    follow::Earlier,
    gate,
    likely::{Likelihood, Likely},
    meaning::Meaning,
};

/// How many of the bank are looked at to tell whether something is to be done at all.
const COMPARED: usize = 40;
/// How many of the nearest to the whole tell which functions may be meant beside the likely ones, where more than one
/// function makes a plan (panels) or the turn before counts more than the words.
const TELLING: usize = 24;
/// The share of the best one's likeness with which an example that was read ahead stays, if it calls
/// the same functions: reading another one would cost more than the little that it is nearer.
const STAYS: f64 = 0.7;
/// How many of the nearest are looked at to tell that the words only point to what is meant.
const ASKING: usize = 3;
/// From this likeness on an example is shown for a part of the words.
const LIKE_A_PART: f64 = 0.6;
/// From this likeness on a part may be a wish of its own, and not only its reason.
const LIKE_A_WISH: f64 = 0.4;
/// The most parts of a request that get an example of their own.
pub(crate) const MOST_PARTS: usize = 3;

/// Words and their parts, if they have several, and what each means.
pub(crate) struct InParts {
    /// The words.
    pub(crate) whole: (String, Meaning),
    /// Their parts.
    pub(crate) parts: Vec<(String, Meaning)>,
    /// How many of the nearest examples are left out: words that are an example are the nearest to themselves.
    pub(crate) left_out: usize,
}

/// The worked examples for some words, and how like them the bank's are.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// The request of the one that suits the whole best.
    pub(crate) request: Option<String>,
    /// The turns that show them, the nearest to the whole last.
    pub(crate) turns: Vec<ChatTurn>,
    /// The likeness of the nearest example that does something, or asks for what it lacks: 0 to 1.
    pub(crate) act: Option<f64>,
    /// The likeness of the nearest example that is answered with words.
    pub(crate) words: Option<f64>,
    /// Whether words are likely meant, or are much nearer in meaning.
    pub(crate) is_like_words: bool,
    /// Whether something must likely be asked first.
    pub(crate) asks: bool,
    /// Whether most of the nearest ask what their requests only point to.
    pub(crate) points: bool,
    /// Whether it opens an app.
    pub(crate) opens_app: bool,
    /// The functions that the nearest call.
    called: BTreeSet<FunctionName>,
    /// How likely what is, for the whole and for each part: small models prefer what they know to what is meant.
    likely: Vec<Likelihood>,
    /// Whether the words have several parts.
    has_parts: bool,
    /// Whether of several parts of the words at most one is like an example that does something.
    pub(crate) is_one_wish: bool,
}

impl Shown {
    /// Tells whether a function may be meant; `widely` counts what the nearest examples call, too.
    pub(crate) fn may_mean(&self, function: &FunctionName, widely: bool) -> bool {
        self.likely.split_first().is_none_or(|(whole, parts)| {
            whole.may_mean(function)
                || parts.iter().any(|part| part.may_mean_as_part(function))
                || (widely && self.called.contains(function))
        })
    }

    /// Returns the function that is surely meant.
    pub(crate) fn sure(&self) -> Option<&FunctionName> {
        self.likely.first().and_then(Likelihood::sure)
    }

    /// Returns the likeliest of some functions, if it is as likely as `least`.
    pub(crate) fn likeliest_among(
        &self,
        is_one: impl Fn(&FunctionName) -> bool,
        least: f32,
    ) -> Option<&FunctionName> {
        self.likely.first()?.likeliest_among(is_one, least)
    }

    /// Tells whether one line is all that may be meant.
    pub(crate) fn is_one_line(&self) -> bool {
        !self.has_parts && self.likely.first().is_some_and(Likelihood::is_one_line)
    }

    /// Chooses the nearest of the bank, or the one that was read ahead, and before it the nearest for each part
    /// that asks for something else.
    pub(crate) fn choose(
        bank: &Bank,
        retrieval: &Retrieval,
        likely: Option<&Likely>,
        registry: &Registry,
        said: &InParts,
        earlier: Option<&Earlier>,
        ahead: Option<&str>,
    ) -> Shown {
        let follows = earlier.is_some();
        let before = earlier.map(|earlier| functions_of(&earlier.plan));
        let vector_of = |text: &str| retrieval.vector(text);
        let nearest = |(words, meaning): &(String, Meaning), follows: bool| {
            let count = COMPARED + said.left_out;
            let mut near = bank.nearest(words, meaning.vector(), vector_of, follows, count);
            near.drain(..said.left_out.min(near.len()));
            near
        };
        let mut near = nearest(&said.whole, follows);
        let likeness = |is_said: bool| {
            near.iter()
                .find(|near| near.example.is_said() == is_said)
                .map(|near| near.likeness)
        };
        let (act, words) = (likeness(false), likeness(true));
        // Words alone do not tell so surely.
        let is_meant = said.whole.1.vector().is_some();
        let points = points(&near);
        let likelihoods = likely.map(|likely| {
            let before = before.as_deref().unwrap_or_default();
            let of =
                |(words, meaning): &(String, Meaning)| likely.of(words, meaning.vector()?, before);
            let whole = of(&said.whole)?;
            Some(
                [whole]
                    .into_iter()
                    .chain(said.parts.iter().filter_map(of))
                    .collect(),
            )
        });
        let likelihoods: Vec<Likelihood> = likelihoods.flatten().unwrap_or_default();
        let telling = near.iter().take(TELLING);
        let called = telling.flat_map(|near| &near.example.functions).cloned();
        let called = called.collect();
        // In a follow-up the words alone tell too little of what is like it.
        if let (Some(whole), false) = (likelihoods.first(), follows) {
            // In a stable order: what is nearer stays before what is not.
            near.sort_by_cached_key(|near| !whole.suits(near.example));
        }
        if let Some(ahead) = ahead {
            stay_with(&mut near, ahead);
        }
        let Some((example, turns)) = near.iter().find_map(|near| with_turns(near, registry)) else {
            return Shown::default();
        };
        let mut chosen = vec![(example, turns)];
        let mut wishes = 0;
        for part in &said.parts {
            let near = nearest(part, false);
            let acts = near.iter().filter(|near| !near.example.is_words());
            let best = acts.clone().next();
            wishes += usize::from(best.is_none_or(|near| near.likeness >= LIKE_A_WISH));
            let of_part = acts
                .take_while(|near| near.likeness >= LIKE_A_PART)
                .find_map(|near| with_turns(near, registry));
            if let Some(of_part) = of_part
                && !chosen.iter().any(|(chosen, _)| chosen.includes(of_part.0))
            {
                chosen.insert(0, of_part);
            }
        }
        Shown {
            request: Some(example.request.clone()),
            opens_app: example.opens_app(),
            turns: chosen.into_iter().flat_map(|(_, turns)| turns).collect(),
            act,
            words,
            is_like_words: match likelihoods.first() {
                Some(whole) => whole.is_words(),
                None => is_meant && gate::is_like_words(act, words),
            },
            asks: likelihoods.first().is_some_and(Likelihood::is_question),
            points: is_meant && points > 1,
            called,
            likely: likelihoods,
            has_parts: !said.parts.is_empty(),
            is_one_wish: (1..MOST_PARTS).contains(&said.parts.len()) && wishes <= 1 && is_meant,
        }
    }
}

/// How many of the nearest ask what their requests only point to.
fn points(near: &[Near<'_>]) -> usize {
    let nearest = near.iter().take(ASKING);
    nearest.filter(|near| near.example.points).count()
}

/// An example with the turns that show it, if the registry can run its plan.
fn with_turns<'b>(near: &Near<'b>, registry: &Registry) -> Option<(&'b Example, Vec<ChatTurn>)> {
    Some((near.example, near.example.turns(registry)?))
}

/// Puts the example with the request `ahead` first, if it shows nearly the same as the nearest one.
fn stay_with(near: &mut [Near<'_>], ahead: &str) {
    let Some(at) = near.iter().position(|near| near.example.request == ahead) else {
        return;
    };
    if near[at].likeness >= STAYS * near[0].likeness && near[at].example.does_as(near[0].example) {
        near[..=at].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_ahead_stays_first_while_it_shows_the_same() {
        let bank = Bank::new([]);
        let near = || {
            bank.nearest(
                "mute the sound of the speakers",
                None,
                |_| None,
                false,
                COMPARED,
            )
        };
        let first = |near: &[Near<'_>]| near[0].example.request.clone();
        let other = |does_same: bool| {
            let near = near();
            let best = near[0].example;
            let mut others = near.iter().skip(1);
            let other = others.find(|other| other.example.does_as(best) == does_same);
            other.expect("another").example.request.clone()
        };
        for (ahead, shown) in [
            (other(true), other(true)),
            (other(false), first(&near())),
            ("never heard of".to_owned(), first(&near())),
        ] {
            let mut near = near();
            stay_with(&mut near, &ahead);
            assert_eq!(first(&near), shown, "{ahead}");
        }
    }
}
