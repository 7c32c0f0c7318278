//! Whether the arguments of a plan follow from the person's words.
//!
//! Small models copy values from examples (`min_size=100MB` where nobody spoke of a size) and
//! invent paths. A value that follows from nothing is left out when it is optional;
//! otherwise the line is refused and written anew.

use functions::Function;
use plan::{
    Argument, ArgumentSpec, Call, Expression, Head, Literal, LiveNames, MAX_STATEMENTS, Moment,
    Said, Signature, Signatures, Statement, Type, Value,
};

use crate::{
    place, said,
    slot::{self, NameIndex},
    template,
    words::{Words, is_ideograph},
};

mod bidding;
mod conditions;
mod figures;
mod follows;
mod when;
mod written;

pub(crate) use bidding::Bids;
use follows::numbers;
pub(crate) use follows::{SIZES, SPANS, TIMES, says_share};
pub(crate) use when::{Undone, When};

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

/// The words of a request, prepared for being asked what follows from them.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    words: Words,
    /// Those of this turn alone, where what was said in the turn before is said now.
    own: Words,
    text: String,
    /// When, how often and whether the wish of this turn is to be done.
    when: When,
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
        // “[200,300]” is no number in thousands.
        let listed = figures::lists(utterance).into_iter().flatten();
        Ground {
            numbers: numbers(&words).into_iter().chain(listed).collect(),
            place: place::folder(&words, names)
                .filter(|_| clauses.len() == 1 || place::are_places_and_aims(&words, names)),
            parts: clauses.iter().map(in_place).collect(),
            text: lower(&words),
            elsewhere_text: lower(&elsewhere),
            elsewhere,
            when: When::of(&own),
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
        if self.when.forbids(signature) {
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

    /// Tells whether the words may hold several wishes.
    pub(crate) fn has_several_parts(&self) -> bool {
        self.parts.len() > 1
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
            self.as_rate(&mut argument.value, spec);
            self.as_listed(&mut argument.value, &spec.ty);
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
            let is_meant = spec.required
                || self.is_meant(&argument.value, &spec.ty)
                    && (!self.takes_any_text || self.is_asked_for(&argument.value, spec, &kept));
            let is_free = takes_any_text && spec.required && matches!(spec.ty, Type::Text { .. });
            let is_left_out = self.is_left_out(&argument.value);
            let is_repeated = argument.name.is_some()
                && kept
                    .iter()
                    .any(|other: &Argument| other.name == argument.name);
            // What puts files in order is no name of theirs.
            let is_order = !spec.required && name.domain() == "files" && is_order(&argument);
            if is_repeated || is_order {
                tracing::debug!(argument = %argument, "left out what is given twice or is no name");
                continue;
            }
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
        self.add_name(call, signature);
        self.add_count(call, signature);
        self.add_end(call, signature);
        self.add_ending(call, signature);
        Self::with_kind(call, signature);
        Ok(())
    }
}

impl Ground<'_> {
    /// Tells whether an optional value of a function without examples was asked for: a switch by a word of its name; a
    /// number that an earlier argument has used already, likewise. Small models fill in what can be filled in.
    fn is_asked_for(&self, value: &Expression, spec: &ArgumentSpec, before: &[Argument]) -> bool {
        let is_free = match value {
            // Names are English.
            Expression::Literal(Literal::Bool(true)) => self.text.chars().any(is_ideograph),
            Expression::Literal(Literal::Number { value, .. }) => {
                let is_same = |other: &f64| (other.abs() - value.abs()).abs() < 1e-6;
                let taken = before
                    .iter()
                    .flat_map(|argument| self.used(&argument.value));
                taken.filter(is_same).count() < self.times_said(is_same).max(1)
            }
            _ => return true,
        };
        is_free || self.says_name_of(&spec.name)
    }

    /// The numbers of the words that a value has used: its own, and those in a text that was said as it is.
    fn used(&self, value: &Expression) -> Vec<f64> {
        match value {
            Expression::Literal(Literal::Number { value, .. }) => vec![*value],
            Expression::Literal(Literal::Text(text)) => {
                match self.text.contains(&text.to_lowercase()) {
                    true => figures::figures(text),
                    false => Vec::new(),
                }
            }
            Expression::List(items) => items.iter().flat_map(|item| self.used(item)).collect(),
            _ => Vec::new(),
        }
    }

    /// How often a number was said by a word of its own, or in a list.
    fn times_said(&self, is_same: impl Fn(&f64) -> bool) -> usize {
        let alone = self.words.keys().filter_map(slot::number);
        let listed = figures::lists(&self.text).into_iter().flatten();
        let alone = alone.filter(&is_same).count();
        alone.max(listed.filter(&is_same).count())
    }

    /// Tells whether one of the telling words of an argument's name was said.
    fn says_name_of(&self, name: &str) -> bool {
        const LEADING: &[&str] = &[
            "allow", "and", "by", "enable", "flag", "for", "get", "has", "have", "in", "include",
            "included", "is", "of", "on", "only", "per", "require", "return", "show", "the", "to",
            "use", "with",
        ];
        // Shorter ones begin too many others.
        const BEGINNING: usize = 4;
        let mut spaced = String::new();
        for c in name.chars() {
            if c == '_' || c.is_ascii_uppercase() {
                spaced.push(' ');
            }
            spaced.extend(Some(c.to_ascii_lowercase()).filter(|c| *c != '_'));
        }
        let mut words = spaced.split_whitespace();
        words.any(|word| match word.len() < BEGINNING {
            _ if LEADING.contains(&word) => false,
            true => self.words.keys().any(|key| key == word),
            false => self.says(word),
        })
    }

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

/// Words that put files in order: `name="newest"`.
const ORDERS: &[&str] = &[
    "newest", "latest", "last", "recent", "oldest", "largest", "biggest", "smallest", "最新",
    "最近", "最大", "最小", "最旧",
];

/// Tells whether an argument is a name that is but a word for an order.
fn is_order(argument: &Argument) -> bool {
    let Expression::Literal(Literal::Text(text)) = &argument.value else {
        return false;
    };
    argument.name.as_deref() == Some("name") && ORDERS.contains(&text.to_lowercase().as_str())
}

/// Gives a call an argument by its keyword.
fn give(call: &mut Call, name: &str, value: Literal) {
    call.arguments.push(Argument {
        name: Some(name.to_owned()),
        value: Expression::Literal(value),
        span: call.span,
    });
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

    /// What becomes of a line that stands behind others.
    fn settled(words: &str, names: &NameIndex, line: &str) -> String {
        let mut line = crate::line_of(line);
        Ground::new(words, names)
            .settle(&mut line, false, &crate::every_function())
            .expect("grounded");
        line.to_string()
    }

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
            let mut line = crate::line_of(&line);
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
    fn a_level_is_that_of_the_device_beside_it() {
        let device = |id: &str, name: &str| functions::LiveValue {
            id: id.to_owned(),
            names: vec![name.to_owned()],
        };
        let outputs = vec![device("1", "Headphones"), device("2", "Speakers")];
        let names = NameIndex::new(&crate::LiveNames {
            sources: [("audio.output".to_owned(), outputs)].into(),
            ..crate::LiveNames::default()
        });
        for (words, expected) in [
            (
                "headphones at 30 percent, the speakers at 60",
                "audio.set_volume(60, output=\"Speakers\")",
            ),
            (
                "耳机调到30，音箱调到60",
                "audio.set_volume(60, output=\"Speakers\")",
            ),
            (
                "also turn the speakers down to 60",
                "audio.set_volume(60, output=\"Speakers\")",
            ),
            ("switch to the speakers at 60", "audio.set_volume(60)"),
            ("switch to the speakers, volume 60", "audio.set_volume(60)"),
            (
                "headphones or speakers, just make it 60",
                "audio.set_volume(60)",
            ),
        ] {
            assert_eq!(
                settled(words, &names, "audio.set_volume(60)"),
                expected,
                "{words}"
            );
        }
    }

    #[test]
    fn as_many_are_listed_as_were_said_beside_it() {
        let names = NameIndex::default();
        let largest = "files.largest(folder=\"~/Downloads\")";
        for (words, expected) in [
            (
                "what changed in Documents lately, and what are the five largest files in Downloads",
                "files.largest(folder=\"~/Downloads\", limit=5)",
            ),
            ("the largest files in Downloads", largest),
            (
                "the 3 largest files in Documents and the largest in Downloads",
                largest,
            ),
        ] {
            assert_eq!(settled(words, &names, largest), expected, "{words}");
        }
    }

    #[test]
    fn an_order_is_no_name_and_what_is_given_twice_is_given_once() {
        let names = NameIndex::default();
        let words = "a copy of the newest pdf and the latest photo in Pictures on my desktop";
        for (line, expected) in [
            (
                "files.find(kind=\"pdf\", name=\"newest\", folder=\"~/Pictures\")",
                "files.find(kind=\"pdf\", folder=\"~/Pictures\")",
            ),
            (
                "files.find(kind=\"image\", folder=\"~/Pictures\", folder=\"~/Desktop\")",
                "files.find(kind=\"image\", folder=\"~/Pictures\")",
            ),
            (
                "files.find(name=\"photo\", folder=\"~/Pictures\")",
                "files.find(name=\"photo\", folder=\"~/Pictures\")",
            ),
        ] {
            assert_eq!(settled(words, &names, line), expected, "{words}");
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
            let mut line = crate::line_of(line);
            let mut ground = Ground::new("what does “I love it” tell", &names);
            ground.takes_any_text = takes_any_text;
            let settled = ground.settle(&mut line, true, &signatures);
            assert_eq!(settled.is_ok(), expected, "{line}");
        }
    }

    #[test]
    fn what_unknown_functions_could_take_too_must_be_asked_for() {
        let names = NameIndex::default();
        let search: Signature = serde_json::from_str(
            r#"{"name": "tool.search", "summary": "", "effect": "read", "arguments": [
                {"name": "topic", "type": "text(200)", "required": true},
                {"name": "days", "type": "int", "required": true},
                {"name": "least", "type": "int"},
                {"name": "available", "type": "bool"},
                {"name": "include_details", "type": "bool"},
                {"name": "showPictures", "type": "bool"}]}"#,
        )
        .expect("a signature");
        let signatures = vec![search];
        for (words, line, expected) in [
            (
                "books on birds of the last 7 days",
                "tool.search(\"birds\", 7, least=7, available=true, include_details=true)",
                "tool.search(\"birds\", 7)",
            ),
            (
                "books on birds of the last 7 days, include them all",
                "tool.search(\"birds\", 7, include_details=true)",
                "tool.search(\"birds\", 7)",
            ),
            (
                "the available books on birds of the last 7 days, 7 at least, with details",
                "tool.search(\"birds\", 7, least=7, available=true, include_details=true)",
                "tool.search(\"birds\", 7, least=7, available=true, include_details=true)",
            ),
            (
                "books on birds of the last 7 days, show pictures",
                "tool.search(\"birds\", 7, available=true, showPictures=true)",
                "tool.search(\"birds\", 7, showPictures=true)",
            ),
            (
                "books on route 66 of the last 7 days",
                "tool.search(\"route 66\", 7, least=66)",
                "tool.search(\"route 66\", 7)",
            ),
            // A date has used no number, and neither has another percentage.
            (
                "4 books on birds from the 4th of May, 7 of them by women",
                "tool.search(\"04/05\", 7, least=4)",
                "tool.search(\"04/05\", 7, least=4)",
            ),
            (
                "books on birds up 7 percent",
                "tool.search(\"birds\", 7, least=7)",
                "tool.search(\"birds\", 7)",
            ),
            (
                "最近 7 天关于 birds 的书，包含详情",
                "tool.search(\"birds\", 7, include_details=true)",
                "tool.search(\"birds\", 7, include_details=true)",
            ),
            (
                "4 books on birds of the last 7 days",
                "tool.search(\"birds\", 7, least=4)",
                "tool.search(\"birds\", 7, least=4)",
            ),
        ] {
            let mut line = crate::line_of(line);
            let mut ground = Ground::new(words, &names);
            ground.takes_any_text = true;
            ground
                .settle(&mut line, true, &signatures)
                .expect("grounded");
            assert_eq!(line.to_string(), expected, "{words}");
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
