//! What an app that is named offers: asked for by its label, or in other words that mean something like it, whereupon
//! the person is asked what of it is meant.
//!
//! No text of an app enters a prompt. Its labels are compared with the words, and read by the model of vectors, which
//! writes nothing.

use std::{collections::BTreeMap, ops::Range, sync::PoisonError};

use functions::{Function, Registry};
use plan::{Expression, Head, Literal, Plan, Type};
use protocol::text::{Language, message};

use super::{
    Planner,
    quick::{Desk, follow_template},
};
use crate::{
    PlanError, PlanEvent, Planned, Vector,
    template::{self, Book, Names, NoMatch, Origin, TemplateMatch},
    words::Words,
};

/// How near the nearest label must be in meaning for the person to be asked whether it is meant.
const NEAR: f32 = 0.45;
/// The same where there is no model that may know better.
const NEAR_WITHOUT_MODEL: f32 = 0.35;
/// How likely a function of Lucid's own must be for its way to be gone instead.
const LIKELY_OWN: f32 = 0.4;
/// What the share of a label's words counts that were said.
const SAID_WEIGHT: f32 = 0.15;
/// The most that is offered to choose from, and how much less near than the nearest it may be.
const MOST_CHOICES: usize = 4;
const BEHIND_NEAREST: f32 = 0.2;

/// Words that only lead to the name of an app, and those behind it.
const BEFORE_NAME: &[&str] = &[
    "in", "on", "of", "from", "with", "using", "inside", "within", "the", "tell", "ask", "let",
    "在", "用", "让", "把", "给",
];
const BEHIND_NAME: &[&str] = &["app", "window", "to", "里", "中", "面", "上", "的", "'s"];

/// How labels of switches begin that one switches on without saying so.
const SHOWN: [&str; 3] = ["Show ", "show ", "显示"];

/// What switches something on, and off.
const ON: &[&[&str]] = &[
    &["on"],
    &["show"],
    &["enable"],
    &["activate"],
    &["start"],
    &["打", "开"],
    &["显", "示"],
    &["启", "用"],
    &["开", "启"],
];
const OFF: &[&[&str]] = &[
    &["off"],
    &["hide"],
    &["disable"],
    &["without"],
    &["stop"],
    &["no"],
    &["not"],
    &["remove"],
    &["rid"],
    &["关"],
    &["隐", "藏"],
    &["停", "用"],
    &["不"],
    &["取", "消"],
    &["别"],
];

impl Planner {
    /// Asks which of what an app offers is meant, where the words name the app and mean something like it without
    /// saying its label. Each choice is a sentence that says it.
    pub(super) async fn asked_of_app(
        &self,
        utterance: &str,
        has_model: bool,
        desk: Desk<'_>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
    ) -> Option<Result<Planned, PlanError>> {
        if !desk.request.use_templates {
            return None;
        }
        let words = Words::of_utterance(utterance);
        let named = Named::of(&words, desk)?;
        let own = self.meanings.of(utterance).await;
        if has_model && self.means_own(utterance, own.vector()?) {
            return None;
        }
        let wish = named.wish(&words);
        let meaning = self.meanings.of(&wish).await;
        let meaning = meaning.vector()?;
        let wished = Words::of(&wish);
        let asked: Vec<(&Function, String)> = named
            .registry
            .functions()
            .filter_map(|function| {
                let sentence = sentence(function, &wished, desk.request.language)?;
                Some((&**function, sentence))
            })
            .collect();
        let all = asked.iter().flat_map(|(function, _)| labels(function));
        let vectors = self.meanings.of_labels(&all.collect()).await;
        let mut near: Vec<(f32, &str)> = asked
            .iter()
            .map(|(function, sentence)| {
                let near = nearness(function, &wished, meaning, &vectors);
                (near, sentence.as_str())
            })
            .collect();
        near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        near.dedup_by(|(_, one), (_, other)| one == other);
        let nearest = near.first()?.0;
        let least = if has_model { NEAR } else { NEAR_WITHOUT_MODEL };
        if nearest < least {
            return None;
        }
        let book = named.book();
        let choices = near
            .iter()
            .take_while(|(near, _)| *near >= nearest - BEHIND_NEAREST)
            .map(|(_, sentence)| *sentence)
            // What is chosen must be understood.
            .filter(|sentence| {
                named
                    .find(&book, &Words::of_utterance(sentence), desk)
                    .is_ok()
            })
            .take(MOST_CHOICES);
        let found = named.question(choices, desk)?;
        Some(follow_template(found, desk, events))
    }

    /// Tells whether the words likely mean what Lucid does by itself.
    fn means_own(&self, utterance: &str, meaning: &Vector) -> bool {
        let likely = self.likely.read().unwrap_or_else(PoisonError::into_inner);
        let own = likely
            .as_ref()
            .and_then(|likely| likely.of(utterance, meaning, &[]));
        own.is_some_and(|own| own.likeliest_among(|_| true, LIKELY_OWN).is_some())
    }
}

/// The plan of what an app that is named offers, by its label. Its sentences are not compiled before it is named:
/// there may be thousands, and they come and go.
pub(super) fn offered(
    utterance: &str,
    desk: Desk<'_>,
    events: &mut (dyn FnMut(PlanEvent) + Send),
) -> Option<Result<Planned, PlanError>> {
    if !desk.request.use_templates {
        return None;
    }
    let words = Words::of_utterance(utterance);
    let named = Named::of(&words, desk)?;
    let found = named.find(&named.book(), &words, desk).ok()?;
    let desk = Desk {
        registry: desk.available,
        ..desk
    };
    Some(follow_template(found, desk, events))
}

/// Tells whether a plan asks which of what an app offers is meant: its choices are the app's own text. The app may be
/// gone by now, so it is told by the question.
pub(super) fn asks_of_app(plan: &Plan) -> bool {
    const APP: &str = "\u{1}";
    let is_question = |text: &str| {
        [Language::English, Language::Chinese]
            .iter()
            .any(|language| {
                let question = message(*language, "offered-which", &[("app", APP)]);
                let around = question.split_once(APP);
                around.is_some_and(|(before, behind)| {
                    text.starts_with(before) && text.ends_with(behind)
                })
            })
    };
    plan.statements.iter().any(|statement| {
        let Head::Word(word) = &statement.call.head else {
            return false;
        };
        let mut values = statement
            .call
            .arguments
            .iter()
            .map(|argument| &argument.value);
        word == "ask"
            && values.any(|value| match value {
                Expression::Literal(Literal::Text(text)) => is_question(text),
                _ => false,
            })
    })
}

/// The apps that the words name.
struct Named {
    /// What they offer.
    registry: Registry,
    /// Where the longest of their names stands in the words.
    place: Range<usize>,
}

impl Named {
    fn of(words: &Words, desk: Desk<'_>) -> Option<Named> {
        let place = |name: &String| {
            let name = Words::of(name);
            let name: Vec<&str> = name.keys().collect();
            let at = (0..words.len()).find(|at| words.has_at(*at, &name))?;
            Some(at..at + name.len())
        };
        let places = |function: &Function| {
            let offered = function.offered.as_ref();
            let names = offered.into_iter().flat_map(|offered| &offered.names);
            names.filter_map(place).max_by_key(ExactSizeIterator::len)
        };
        let registry = desk.available.only(|function| places(function).is_some());
        let all = registry.functions().filter_map(|function| places(function));
        let place = all.max_by_key(ExactSizeIterator::len)?;
        Some(Named { registry, place })
    }

    /// Compiles the sentences. That is not done before an app is named: there may be thousands, and they come and go.
    fn book(&self) -> Book {
        let (book, defects) = Book::compile(&self.registry);
        for defect in defects {
            tracing::warn!("left out {defect}");
        }
        book
    }

    fn find(&self, book: &Book, words: &Words, desk: Desk<'_>) -> Result<TemplateMatch, NoMatch> {
        let names = Names {
            signatures: &self.registry,
            index: desk.names,
            now: desk.request.now,
        };
        template::find(book, words, names)
    }

    /// The words without the name of the app and what leads to it.
    fn wish(&self, words: &Words) -> String {
        let before = (0..self.place.start).rev();
        let before = before.take_while(|at| BEFORE_NAME.contains(&words.key(*at)));
        let behind = self.place.end..words.len();
        let behind = behind.take_while(|at| BEHIND_NAME.contains(&words.key(*at)));
        let start = self.place.start - before.count();
        let end = self.place.end + behind.count();
        let parts = [words.slice(0..start), words.slice(end..words.len())];
        parts.join(" ").trim().to_owned()
    }

    /// The plan that asks which sentence is meant; none without any.
    fn question<'s>(
        &self,
        choices: impl Iterator<Item = &'s str>,
        desk: Desk<'_>,
    ) -> Option<TemplateMatch> {
        let literal = |text: &str| Expression::Literal(Literal::Text(text.to_owned())).to_string();
        let choices: Vec<String> = choices.map(literal).collect();
        let function = self.registry.functions().next()?;
        let language = desk.request.language;
        let app = app_name(function, language);
        let question = literal(&message(language, "offered-which", &[("app", app)]));
        let origin = Origin {
            function: function.signature.name.clone(),
            pattern: format!("≈ {app}"),
        };
        (!choices.is_empty()).then(|| TemplateMatch {
            plan: format!("ask({question}, choices=[{}])", choices.join(", ")),
            has_free_text: false,
            origins: vec![origin],
        })
    }
}

/// What the app of a function is called.
fn app_name(function: &Function, language: Language) -> &str {
    let offered = function.offered.as_ref();
    let [english, chinese] = offered.map_or(["", ""], |offered| {
        [offered.app[0].as_str(), offered.app[1].as_str()]
    });
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

/// The sentence that asks for a function by its label, if what it takes can be told from the words.
fn sentence(function: &Function, wish: &Words, language: Language) -> Option<String> {
    // What nobody asks for in words has no sentence.
    function.templates.first()?;
    let app = app_name(function, language);
    let label = match language {
        Language::English => &function.label,
        Language::Chinese => &function.label_zh,
    };
    let label = said(label);
    let (id, value) = match function.signature.arguments.first() {
        None => ("offered-say", String::new()),
        Some(argument) => match (&argument.ty, switched(wish)) {
            (Type::Bool, Some(true)) => ("offered-say-on", String::new()),
            (Type::Bool, Some(false)) => ("offered-say-off", String::new()),
            (Type::Bool, None) if !argument.required => ("offered-say-toggle", String::new()),
            (Type::Int { .. } | Type::Number | Type::Percent, _) => {
                ("offered-say-set", only_number(wish)?)
            }
            _ => return None,
        },
    };
    // “Turn on hidden files”, not “turn on show hidden files”.
    let label = match id {
        "offered-say" | "offered-say-set" => label.as_str(),
        _ => SHOWN.iter().fold(label.as_str(), |label, shown| {
            label.strip_prefix(shown).unwrap_or(label)
        }),
    };
    let values = [("action", label), ("app", app), ("value", &value)];
    Some(message(language, id, &values))
}

/// A label with the last of the menus that it is in, as one says it: “Sort By Size”.
fn said(label: &str) -> String {
    let parts: Vec<&str> = label.split('›').map(str::trim).collect();
    let last = &parts[parts.len().saturating_sub(2)..];
    let letters = last.join(" ");
    let letters = letters.replace(|c: char| !c.is_alphanumeric(), " ");
    let words: Vec<&str> = letters.split_whitespace().collect();
    words.join(" ")
}

/// Whether something is to be on or off, as far as that is said.
fn switched(wish: &Words) -> Option<bool> {
    let says = |phrases: &[&[&str]]| {
        let mut phrases = phrases.iter();
        phrases.any(|phrase| (0..wish.len()).any(|at| wish.has_at(at, phrase)))
    };
    match (says(ON), says(OFF)) {
        // “Don't show …”.
        (_, true) => Some(false),
        (true, false) => Some(true),
        (false, false) => None,
    }
}

/// The number in the words, if there is one.
fn only_number(wish: &Words) -> Option<String> {
    let mut numbers = wish.keys().filter(|key| key.parse::<f64>().is_ok());
    let number = numbers.next()?.to_owned();
    numbers.next().is_none().then_some(number)
}

/// What it is called in each language: without the menus that it is in, and with the last of them.
fn labels(function: &Function) -> impl Iterator<Item = String> {
    [&function.label, &function.label_zh]
        .into_iter()
        .flat_map(|label| {
            let last = label.rsplit('›').next().unwrap_or(label);
            [last.trim().to_owned(), said(label)]
        })
}

/// How near a function is to the words: its nearest label in meaning, and what they have in common.
fn nearness(
    function: &Function,
    wish: &Words,
    meaning: &Vector,
    vectors: &BTreeMap<String, Vector>,
) -> f32 {
    let of_label = |label: String| {
        let cosine = vectors.get(&label)?.cosine(meaning);
        let label = Words::of(&label);
        let said = label
            .keys()
            .filter(|key| wish.keys().any(|word| word == *key));
        let share = said.count() as f32 / label.len().max(1) as f32;
        Some(cosine + SAID_WEIGHT * share)
    };
    labels(function)
        .filter_map(of_label)
        .fold(f32::NEG_INFINITY, f32::max)
}
