//! What an app that is named offers: asked for by its label, or in other words that mean something like it, whereupon
//! the person is asked what of it is meant.
//!
//! No text of an app enters a prompt. Its labels are compared with the words, and read by the model of vectors, which
//! writes nothing.

use std::{collections::BTreeMap, ops::Range, sync::PoisonError};

use functions::{Function, Registry};
use plan::{Plan, Type};
use protocol::text::{Language, message};

use super::{
    Planner, clean,
    quick::{Desk, follow_template, literal, say},
};
use crate::{
    PlanError, PlanEvent, Planned, Vector,
    answer::{self, Question},
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

/// What switches something on, and off.
const ON: &[&[&str]] = &[
    &["on"],
    &["show"],
    &["enable"],
    &["activate"],
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
    &["no", "longer"],
    &["no", "more"],
    &["do", "not"],
    &["关", "掉"],
    &["关", "闭"],
    &["关", "上"],
    &["隐", "藏"],
    &["停", "用"],
    &["取", "消"],
    &["不", "要"],
    &["不", "再"],
    &["不", "显"],
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
        if has_model && self.means_own(utterance).await {
            return None;
        }
        let wish = named.wish(&words);
        if wish.is_empty() {
            return None;
        }
        let meaning = self.meanings.of(&wish).await;
        let meaning = meaning.vector()?;
        let wished = Words::of(&wish);
        let language = desk.request.language;
        let meant = named.of_meant(&words);
        let asked: Vec<(&Function, String)> = meant
            .functions()
            .filter_map(|function| Some((&**function, sentence(function, &wished, language)?)))
            .collect();
        let labels = asked.iter().flat_map(|(function, _)| said(function));
        let vectors = self.meanings.of_labels(labels.cloned().collect()).await;
        let near = |function: &Function| nearness(function, &wished, meaning, &vectors);
        let asked = asked.iter();
        let mut near: Vec<(f32, &Function, &str)> = asked
            .map(|(function, sentence)| (near(function), *function, sentence.as_str()))
            .collect();
        near.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
        let nearest = near.first()?.0;
        let least = if has_model { NEAR } else { NEAR_WITHOUT_MODEL };
        if nearest < least {
            return None;
        }
        let book = named.book();
        // What is chosen must be understood, as this and as nothing else.
        let means = |function: &Function, sentence: &str| {
            let words = Words::of_utterance(sentence);
            let found = named.find(&book, &words, desk);
            let is_meant = |found: TemplateMatch| {
                let mut origins = found.origins.iter();
                origins.all(|origin| origin.function == function.signature.name)
            };
            found.is_ok_and(is_meant) && self.match_template(sentence, desk).is_err()
        };
        let choices: Vec<&str> = near
            .iter()
            .take_while(|(near, ..)| *near >= nearest - BEHIND_NEAREST)
            .filter(|(_, function, sentence)| means(function, sentence))
            .map(|(.., sentence)| *sentence)
            .take(MOST_CHOICES)
            .collect();
        let found = question(near.first()?.1, &choices, language)?;
        Some(follow_template(found, desk, events))
    }

    /// Tells whether the words likely mean what Lucid does by itself.
    async fn means_own(&self, utterance: &str) -> bool {
        let meaning = self.meanings.of(utterance).await;
        let likely = self.likely.read().unwrap_or_else(PoisonError::into_inner);
        let own = likely.as_ref().zip(meaning.vector());
        let own = own.and_then(|(likely, meaning)| likely.of(utterance, meaning, &[]));
        own.is_some_and(|own| own.likeliest_among(|_| true, LIKELY_OWN).is_some())
    }
}

/// Plans what was chosen where the turn before asked which of what an app offers is meant. What stands there is the
/// app's own text: it means that or nothing, and no model reads it.
pub(super) fn chosen(
    utterance: &str,
    desk: Desk<'_>,
    events: &mut (dyn FnMut(PlanEvent) + Send),
) -> Option<Result<Planned, PlanError>> {
    let earlier = desk.request.context.earlier.as_ref()?;
    let mut choices = question_of_app(&earlier.plan)?.choices.into_iter();
    choices.find(|choice| clean(choice).as_deref() == Ok(utterance))?;
    Some(by_label(utterance, desk, events).unwrap_or_else(|| {
        let said = TemplateMatch {
            plan: say(&message(desk.request.language, "offered-gone", &[])),
            has_free_text: false,
            origins: Vec::new(),
        };
        follow_template(said, desk, events)
    }))
}

/// The plan of what an app that is named offers, by its label.
pub(super) fn by_label(
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

/// Tells whether a plan asks which of what an app offers is meant.
pub(super) fn asks_of_app(plan: &Plan) -> bool {
    question_of_app(plan).is_some()
}

/// The question of a plan which of what an app offers is meant. The app may be gone by now, so it is told by its words.
fn question_of_app(plan: &Plan) -> Option<Question> {
    const APP: &str = "\u{1}";
    let asked = answer::question(plan)?;
    let is_asked_in = |language: &Language| {
        let question = message(*language, "offered-which", &[("app", APP)]);
        let around = question.split_once(APP);
        around.is_some_and(|(before, behind)| {
            asked.text.starts_with(before) && asked.text.ends_with(behind)
        })
    };
    let mut languages = [Language::English, Language::Chinese].iter();
    languages.any(is_asked_in).then_some(asked)
}

/// Where the longest name of a function's app stands in the words.
fn place(function: &Function, words: &Words) -> Option<Range<usize>> {
    let offered = function.offered.as_ref();
    let names = offered.into_iter().flat_map(|offered| &offered.names);
    let places = names.filter_map(|name| {
        let name = Words::of(name);
        let name: Vec<&str> = name.keys().collect();
        let at = (0..words.len()).find(|at| words.has_at(*at, &name))?;
        Some(at..at + name.len())
    });
    places.max_by_key(ExactSizeIterator::len)
}

/// The plan that asks which sentence is meant, of the app of a function; none without any.
fn question(function: &Function, choices: &[&str], language: Language) -> Option<TemplateMatch> {
    let app = app_name(function, language);
    let question = literal(&message(language, "offered-which", &[("app", app)]));
    let origin = Origin {
        function: function.signature.name.clone(),
        pattern: format!("≈ {app}"),
    };
    let choices: Vec<String> = choices.iter().map(|choice| literal(choice)).collect();
    (!choices.is_empty()).then(|| TemplateMatch {
        plan: format!("ask({question}, choices=[{}])", choices.join(", ")),
        has_free_text: false,
        origins: vec![origin],
    })
}

/// The apps that the words name.
struct Named {
    /// What they offer. Some apps are called by a common word: “the hidden files in Dolphin”.
    registry: Registry,
    /// Where the name stands of the one that is meant.
    place: Range<usize>,
}

impl Named {
    fn of(words: &Words, desk: Desk<'_>) -> Option<Named> {
        let registry = desk
            .available
            .only(|function| place(function, words).is_some());
        let all = registry.functions();
        let places = all.filter_map(|function| place(function, words));
        // The one that a word leads to, then the longest, then the last.
        let place = places.max_by_key(|place| {
            let before = place.start.checked_sub(1);
            let is_led = before.is_some_and(|at| BEFORE_NAME.contains(&words.key(at)));
            (is_led, place.len(), place.start)
        })?;
        Some(Named { registry, place })
    }

    /// What the one offers that is meant; what several of its name do.
    fn of_meant(&self, words: &Words) -> Registry {
        let is_meant = |function: &Function| place(function, words).as_ref() == Some(&self.place);
        self.registry.only(is_meant)
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
    let [english, chinese] = &function.offered.as_ref()?.said;
    let label = match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
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
    let values = [("action", label.as_str()), ("app", app), ("value", &value)];
    Some(message(language, id, &values))
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
    let is_number = |key: &&str| key.parse::<f64>().is_ok_and(f64::is_finite);
    let mut numbers = wish.keys().filter(is_number);
    let number = numbers.next()?.to_owned();
    numbers.next().is_none().then_some(number)
}

/// What sentences call it, in each language.
fn said(function: &Function) -> impl Iterator<Item = &String> {
    let offered = function.offered.iter();
    offered.flat_map(|offered| &offered.said)
}

/// How near a function is to the words: its label in meaning, and what they have in common.
fn nearness(
    function: &Function,
    wish: &Words,
    meaning: &Vector,
    vectors: &BTreeMap<String, Vector>,
) -> f32 {
    let of_label = |label: &String| {
        let cosine = vectors.get(label)?.cosine(meaning);
        let label = Words::of(label);
        let said = label
            .keys()
            .filter(|key| wish.keys().any(|word| word == *key));
        let share = said.count() as f32 / label.len().max(1) as f32;
        Some(cosine + SAID_WEIGHT * share)
    };
    said(function)
        .filter_map(of_label)
        .fold(f32::NEG_INFINITY, f32::max)
}
