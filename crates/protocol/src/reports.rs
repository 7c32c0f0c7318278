//! Answers of the kernel's methods, and the JSON that the command line prints.

use serde::{Deserialize, Serialize};

use crate::{Energy, Finish, Outcome, Problem, Route, TurnEvent, TurnId, Weighing};

/// Options of a request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AskOptions {
    /// Where it comes from.
    pub source: Source,
    /// Language of sentences: `en` or `zh`; empty takes the session's.
    pub language: String,
    /// Skip the sentence templates.
    pub no_templates: bool,
    /// Secret of a terminal that answers this turn's consents; empty for the shell.
    pub terminal: String,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The overlay.
    Overlay,
    /// The command line.
    #[default]
    Terminal,
    /// A part of a panel.
    Panel,
    /// Another program, which asks for single calls. Nothing in them is the person's own choice.
    Program,
}

/// One line of `lucid plan --json` and `--batch`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanReport {
    /// The request.
    pub text: String,
    /// The plan; empty when none was made.
    pub plan: String,
    /// The way it was made.
    pub route: Route,
    /// From the request to the first complete, checked statement.
    pub first_statement_ms: Option<f64>,
    /// From the request to the whole plan.
    pub total_ms: f64,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Of those, restored.
    pub restored_tokens: u32,
    /// Tokens decoded.
    pub decoded_tokens: u32,
    /// Functions considered, best first.
    pub considered: Vec<String>,
    /// Energy.
    #[serde(default)]
    pub energy: Energy,
    /// What went wrong, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// One turn in `lucid log`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnReport {
    /// The turn.
    pub turn: TurnId,
    /// When it began, RFC 3339.
    pub at: String,
    /// What was asked.
    pub utterance: String,
    /// The plan's text.
    pub plan: String,
    /// How it ended; [`None`] while it runs or when the kernel died in it.
    pub finish: Option<Finish>,
    /// Whether the kernel died in it.
    #[serde(default)]
    pub is_interrupted: bool,
    /// What was journaled, in order.
    pub entries: Vec<LogEntry>,
}

/// One journal entry in `lucid log`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its number.
    pub entry: i64,
    /// The call as a statement of the plan language, with resolved arguments.
    pub call: String,
    /// `open`, `done`, `failed`, `unknown`, `undone`.
    pub state: String,
    /// One sentence, where there is one.
    pub note: String,
    /// Whether it can be undone now.
    pub undoable: bool,
}

/// Everything about one turn, for `lucid why` and the why drawer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyReport {
    /// The turn with its entries.
    pub turn: TurnReport,
    /// The way taken.
    pub route: Option<Route>,
    /// Functions considered, best first.
    pub considered: Vec<String>,
    /// One decision per call, in order.
    pub decisions: Vec<DecisionReport>,
    /// What went wrong, in order.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// How sure the model's way was; none where none was asked.
    #[serde(default)]
    pub weighing: Option<Weighing>,
    /// Why a line was written anew, in English, each time.
    #[serde(default)]
    pub rewritten: Vec<String>,
    /// What the model wrote where no plan came of it; kept until the kernel ends.
    #[serde(default)]
    pub written: String,
}

/// A decision of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionReport {
    /// The call.
    pub call: String,
    /// `allow`, `confirm`, `deny`.
    pub decision: String,
    /// The rule that decided, in words.
    pub reason: String,
    /// Where each argument comes from, as policy weighed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelReport>,
}

/// Where an argument of a call comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// The argument's name.
    pub argument: String,
    /// `user` (the person's words), `system`, `untrusted` (anything that was read).
    pub integrity: String,
    /// Whether it must not leave the machine without a consent.
    pub private: bool,
}

/// One function in `lucid functions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionReport {
    /// Its signature as one line.
    pub signature: String,
    /// The name.
    pub name: String,
    /// The summary in the asked language.
    pub summary: String,
    /// `read`, `transient`, `reversible`, `irreversible`, `egress`.
    pub effect: String,
    /// The plugin or `built in`.
    pub provider: String,
    /// Whether it can be used now.
    pub available: bool,
    /// What is missing and the remedy, when it cannot.
    pub missing: String,
    /// Example requests.
    pub examples: Vec<String>,
    /// What it takes, as a JSON schema of an object.
    #[serde(default)]
    pub input: serde_json::Value,
}

/// What came of a call that another program asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallReport {
    /// The turn that it was.
    pub turn: TurnId,
    /// Whether it was done.
    pub outcome: Outcome,
    /// What the function gave; null for one that only acts.
    #[serde(default)]
    pub value: serde_json::Value,
    /// One sentence about it; empty where there is none.
    #[serde(default)]
    pub note: String,
}

/// One line of `lucid doctor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DoctorCheck {
    /// What was looked at.
    pub name: String,
    /// What was found.
    pub state: DoctorState,
    /// One sentence.
    pub finding: String,
    /// How to mend it; empty when there is nothing to mend.
    pub remedy: String,
}

/// The finding of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoctorState {
    /// Works.
    Works,
    /// Missing, and something is lost by it.
    Missing,
    /// Missing, and nothing else works without it.
    Broken,
}

/// A model of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Licence.
    pub licence: String,
    /// Context length in tokens.
    pub context_length: u32,
    /// The engine.
    pub engine: String,
    /// Where the file is, when it is there.
    pub path: Option<String>,
    /// Whether requests use it.
    pub used: bool,
    /// Whether it is in memory now.
    pub loaded: bool,
    /// Whether a file is there that is not the catalogue's, so that it must be fetched again.
    #[serde(default)]
    pub is_damaged: bool,
}

/// Progress of a download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelProgress {
    /// What is happening: `fetching`, `verifying`, `placed`, `failed`.
    pub stage: String,
    /// Bytes there.
    pub bytes: u64,
    /// Bytes in all.
    pub total: u64,
    /// Bytes a second.
    pub rate: f64,
    /// Seconds left, where it can be told.
    pub seconds_left: Option<f64>,
    /// What went wrong, if something did.
    pub problem: Option<Problem>,
}

/// What `lucid model bench` found of one model. What an engine does not tell is none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelBench {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The engine.
    pub engine: String,
    /// The engine's version, and the processor's instructions in use.
    pub build: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Milliseconds until it was in memory.
    pub load_ms: Option<f64>,
    /// Tokens of the constant prompt, where the engine keeps its state as a capsule.
    pub capsule_tokens: u32,
    /// Speed of reading.
    pub reading_tokens_per_s: Option<f64>,
    /// Milliseconds until the constant prompt was back from its capsule.
    pub capsule_restore_ms: Option<f64>,
    /// Speed of writing.
    pub writing_tokens_per_s: Option<f64>,
    /// Milliseconds of a whole plan of one call, the median of a few.
    pub short_plan_ms: Option<f64>,
    /// How many of those plans were right.
    pub right_plans: u32,
    /// How many were asked for.
    pub asked_plans: u32,
    /// Memory of the worker in bytes.
    pub memory_bytes: u64,
    /// Whether requests use it now.
    pub used: bool,
    /// Whether it may be proposed: it is neither for tests nor on a server.
    pub may_be_default: bool,
    /// What went wrong, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A step of `lucid model bench`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchStep {
    /// The model.
    pub id: String,
    /// What begins: `loading`, `reading`, `writing`, `restoring`, `planning`, or `measured` at its end.
    pub stage: String,
    /// The model's number, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
    /// Its figures, with `measured`.
    pub model: Option<ModelBench>,
}

/// What `lucid model bench` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchReport {
    /// The models, in the order in which they were measured.
    pub models: Vec<ModelBench>,
    /// The model that is proposed; none when none can be.
    pub proposed: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// What a shell that (re)connects draws.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StateReport {
    /// The turns of this run of the kernel that a shell may still show, oldest first, each with all its events.
    pub turns: Vec<(TurnId, Vec<TurnEvent>)>,
    /// The model in use, empty when none is there.
    pub model: String,
    /// Whether it is in memory.
    pub model_loaded: bool,
}
