//! The events of a turn, in the order in which they happen.

use serde::{Deserialize, Serialize};

use crate::{PanelMessage, consent::ConsentRequest};

/// Identifies a turn: `t` and a number that grows with every turn of this person's journal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TurnId(pub String);

impl std::fmt::Display for TurnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that happened in a turn. One JSON object, tagged by `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TurnEvent {
    /// The turn exists.
    Started {
        /// What was typed, or what was pressed.
        utterance: String,
    },
    /// How the plan is made. Comes again when another model is asked.
    Routed {
        /// The way taken.
        route: Route,
        /// Functions that were considered, best first.
        considered: Vec<String>,
    },
    /// How sure the model's way was, once the plan is whole or given up.
    Weighed {
        /// What was weighed.
        weighing: Weighing,
    },
    /// More of the plan's text was decoded.
    Decoded {
        /// The text to append.
        text: String,
    },
    /// A statement exists or changed its state.
    Statement {
        /// Its index in the plan, from 0.
        index: usize,
        /// Its text.
        text: String,
        /// Its state.
        state: StatementState,
        /// One sentence about the state: what was done, or what failed and what to do next.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The policy decided about a call.
    Decided {
        /// The statement's index in the plan, from 0.
        index: usize,
        /// The decision.
        decision: crate::DecisionReport,
    },
    /// The person is asked. The question itself is shown from the private socket's copy.
    ConsentAsked {
        /// The question.
        request: ConsentRequest,
    },
    /// The question was answered or withdrawn.
    ConsentAnswered {
        /// Which question.
        consent: String,
        /// Whether it was granted.
        granted: bool,
    },
    /// The text decoded since the last complete statement is void and is written anew.
    Rewriting {
        /// Why.
        reason: String,
    },
    /// Part of the panel, for the renderer.
    Panel {
        /// A2UI v0.9 messages of the catalogue `lucid:v1`.
        messages: Vec<PanelMessage>,
    },
    /// An answer in words.
    Said {
        /// The words.
        text: String,
    },
    /// A question back.
    Asked {
        /// The question.
        question: String,
        /// Suggested answers.
        choices: Vec<String>,
    },
    /// Something went wrong; the turn goes on or finishes next.
    Failed {
        /// What, on what, and what to do next.
        problem: Problem,
    },
    /// Nothing follows.
    Finished {
        /// How it ended.
        finish: Finish,
    },
}

/// How sure a model's way was that the words call for a function.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Weighing {
    /// The model's probability of beginning a plan, before the grammar masks anything: 0 to 1.
    pub plan: Option<f64>,
    /// How much of the words the nearest function's description knows: 0 to 1.
    pub words_known: f64,
    /// How like the words are to the nearest worked example that does something: 0 to 1.
    pub nearest_act: Option<f64>,
    /// How like they are to the nearest one of which only words come: 0 to 1.
    pub nearest_words: Option<f64>,
    /// Whether that was too little, so that nothing but words could be written.
    pub exits_only: bool,
}

/// Which way made the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Route {
    /// A sentence template matched; no model was used.
    Template {
        /// The function whose template it was.
        function: String,
        /// The template.
        pattern: String,
    },
    /// A model wrote the plan.
    Model {
        /// The model's id in the catalogue.
        model: String,
        /// Why no template was taken.
        reason: String,
        /// The models that were asked before, and why each did not do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        steps: Vec<RouteStep>,
    },
    /// The person or a program gave the plan as text, or pressed a part of a panel.
    Given,
}

/// A model that was asked and did not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteStep {
    /// The model's id in the catalogue.
    pub model: String,
    /// Why the next one was asked, in words.
    pub reason: String,
}

/// A model that was given a text to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadBy {
    /// The model's id in the catalogue.
    pub model: String,
    /// Whether it broke off before it had answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broke_off: bool,
    /// The models that were asked before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RouteStep>,
}

/// The state of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementState {
    /// Written and checked, not started.
    Waiting,
    /// Waiting for the person's consent.
    Consent,
    /// Being run.
    Running,
    /// Done.
    Done,
    /// Tried and failed.
    Failed,
    /// Refused by policy or by the person.
    Refused,
    /// Not tried because a statement it depends on did not succeed, or the turn was stopped.
    Skipped,
}

/// A failure that a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable id of the message in the catalogue.
    pub id: String,
    /// What failed, and on what, in the person's language.
    pub sentence: String,
    /// What to do next; empty when there is nothing to do.
    pub remedy: String,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finish {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether `undo` would change anything back.
    pub undoable: bool,
    /// Times.
    pub timings: Timings,
    /// Tokens, where a model was used.
    pub tokens: Tokens,
    /// Energy.
    pub energy: Energy,
    /// The models that were given a text to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<ReadBy>,
}

impl Finish {
    /// Ends a turn of which nothing else is known.
    pub fn of(outcome: Outcome) -> Finish {
        Finish {
            outcome,
            undoable: false,
            timings: Timings::default(),
            tokens: Tokens::default(),
            energy: Energy::default(),
            readers: Vec::new(),
        }
    }
}

/// The outcome of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every statement was done.
    Done,
    /// Some were done.
    Partial,
    /// None was done.
    Failed,
    /// The person refused, or policy did, and nothing was done.
    Refused,
    /// The person stopped it.
    Stopped,
    /// Only words came back.
    Answered,
}

/// Times in milliseconds from the arrival of the request.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timings {
    /// The route was chosen.
    pub routed_ms: f64,
    /// The first statement was complete and checked.
    pub first_statement_ms: Option<f64>,
    /// The first action began to run.
    pub first_action_ms: Option<f64>,
    /// The whole plan was there.
    pub planned_ms: Option<f64>,
    /// Everything was over.
    pub total_ms: f64,
}

/// Tokens of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// Tokens of the whole prompt.
    pub prompt: u32,
    /// Of those, restored from a capsule or from memory.
    pub restored: u32,
    /// Tokens decoded.
    pub decoded: u32,
}

/// Energy of a turn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Energy {
    /// Joules.
    pub joules: f64,
    /// How it was found: `rapl` (measured: what the processors drew, for all programs), `estimate`
    /// (processor time × an assumed power) or empty.
    pub method: String,
    /// The power that was assumed for a busy core, in watts, with an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watts_per_core: Option<f64>,
}
