//! What the planner is asked, and what it tells.

use std::{collections::BTreeMap, time::Duration};

use functions::LiveValue;
use plan::{CheckedPlan, CheckedStatement, FunctionName, Moment, Plan, Statement};
use protocol::{Route, RouteStep, Tokens, text::Language};

use crate::follow::Earlier;

/// A request to be planned.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the person typed or said.
    pub utterance: String,
    /// The language of sentences to the person; the words themselves may be in another.
    pub language: Language,
    /// What else the planner may know.
    pub context: Context,
    /// The names that are live now.
    pub live: LiveNames,
    /// Whether sentence templates are tried before the model.
    pub use_templates: bool,
    /// Whether a model that is unsure gives up with [`crate::PlanError::Unsure`] before it has
    /// written a line, because another one can be asked.
    pub gives_up_unsure: bool,
    /// The models that were asked before, for the route.
    pub steps: Vec<RouteStep>,
    /// The present moment by the person's clock, for words such as “in ten minutes”.
    pub now: Moment,
}

impl Request {
    /// Asks for `utterance` with templates, without live names.
    pub fn new(utterance: impl Into<String>, language: Language, now: Moment) -> Request {
        Request {
            utterance: utterance.into(),
            language,
            context: Context::default(),
            live: LiveNames::default(),
            use_templates: true,
            gives_up_unsure: false,
            steps: Vec::new(),
            now,
        }
    }
}

/// What the person allows the planner to know besides the words.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Context {
    /// The turn before, when it is recent enough to be meant by “it” or “the second one”.
    pub earlier: Option<Earlier>,
}

impl Context {
    /// Knows the turn before.
    pub fn after(earlier: Earlier) -> Context {
        Context {
            earlier: Some(earlier),
        }
    }
}

/// The names that are live on this machine.
///
/// They never enter the prompt, only the grammar and the slots of templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveNames {
    /// Installed apps, for arguments of type `app`.
    pub apps: Vec<LiveValue>,
    /// For each source of a `live(source)` argument, its names.
    pub sources: BTreeMap<String, Vec<LiveValue>>,
    /// The names of folders beside the usual ones. A plan holds the name that was said, never one of these.
    pub folders: Vec<String>,
}

/// Something that happened while planning, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanEvent {
    /// The way was chosen. Comes first, once.
    Routed {
        /// The way.
        route: Route,
        /// The functions that were considered, best first.
        considered: Vec<FunctionName>,
    },
    /// More text was decoded.
    Text(String),
    /// The text behind the last [`PlanEvent::Statement`] is void and is written anew:
    /// a line did not pass the check, or the engine broke down.
    Rewriting {
        /// Why, in English; for the log and `lucid why`.
        reason: String,
    },
    /// A line is complete and checked. It never changes afterwards, so it may run at once.
    Statement(Box<PlannedStatement>),
    /// What the model has cost, also when no plan came of it. Comes last, once.
    Spent {
        /// What was read and written.
        tokens: Tokens,
        /// Processor time of the worker in seconds, where the engine tells it.
        cpu_seconds: Option<f64>,
        /// How sure the model's way was that the words call for a function.
        confidence: Confidence,
    },
}

/// One checked line of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedStatement {
    /// The line as written.
    pub statement: Statement,
    /// The line as the kernel runs it.
    pub checked: CheckedStatement,
    /// The line as the printer writes it.
    pub text: String,
    /// Which statement of the turn before it is, from 0, if it is one: its result is meant, as the person
    /// saw it then, not a new answer to the same question.
    pub earlier: Option<usize>,
}

/// A finished plan. All its statements have been sent as events before.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The plan as written.
    pub plan: Plan,
    /// The plan as the kernel runs it.
    pub checked: CheckedPlan,
    /// The plan as the printer writes it.
    pub text: String,
    /// The way it was made.
    pub route: Route,
    /// The functions that were considered, best first.
    pub considered: Vec<FunctionName>,
    /// What the model read and wrote; all 0 for templates.
    pub tokens: Tokens,
    /// How long it took.
    pub timings: Timings,
    /// How sure the model's way was that the words call for a function; none for templates.
    pub confidence: Option<Confidence>,
    /// Processor seconds that the model's worker used, if it tells.
    pub cpu_seconds: Option<f64>,
    /// The words that were planned where these answer a question of the turn before: its words and these.
    pub answered: Option<String>,
}

/// The signals that decide whether functions fit the words at all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Confidence {
    /// The model's probability of beginning a plan as the grammar wants it, before masking.
    pub first_token_mass: Option<f32>,
    /// How much of the words the nearest function's description knows: 0 to 1.
    pub coverage: f64,
    /// How like the words are to the nearest worked example that does something: 0 to 1.
    pub nearest_act: Option<f64>,
    /// How like they are to the nearest one of which only words come.
    pub nearest_words: Option<f64>,
    /// How near the nearest function's texts are in meaning: −1 to 1.
    pub cosine: Option<f32>,
    /// Whether both were too weak, so that only `say` and `ask` were open.
    pub gated: bool,
}

/// Times from the call of [`crate::Planner::plan`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// Until the way was chosen.
    pub routed: Duration,
    /// Until the first statement was complete and checked.
    pub first_statement: Option<Duration>,
    /// Until the plan was complete.
    pub total: Duration,
}
