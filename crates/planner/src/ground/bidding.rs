//! What each part of the words bids, and whether for now: “lock now, and shut down in an hour”.

use functions::Function;

use super::{says_one_of, when::When};
use crate::{
    acts, template,
    words::{Words, is_ideograph},
};

/// How many words begin a bidding, and how many signs a Chinese one: 把电脑关机.
const FIRST: usize = 3;
const FIRST_CHINESE: usize = 8;
/// Words that begin what is told, and not bidden: “the baby sleeps at 8”.
const TELLING: &[&str] = &[
    "the", "a", "my", "our", "his", "her", "their", "it", "he", "she", "they", "that", "this",
    "there",
];

/// The bids of words that have several parts; none where they have one.
#[derive(Debug)]
pub(crate) struct Bids(Vec<Bidding>);

/// How a part of the words begins but for when it is for, and when that is.
#[derive(Debug)]
struct Bidding {
    first: Words,
    /// The same in small letters.
    text: String,
    when: When,
}

impl Bids {
    /// Reads the words of one turn.
    pub(crate) fn of(words: &Words) -> Bids {
        match template::clauses(words).as_slice() {
            [] | [_] => Bids(Vec::new()),
            clauses => Bids(clauses.iter().filter_map(Bidding::of).collect()),
        }
    }

    /// Tells whether all of those that bid a function are for later, while it acts at once.
    pub(crate) fn are_too_early(&self, function: &Function) -> bool {
        let mut of_it = self
            .0
            .iter()
            .filter(|bidding| bidding.bids(function))
            .peekable();
        of_it.peek().is_some() && of_it.all(|bidding| bidding.when.puts_off(&function.signature))
    }
}

impl Bidding {
    fn of(clause: &Words) -> Option<Bidding> {
        let when = When::of(clause);
        let wish = when.wish(clause).unwrap_or_else(|| clause.clone());
        let most = match wish.keys().any(|key| key.chars().any(is_ideograph)) {
            true => FIRST_CHINESE,
            false => FIRST,
        };
        let first = Words::of(wish.slice(0..wish.len().min(most)));
        let tells = first.len() > 0 && TELLING.contains(&first.key(0));
        let text = first.slice(0..first.len()).to_lowercase();
        (!tells).then_some(Bidding { first, text, when })
    }

    fn bids(&self, function: &Function) -> bool {
        let says = |beginnings: &[String]| says_one_of(&self.first, &self.text, beginnings);
        match function.when_said.as_slice() {
            [] => acts::verb(function).is_some_and(|verb| says(&[verb.to_owned()])),
            said => says(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bidden_for_later_alone_is_too_early() {
        let registry = crate::every_function();
        for (words, function, expected) in [
            ("lock now and shut down in an hour", "power.shut_down", true),
            ("lock now and mute in 10 minutes", "audio.mute", true),
            ("锁屏，一小时后关机", "power.shut_down", true),
            ("lock now and shut down", "power.shut_down", false),
            (
                "mute in 10 minutes and mute the film now",
                "audio.mute",
                false,
            ),
            (
                "remind me to shut down the computer at 10 pm and make it a bit quieter",
                "power.shut_down",
                false,
            ),
            (
                "晚上十点提醒我关电脑，顺便把声音弄小一点",
                "power.shut_down",
                false,
            ),
            (
                "make it quieter, the baby sleeps at 8 pm",
                "power.suspend",
                false,
            ),
            (
                "make it quieter and jot down that the plumber comes tomorrow",
                "notes.add",
                false,
            ),
        ] {
            let name = plan::FunctionName::new(function).expect("a name");
            let function = registry.function(&name).expect("a function");
            let bids = Bids::of(&Words::of(words));
            assert_eq!(bids.are_too_early(function), expected, "{words}");
        }
    }
}
