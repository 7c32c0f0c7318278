//! Whether the arguments of a plan follow from the person's words.
//!
//! Small models copy values from examples (`min_size=100MB` where nobody spoke of a size) and
//! invent paths. A value that follows from nothing is left out when it is optional;
//! otherwise the line is refused and written anew.

use functions::Function;
use plan::{
    ArgumentSpec, Call, Effect, Expression, Head, Literal, LiveNames, MAX_STATEMENTS, Moment, Said,
    Signature, Signatures, Statement, Type, Value,
};

use crate::{
    place, said,
    slot::{self, NameIndex},
    template,
    words::Words,
};

mod conditions;
mod follows;
mod written;

pub(crate) use follows::{SIZES, SPANS, TIMES, says_share};
use follows::{denies, is_surely_later, later, numbers, repeats};

/// A value that a call needs and that follows from nothing in the words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the request does not say `{argument}={value}`; take values from the request only")]
pub(crate) struct Ungrounded {
    /// The argument.
    pub(crate) argument: String,
    /// The value as written.
    pub(crate) value: String,
    /// The argument's type.
    pub(crate) ty: Type,
}

/// The argument for what a person asks about a text: where the model words it with what nobody said, the person's own
/// words stand there.
const QUESTION: &str = "question";

/// What acts on timers means those of the time that was said.
const TIMERS: &str = "timers";

/// The words of a request, prepared for being asked what follows from them.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    words: Words,
    /// Those of this turn alone, where what was said in the turn before is said now.
    own: Words,
    text: String,
    /// Whether the one wish of this turn is for later, whether that cannot be the time of a thing, whether the wish is
    /// denied, and whether it is for again and again.
    is_for_later: bool,
    is_surely_later: bool,
    is_denied: bool,
    repeats: bool,
    numbers: Vec<f64>,
    /// The words without the folders in which things are said to be: “documents” in “in my documents” is no kind of file.
    elsewhere: Words,
    /// Those in small letters.
    elsewhere_text: String,
    /// The folder in which things are said to be.
    place: Option<String>,
    /// The parts of the words in small letters, each with the folder in which its things are said to be.
    parts: Vec<(String, Option<String>)>,
    names: &'a NameIndex,
    /// Whether beside a text that was said a call may require one that was not: of functions without examples nobody
    /// knows which texts are a person's words, and which are names of a unit or a kind.
    pub(crate) takes_any_text: bool,
}

impl<'a> Ground<'a> {
    /// Reads the words.
    pub(crate) fn new(utterance: &str, names: &'a NameIndex) -> Ground<'a> {
        let words = Words::of(utterance);
        let clauses = template::clauses(&words);
        let in_place = |clause: &Words| {
            let text = clause.slice(0..clause.len()).to_lowercase();
            (text, place::folder(clause, names))
        };
        let elsewhere = place::without(&words, names);
        let lower = |words: &Words| words.slice(0..words.len()).to_lowercase();
        let own = Words::of(utterance.lines().next().unwrap_or_default());
        Ground {
            numbers: numbers(&words),
            place: place::folder(&words, names)
                .filter(|_| clauses.len() == 1 || place::are_places_and_aims(&words, names)),
            parts: clauses.iter().map(in_place).collect(),
            text: lower(&words),
            elsewhere_text: lower(&elsewhere),
            elsewhere,
            is_for_later: later(&own).is_some(),
            is_surely_later: is_surely_later(&own),
            is_denied: denies(&own),
            repeats: repeats(&own),
            own,
            words,
            names,
            takes_any_text: false,
        }
    }

    /// Tells whether the words can give what a function requires. Words that name a span, such as “in 15
    /// minutes”, and no time give none: small models make 15:00 of it again and again. What is wished for later cannot
    /// be done by what acts at once.
    pub(crate) fn can_give(&self, signature: &Signature) -> bool {
        let is_too_early = self.is_for_later && acts_at_once(signature)
            || self.is_surely_later && acts_without_time(signature);
        let is_denied = self.is_denied && acts_on_something(signature);
        let is_too_often = self.repeats && is_timed(signature);
        if is_too_early || is_denied || is_too_often {
            return false;
        }
        let requires_time = signature
            .arguments
            .iter()
            .any(|argument| argument.required && argument.ty == Type::Time);
        !requires_time || !self.says_span() || self.says_time()
    }

    /// Returns the live names that the words mention.
    pub(crate) fn mentioned(&self) -> LiveNames {
        self.names.mentioned_in(&self.text)
    }

    /// Returns how many apps, players and devices the words mention.
    pub(crate) fn count_of_names(&self) -> usize {
        self.names.count_mentioned(&self.text)
    }

    /// Returns how often the same act may be meant: “skip three songs”.
    pub(crate) fn times(&self) -> usize {
        const TWICE: [&str; 4] = ["twice", "couple", "两", "俩"];
        let counts = (0..self.own.len()).filter(|at| template::is_count(&self.own, *at));
        let numbers = counts.filter_map(|at| slot::number(self.own.key(at)));
        let said = numbers.fold(1.0, f64::max).min(MAX_STATEMENTS as f64) as usize;
        let is_twice = self.own.keys().any(|key| TWICE.contains(&key));
        said.max(if is_twice { 2 } else { 1 })
    }

    /// Tells whether the words hold a path, a file's name, or the name of an app.
    pub(crate) fn names_something(&self) -> bool {
        said::names_a_file(&self.text) || self.names.mentions_an_app(&self.text)
    }

    /// Tells whether the words hold a number.
    pub(crate) fn says_a_number(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Returns the words of this turn alone.
    pub(crate) fn own(&self) -> &Words {
        &self.own
    }

    /// Returns the words in small letters.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether the words hold one of these, or a word that begins so.
    pub(crate) fn says_one_of(&self, beginnings: &[String]) -> bool {
        says_one_of(&self.words, &self.text, beginnings)
    }

    /// Tells the same of the words without the folders in which things are said to be.
    fn says_elsewhere(&self, beginnings: &[String]) -> bool {
        says_one_of(&self.elsewhere, &self.elsewhere_text, beginnings)
    }

    /// Returns the signature with those choices alone that the words can mean.
    pub(crate) fn with_choices(&self, function: &Function) -> Signature {
        let mut signature = function.signature.clone();
        for argument in &mut signature.arguments {
            let (Type::Choice(choices), Some(said), Some(Value::Text(usual))) = (
                &mut argument.ty,
                function.choices_said.get(&argument.name),
                &argument.default,
            ) else {
                continue;
            };
            choices.retain(|choice| {
                choice == usual
                    || said
                        .get(choice)
                        .is_none_or(|words| self.says_elsewhere(words))
            });
        }
        signature
    }

    /// Tells whether the words mention a live name that the function takes.
    pub(crate) fn mentions_a_name_for(&self, signature: &Signature) -> bool {
        signature
            .arguments
            .iter()
            .any(|argument| match &argument.ty {
                Type::Live(source) => self.names.mentions_any_of(source, &self.text),
                _ => false,
            })
    }

    /// Returns the values in the words, as a grammar needs them.
    pub(crate) fn said(&self, now: Moment) -> Said {
        said::said(&self.words, &self.text, &self.numbers, now)
    }

    /// Leaves out optional arguments of a call that follow from nothing, and adds what was said of where and which
    /// things are; `is_first` tells whether no line stands before it.
    ///
    /// # Errors
    ///
    /// [`Ungrounded`] for a required one.
    pub(crate) fn settle(
        &self,
        statement: &mut Statement,
        is_first: bool,
        signatures: &dyn Signatures,
    ) -> Result<(), Ungrounded> {
        let call = &mut statement.call;
        let Head::Function(name) = &call.head else {
            return Ok(());
        };
        let Some(signature) = signatures.signature(name) else {
            return Ok(());
        };
        let mut kept = Vec::with_capacity(call.arguments.len());
        let last = call.arguments.len().saturating_sub(1);
        let takes_any_text = self.takes_any_text && self.says_a_text(call, signature);
        for (index, mut argument) in call.arguments.drain(..).enumerate() {
            let Some(spec) = signature.argument_at(index, &argument) else {
                kept.push(argument);
                continue;
            };
            self.tidy(&mut argument.value, &spec.ty);
            self.with_blanks(&mut argument.value, &spec.ty);
            self.temper(&mut argument.value, &spec.ty);
            if signature
                .subject()
                .is_some_and(|subject| subject.name == spec.name)
            {
                self.put_in_place(&mut argument.value, &spec.ty);
            }
            if let (QUESTION, Type::Text { max }) = (spec.name.as_str(), &spec.ty)
                && !self.follows(&argument.value, &spec.ty)
            {
                let asked = self.own.slice(0..self.own.len());
                let asked = asked.chars().take(*max).collect();
                argument.value = Expression::Literal(Literal::Text(asked));
            }
            // Without a positional argument in the middle the others would move up.
            let may_go = argument.name.is_some() || index == last;
            let is_meant = spec.required || self.is_meant(&argument.value, &spec.ty);
            let is_free = takes_any_text && spec.required && matches!(spec.ty, Type::Text { .. });
            let is_left_out = self.is_left_out(&argument.value);
            if !is_left_out && (is_free || is_meant && self.follows(&argument.value, &spec.ty)) {
                kept.push(argument);
            } else if spec.required || !may_go || is_left_out {
                return Err(Ungrounded {
                    argument: spec.name.clone(),
                    value: argument.value.to_string(),
                    ty: spec.ty.clone(),
                });
            } else {
                tracing::debug!(argument = %argument, "left out a value that nobody said");
            }
        }
        call.arguments = kept;
        // In several parts the first wish is the one with the place.
        if is_first || self.parts.len() == 1 {
            self.add_place(call, signature);
            self.add_kind(call, signature);
        }
        self.add_end(call, signature);
        self.add_ending(call, signature);
        Ok(())
    }
}

impl Ground<'_> {
    /// Tells whether one of the texts of a call was said.
    fn says_a_text(&self, call: &Call, signature: &Signature) -> bool {
        let mut arguments = call.arguments.iter().enumerate();
        arguments.any(|(index, argument)| {
            signature.argument_at(index, argument).is_some_and(|spec| {
                matches!(spec.ty, Type::Text { .. }) && self.follows(&argument.value, &spec.ty)
            })
        })
    }
}

/// Returns the one wish of some words without when it is for, if it is for later: “shut down” of “shut down at 10 pm”.
pub(crate) fn without_when(words: &Words) -> Option<Words> {
    let when = later(words)?;
    let rest = match when.start {
        0 => when.end..words.len(),
        start => 0..start,
    };
    // 五分钟后再静音, “in 5 minutes, please mute”.
    let wish = words.slice(rest).trim_start_matches([',', '，', '再', ' ']);
    Some(Words::of_utterance(wish))
}

/// Why what some words likely wish for is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// It is for later, and can be done only now.
    TooEarly,
    /// It is for again and again, and can be done only once.
    TooOften,
    /// The words say not to do it.
    Denied,
}

impl Undone {
    /// The sentence about it in the catalogue.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Undone::TooEarly => "only-now",
            Undone::TooOften => "only-once",
            Undone::Denied => "denied-by-you",
        }
    }

    /// Finds why what a function does is not what some words wish to be done, if it is so.
    pub(crate) fn of(words: &Words, signature: &Signature) -> Option<Undone> {
        const REMINDING: &[&str] = &[
            "remind", "timer", "alarm", "wake", "nag", "tell", "ping", "buzz", "提", "叫", "喊",
            "闹", "倒",
        ];
        let reminds = || words.keys().any(|key| REMINDING.contains(&key));
        if repeats(words) && is_timed(signature) {
            Some(Undone::TooOften)
        } else if is_too_early_for(words, signature) && !reminds() {
            Some(Undone::TooEarly)
        } else if denies(words) && acts_on_something(signature) {
            Some(Undone::Denied)
        } else {
            None
        }
    }
}

/// Tells whether a function makes a timer.
fn is_timed(signature: &Signature) -> bool {
    signature.name.domain() == TIMERS
        && signature.effect > Effect::Read
        && signature.arguments.iter().any(is_of_time)
}

/// Tells whether words wish for later what a function would do now.
pub(crate) fn is_too_early_for(words: &Words, signature: &Signature) -> bool {
    later(words).is_some() && acts_at_once(signature)
        || is_surely_later(words) && acts_without_time(signature)
}

/// Tells whether what a function does is done when it is called, and no time can be that of what it is done to.
fn acts_at_once(signature: &Signature) -> bool {
    // A file and a text have times of their own: “the photo taken at 5 pm”.
    let may_be_told_by_time = |argument: &ArgumentSpec| {
        matches!(
            argument.ty,
            Type::Path(_) | Type::Text { .. } | Type::List(_)
        )
    };
    acts_without_time(signature) && !signature.arguments.iter().any(may_be_told_by_time)
}

/// Tells whether a function does something when it is called, and takes no time for it.
fn acts_without_time(signature: &Signature) -> bool {
    signature.effect > Effect::Read
        && signature.name.domain() != TIMERS
        && !signature.arguments.iter().any(is_of_time)
}

/// Tells whether a function acts on a file, an app or the like, or cannot be undone: to deny that is not to wish its
/// opposite, as “don't be so loud” is.
fn acts_on_something(signature: &Signature) -> bool {
    let is_thing = |argument: &ArgumentSpec| {
        argument.required && matches!(argument.ty, Type::Path(_) | Type::List(_) | Type::App)
    };
    signature.name.domain() != TIMERS
        && (signature.effect > Effect::Reversible
            || signature.effect > Effect::Read && signature.arguments.iter().any(is_thing))
}

fn is_of_time(argument: &ArgumentSpec) -> bool {
    matches!(argument.ty, Type::Time | Type::Duration)
}

/// Tells whether some words, `text` in small letters, hold one of these, or a word that begins so.
fn says_one_of(words: &Words, text: &str, beginnings: &[String]) -> bool {
    beginnings.iter().any(|beginning| {
        let is_word = beginning.bytes().all(|byte| byte.is_ascii_alphabetic());
        match is_word {
            true => words.keys().any(|key| key.starts_with(beginning.as_str())),
            false => text.contains(beginning.as_str()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_those_that_the_words_can_mean() {
        let registry = crate::every_function();
        let names = NameIndex::default();
        let name = plan::FunctionName::new("files.find").expect("a name");
        let find = registry.function(&name).expect("a function");
        for (words, expected) in [
            ("my holiday photos", "any|image"),
            ("everything in downloads", "any"),
            ("下载里的压缩包", "any|archive"),
            ("the newest text file in Documents", "any"),
            ("the documents in Documents", "any|document"),
            ("show my pictures", "any|image"),
            ("文档里最近改过的文件", "any"),
            ("视频里大于500M的文件", "any"),
        ] {
            let signature = Ground::new(words, &names).with_choices(find);
            let kind = &signature.argument("kind").expect("an argument").ty;
            assert_eq!(
                *kind,
                format!("choice({expected})").parse().expect("a type"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_question_in_words_that_nobody_said_is_the_persons_own() {
        let registry = crate::every_function();
        let names = NameIndex::default();
        let words = "how many months notice does lease.pdf say";
        for (asked, expected) in [
            ("Who is the landlord, and who pays for repairs?", words),
            ("How many months notice?", "How many months notice?"),
        ] {
            let line = format!("text.answer(\"lease.pdf\", \"{asked}\")");
            let mut line = plan::parse_statement(&line, 1)
                .expect("valid")
                .expect("a line");
            Ground::new(words, &names)
                .settle(&mut line, true, &registry)
                .expect("grounded");
            assert_eq!(
                line.to_string(),
                format!("text.answer(\"lease.pdf\", \"{expected}\")")
            );
        }
    }

    #[test]
    fn of_unknown_functions_one_text_that_was_said_is_enough() {
        let names = NameIndex::default();
        let analyse: Signature = serde_json::from_str(
            r#"{"name": "tool.analyse", "summary": "", "effect": "read", "arguments": [
                {"name": "review", "type": "text(200)", "required": true},
                {"name": "language", "type": "text(20)", "required": true}]}"#,
        )
        .expect("a signature");
        let signatures = vec![analyse];
        for (line, takes_any_text, expected) in [
            ("tool.analyse(\"I love it\", \"english\")", true, true),
            ("tool.analyse(\"I love it\", \"english\")", false, false),
            ("tool.analyse(\"so boring\", \"english\")", true, false),
        ] {
            let mut line = plan::parse_statement(line, 1)
                .expect("valid")
                .expect("a line");
            let mut ground = Ground::new("what does “I love it” tell", &names);
            ground.takes_any_text = takes_any_text;
            let settled = ground.settle(&mut line, true, &signatures);
            assert_eq!(settled.is_ok(), expected, "{line}");
        }
    }

    #[test]
    fn the_same_act_may_be_meant_as_often_as_was_said() {
        let names = NameIndex::default();
        for (words, expected) in [
            ("skip three songs", 3),
            ("skip six songs", 6),
            ("fast forward two minutes", 1),
            ("turn it up twice", 2),
            ("往后跳两首", 2),
            ("skip ahead 30 seconds", 1),
            ("next", 1),
        ] {
            assert_eq!(Ground::new(words, &names).times(), expected, "{words}");
        }
    }

    #[test]
    fn a_costly_function_is_called_for_clear_words_alone() {
        let names = NameIndex::default();
        let beginnings = [
            "delet".to_owned(),
            "bin".to_owned(),
            "删".to_owned(),
            "get rid".to_owned(),
        ];
        for (words, expected) in [
            ("delete the old ones", true),
            ("which archives have not been touched", false),
            ("combine both files", false),
            ("put it in the bin", true),
            ("get rid of it", true),
            ("删掉旧的", true),
        ] {
            let said = Ground::new(words, &names).says_one_of(&beginnings);
            assert_eq!(said, expected, "{words}");
        }
    }
}
