//! The way from words to a plan.

mod asked;
mod offered;
mod quick;
mod taught;

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock, Mutex, PoisonError, RwLock},
    time::Instant,
};

use anstream::adapter::strip_str;
use engine::{CapsuleReport, Engine, EngineError};
use functions::Registry;
use plan::FunctionName;
use protocol::{Route, text::message};
use tokio_util::sync::CancellationToken;

use crate::{
    Command, Found, KeptVectors, PlanError, PlanEvent, Planned, Request, Retrieval, amend,
    bank::Bank,
    command::Commands,
    examples::functions_of,
    follow::{self, Earlier, Reference},
    gate,
    likely::{Lesson, Likely},
    meaning::{Meaning, Meanings},
    prompt::Prompts,
    shown::{InParts, MOST_PARTS, Shown},
    slot::NameIndex,
    template::{self, Book},
    words::{Words, is_ideograph},
};

pub use taught::{Taught, ToolExample};

use asked::ModelWork;
use quick::{Desk, Quick};

/// The longest request in characters.
pub const MAX_UTTERANCE: usize = 2000;

/// Turns words into plans. Made once for a registry; cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Planner {
    registry: Registry,
    commands: Commands,
    book: Book,
    prompts: Prompts,
    /// The worked examples, read when the first request needs them.
    bank: Option<LazyLock<Bank, BankMaker>>,
    retrieval: RwLock<Retrieval>,
    meanings: Meanings,
    defects: Vec<String>,
    /// What is likely meant, once it was learnt.
    likely: RwLock<Option<Arc<Likely>>>,
    /// What was read ahead last.
    ahead: Mutex<Ahead>,
}

/// Makes the bank when it is first needed.
type BankMaker = Box<dyn FnOnce() -> Bank + Send + Sync>;

/// What was read while the person typed.
#[derive(Debug, Default)]
struct Ahead {
    /// The complete words.
    words: String,
    /// The request of the example that stood before them.
    example: Option<String>,
}

impl Planner {
    /// Compiles the templates, and the constant part of the prompt, of all functions of
    /// `registry`, available or not. Takes some milliseconds.
    ///
    /// Templates and examples that do not compile or do not pass the check are left out with a
    /// warning in the log; [`Planner::defects`] lists them.
    pub fn new(registry: &Registry) -> Planner {
        let (book, mut defects) = Book::compile(registry);
        let (prompts, broken_examples) = Prompts::new(registry);
        defects.extend(broken_examples);
        for defect in &defects {
            tracing::warn!("left out {defect}");
        }
        tracing::debug!(templates = book.len(), "compiled the templates");
        Planner::with(registry, book, prompts, defects)
    }

    /// Plans over functions that are not Lucid's own, as they are described.
    ///
    /// The constant part of the prompt shows general examples and none of the functions, so one
    /// capsule serves every registry; the functions stand before the words, eight at most, with
    /// the hints of their arguments.
    pub fn for_tools(registry: &Registry) -> Planner {
        let (book, defects) = Book::compile(registry);
        Planner {
            bank: None,
            ..Planner::with(registry, book, Prompts::for_tools(registry), defects)
        }
    }

    fn with(registry: &Registry, book: Book, prompts: Prompts, defects: Vec<String>) -> Planner {
        let constant = registry
            .functions()
            .filter(|function| prompts.is_constant(&function.signature.name));
        let examples = constant.flat_map(|function| function.examples.clone());
        let examples: Vec<functions::Example> = examples.collect();
        Planner {
            bank: Some(LazyLock::new(Box::new(|| Bank::new(examples)))),
            registry: registry.clone(),
            commands: Commands::new(),
            book,
            prompts,
            retrieval: RwLock::new(Retrieval::new(registry.functions().map(AsRef::as_ref))),
            meanings: Meanings::default(),
            likely: RwLock::default(),
            defects,
            ahead: Mutex::default(),
        }
    }

    /// Returns one sentence about each template or example that was left out.
    pub fn defects(&self) -> &[String] {
        &self.defects
    }

    /// Recognises words that command the kernel itself. Ask it before [`Planner::plan`].
    pub fn command(&self, utterance: &str) -> Option<Command> {
        self.commands.find(utterance)
    }

    /// Plans a request.
    ///
    /// `available` holds the functions that can be used now: a plan that needs another one
    /// ends in [`PlanError::Unavailable`] before its statement is sent. `engine` is the model,
    /// if one is installed. Each line is sent to `events` as soon as it is complete and checked.
    /// Dropping the future or cancelling `cancel` stops the decoding at the next token.
    ///
    /// # Errors
    ///
    /// Any [`PlanError`]; the statements that were sent before remain valid.
    pub async fn plan(
        &self,
        request: &Request,
        available: &Registry,
        engine: Option<&dyn Engine>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
        cancel: &CancellationToken,
    ) -> Result<Planned, PlanError> {
        let utterance = clean(&request.utterance)?;
        let names = NameIndex::new(&request.live);
        let desk = Desk {
            request,
            registry: &self.registry,
            available,
            names: &names,
            began: Instant::now(),
        };
        if let Some(planned) = offered::chosen(&utterance, desk, events) {
            return planned;
        }
        let earlier = self.earlier(request, &utterance);
        let mut reason = match self.quickly(&utterance, earlier.as_ref(), desk, events) {
            Quick::Planned(planned) => return *planned,
            Quick::No(reason) => reason,
        };
        if let Some(planned) = self.say_only_now(&utterance, desk, events) {
            return planned;
        }
        let answered = self.answered(&utterance, desk);
        if let Some(planned) = self.answer_quickly(&answered, desk, events) {
            return planned;
        }
        if let Some(planned) = offered::by_label(&utterance, desk, events) {
            return planned;
        }
        let answered = answered.into_iter().next();
        // What was asked for and its answer stand by themselves.
        let earlier = earlier.filter(|_| answered.is_none());
        let utterance = answered.clone().unwrap_or(utterance);
        let statements = earlier
            .as_ref()
            .map_or(&[][..], |earlier| &earlier.plan.statements);
        let bank = self.bank.as_deref();
        let is_unheard = bank.is_some_and(|bank| bank.has_no_word_of(&utterance));
        let draft = desk.draft().after(statements).unheard(is_unheard);
        let asked = self.asked_of_app(&utterance, engine.is_some(), desk, events);
        if let Some(planned) = asked.await {
            return planned;
        }
        let engine = engine.ok_or(PlanError::NoModel)?;
        let meaning = self.meanings.of(&utterance).await;
        if meaning == Meaning::Late {
            reason = message(
                request.language,
                "retrieved-by-words",
                &[("reason", &reason)],
            );
        }
        let found = self.find(&utterance, &meaning);
        let ahead = self.read_ahead(&utterance);
        let said = self.in_parts(utterance.clone(), meaning.clone()).await;
        let shown = self.examples(&said, earlier.as_ref(), ahead.as_deref());
        if earlier.is_none()
            && let Some(planned) = self.say_undone(&utterance, &shown, desk, events)
        {
            return planned;
        }
        let further = self.bank.is_none().then(|| self.nearest_to_parts(&said));
        let route = Route::Model {
            model: engine.model().to_owned(),
            reason,
            steps: request.steps.clone(),
        };
        let work = ModelWork {
            utterance: &utterance,
            names: &names,
            found: &found,
            shown: &shown,
            further,
            earlier: earlier.as_ref(),
            route,
            began: desk.began,
            is_here: engine.is_on_this_machine(),
            gives_up_unsure: request.gives_up_unsure,
            now: request.now,
        };
        Ok(Planned {
            answered,
            ..self.ask_model(work, draft, engine, events, cancel).await?
        })
    }

    /// Learns what functions mean from the model behind `engine`, so that they are found by
    /// meaning too. Call it when the model has come; a registry that has changed costs only its new texts.
    ///
    /// Returns how many texts the model had to read; the others were kept from before.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::embed`]; functions are found by words alone then.
    pub async fn learn(
        &self,
        engine: Arc<dyn Engine>,
        kept: KeptVectors,
    ) -> Result<usize, EngineError> {
        let examples = self.bank.iter().flat_map(|bank| bank.requests());
        let read = self
            .meanings
            .learn(engine, kept, &self.retrieval, examples)
            .await?;
        if let Some(lesson) = self.lesson() {
            let likely = lesson.learn().await;
            *self.likely.write().unwrap_or_else(PoisonError::into_inner) = Some(likely);
        }
        Ok(read)
    }

    /// What the bank teaches about which functions are meant.
    fn lesson(&self) -> Option<Lesson> {
        let retrieval = self
            .retrieval
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let vector_of = |text: &str| retrieval.vector(text);
        Lesson::of(self.bank.as_deref()?, vector_of)
    }

    /// Finds functions by words alone from now on: call it when the model has gone.
    pub fn forget(&self) {
        self.meanings.forget();
        *self.likely.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns a digest of the constant prompt, in hexadecimal digits: another one asks for another capsule.
    pub fn constant_digest(&self) -> String {
        self.prompts.digest()
    }

    /// Returns the constant prompt, for measuring how long an engine takes over it.
    pub fn constant(&self) -> engine::Prompt {
        self.prompts.constant()
    }

    /// Prepares the capsule: call it when a model was loaded or the registry has changed.
    ///
    /// The first time for a model and registry this reads the whole constant prompt (half a
    /// minute or more on two cores); afterwards it takes milliseconds.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::prepare`].
    pub async fn warm(&self, engine: &dyn Engine) -> Result<CapsuleReport, EngineError> {
        engine.prepare(&self.prompts.constant()).await
    }

    /// Reads the words so far while the person types. Call it after each change; it returns at
    /// once unless a word has just been completed.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::prefill`]; [`EngineError::Cancelled`] is harmless.
    pub async fn typing(&self, engine: &dyn Engine, partial: &str) -> Result<(), EngineError> {
        let Some(words) = complete_words(partial) else {
            return Ok(());
        };
        let before = self.read_ahead(&words);
        {
            let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            if ahead.words == words {
                return Ok(());
            }
            ahead.words.clone_from(&words);
        }
        let meaning = self.meanings.of(&words).await;
        let found = self.find(&words, &meaning);
        let said = self.in_parts(words.clone(), meaning).await;
        let shown = self.examples(&said, None, before.as_deref());
        {
            let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            // Words that came in the meantime have an example of their own.
            if ahead.words == words {
                ahead.example.clone_from(&shown.request);
            }
        }
        let prompt = self.prompt(&words, &found, &shown, None);
        engine.prefill(&prompt).await.map(|_| ())
    }

    fn find(&self, utterance: &str, meaning: &Meaning) -> Found {
        let retrieval = self
            .retrieval
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut found = retrieval.find(utterance, meaning.vector());
        if let (Some(bank), Some(meaning), true) =
            (&self.bank, meaning.vector(), self.prompts.shows_in_part())
        {
            found.known = bank.nearness(meaning, |text| retrieval.vector(text));
        }
        found
    }

    /// Finds what each part of the words means, where they have several.
    async fn in_parts(&self, words: String, meaning: Meaning) -> InParts {
        let clauses = template::clauses(&Words::of_utterance(&words));
        let mut parts = Vec::new();
        if clauses.len() > 1 {
            for clause in clauses.iter().take(MOST_PARTS) {
                let part = clause.slice(0..clause.len()).to_owned();
                let meaning = self.meanings.of(&part).await;
                parts.push((part, meaning));
            }
        }
        InParts {
            whole: (words, meaning),
            parts,
            left_out: 0,
        }
    }

    /// The function that is nearest to each part of the words, where they have several. A part that names nothing of any
    /// of them, such as a date, is no wish of its own.
    fn nearest_to_parts(&self, said: &InParts) -> BTreeSet<FunctionName> {
        let found = said.parts.iter().filter_map(|(part, meaning)| {
            let found = self.find(part, meaning);
            let names_something = !gate::names_nothing(found.coverage, found.cosine);
            let (nearest, _) = found.ranked.into_iter().next()?;
            names_something.then_some(nearest)
        });
        found.collect()
    }

    /// The worked examples for some words.
    fn examples(&self, said: &InParts, earlier: Option<&Earlier>, ahead: Option<&str>) -> Shown {
        let Some(bank) = &self.bank else {
            return Shown::default();
        };
        let retrieval = self
            .retrieval
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let likely = self.likely.read().unwrap_or_else(PoisonError::into_inner);
        Shown::choose(
            bank,
            &retrieval,
            likely.as_deref(),
            &self.registry,
            said,
            earlier,
            ahead,
        )
    }

    /// The example that was read ahead of these words, if the words so far were theirs.
    fn read_ahead(&self, words: &str) -> Option<String> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead
            .example
            .clone()
            .filter(|_| words.starts_with(&ahead.words))
    }

    /// The turn before, if the words may refer to it: with a name for each result.
    fn earlier(&self, request: &Request, utterance: &str) -> Option<Earlier> {
        let earlier = request.context.earlier.as_ref()?;
        // What apps call their own actions is not for the model to read.
        let is_known = |name: &FunctionName| self.registry.function(name).is_some();
        let asks_of_app = offered::asks_of_app(&earlier.plan);
        if asks_of_app || !functions_of(&earlier.plan).iter().all(is_known) {
            return None;
        }
        let refers = follow::reference(utterance) > Reference::None
            || refers_surely(utterance)
            || follow::asks_on(&Words::of_utterance(utterance), &earlier.plan);
        refers.then(|| Earlier {
            utterance: clean(&earlier.utterance).unwrap_or_default(),
            plan: follow::with_names(&earlier.plan, &self.registry),
        })
    }
}

/// Tells whether words need the turn before.
fn refers_surely(utterance: &str) -> bool {
    let words = Words::of_utterance(utterance);
    follow::reference(utterance) == Reference::Surely || amend::points_back(&words)
}

/// Makes one line of the words, without control characters and a terminal's escape sequences.
///
/// # Errors
///
/// [`PlanError::TooLong`] beyond [`MAX_UTTERANCE`], [`PlanError::Empty`] without a letter or digit.
pub fn clean(utterance: &str) -> Result<String, PlanError> {
    let length = utterance.chars().count();
    if length > MAX_UTTERANCE {
        return Err(PlanError::TooLong {
            length,
            limit: MAX_UTTERANCE,
        });
    }
    let printed = strip_str(utterance).to_string();
    // Each line is a wish of its own.
    let lines: Vec<&str> = printed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let plain: String = lines
        .join(", ")
        .chars()
        .map(|c| if plan::is_invisible(c) { ' ' } else { c })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().any(char::is_alphanumeric) {
        Ok(text)
    } else {
        Err(PlanError::Empty)
    }
}

/// Returns the words of which no further letter can change the last; none when there is none.
fn complete_words(partial: &str) -> Option<String> {
    let end = partial
        .char_indices()
        .rev()
        .find(|(_, c)| c.is_whitespace() || is_ideograph(*c))
        .map(|(at, c)| {
            if is_ideograph(c) {
                at + c.len_utf8()
            } else {
                at
            }
        })?;
    clean(&partial[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_becomes_one_clean_line() {
        assert_eq!(
            clean("  open\t\u{7}gedit\u{202e} "),
            Ok("open gedit".to_owned())
        );
        assert_eq!(
            clean("\nopen gedit\n\n mute\n"),
            Ok("open gedit, mute".to_owned())
        );
        assert_eq!(clean(" \n ?!"), Err(PlanError::Empty));
        assert_eq!(
            clean("set the volume to \u{1b}[31m45\u{7}%\u{1b}[0m").as_deref(),
            Ok("set the volume to 45%"),
            "no digit of a colour is said"
        );
        assert_eq!(clean("\u{1b}[2J\u{1b}]0;title\u{7}"), Err(PlanError::Empty));
        let long = "a".repeat(10_000);
        assert_eq!(
            clean(&long),
            Err(PlanError::TooLong {
                length: 10_000,
                limit: MAX_UTTERANCE
            })
        );
    }

    #[test]
    fn only_complete_words_are_read_ahead() {
        assert_eq!(
            complete_words("find my big do").as_deref(),
            Some("find my big")
        );
        assert_eq!(complete_words("find my "), Some("find my".to_owned()));
        assert_eq!(complete_words("find"), None);
        assert_eq!(complete_words("打开gedi").as_deref(), Some("打开"));
    }
}
