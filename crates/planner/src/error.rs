//! Why there is no plan, as a program and as a person reads it.

use engine::EngineError;
use plan::FunctionName;
use protocol::{
    Problem,
    text::{Language, problem},
};

/// Why there is no plan.
///
/// Statements that were sent before stay valid; nothing follows them.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The request has no words.
    #[error("the request is empty")]
    Empty,
    /// The request has too many characters.
    #[error("the request has {length} characters, at most {limit} are read")]
    TooLong {
        /// Its characters.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// No template fits and there is no model.
    #[error("no template fits and no model is installed")]
    NoModel,
    /// The plan needs a function that cannot be used now; ask
    /// [`functions::Registry::availability`] what is missing.
    #[error("{function} cannot be used now")]
    Unavailable {
        /// The function.
        function: FunctionName,
    },
    /// The words name an app, and none that is installed is called so.
    #[error("no installed app has the name in the request")]
    NoSuchApp,
    /// The model failed twice, or cannot be started at all.
    #[error("the model failed: {0}")]
    Engine(#[from] EngineError),
    /// The plan did not pass the check, and neither did its repair.
    #[error("line {line} is not a valid plan: {reason}")]
    Invalid {
        /// The line, from 1.
        line: usize,
        /// The text of the line.
        text: String,
        /// The check's sentence in the language of the request.
        reason: String,
    },
    /// The model is not sure that a function fits, and another one can be asked
    /// ([`crate::Request::gives_up_unsure`]).
    #[error("the model is not sure")]
    Unsure,
    /// The caller cancelled.
    #[error("planning was cancelled")]
    Cancelled,
}

impl PlanError {
    /// Tells a person what went wrong and what to do next.
    pub fn problem(&self, language: Language) -> Problem {
        let (id, values): (&str, Vec<(&str, String)>) = match self {
            PlanError::Empty => ("empty-request", vec![]),
            PlanError::TooLong { length, limit } => (
                "request-too-long",
                vec![("length", length.to_string()), ("limit", limit.to_string())],
            ),
            PlanError::NoModel => ("plan-no-model", vec![]),
            PlanError::NoSuchApp => ("plan-no-such-app", vec![]),
            PlanError::Unavailable { function } => {
                ("plan-unavailable", vec![("function", function.to_string())])
            }
            PlanError::Engine(error) => engine_problem(error),
            PlanError::Invalid { text, reason, .. } => (
                "plan-invalid",
                vec![("line", text.clone()), ("reason", reason.clone())],
            ),
            PlanError::Unsure => ("plan-unsure", vec![]),
            PlanError::Cancelled => ("plan-cancelled", vec![]),
        };
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        problem(language, id, &values)
    }
}

fn engine_problem(error: &EngineError) -> (&'static str, Vec<(&'static str, String)>) {
    match error {
        EngineError::MissingModel { model } => {
            ("plan-model-missing", vec![("model", model.clone())])
        }
        EngineError::DamagedModel { model, path } => (
            "plan-model-damaged",
            vec![
                ("model", model.clone()),
                ("path", path.display().to_string()),
            ],
        ),
        EngineError::Spawn { program, reason } => (
            "plan-engine-not-started",
            vec![
                ("program", program.display().to_string()),
                ("reason", reason.clone()),
            ],
        ),
        EngineError::Load { path, reason } => (
            "plan-model-broken",
            vec![
                ("path", path.display().to_string()),
                ("reason", reason.clone()),
            ],
        ),
        EngineError::Unfenced { reason } => {
            ("plan-engine-unfenced", vec![("reason", reason.clone())])
        }
        EngineError::TooLong { tokens, limit } => (
            "plan-too-many-tokens",
            vec![("tokens", tokens.to_string()), ("limit", limit.to_string())],
        ),
        EngineError::Cancelled => ("plan-cancelled", vec![]),
        EngineError::Crashed { reason } => {
            ("plan-engine-crashed", vec![("reason", reason.clone())])
        }
        EngineError::Hung { after } => (
            "plan-engine-hung",
            vec![("seconds", after.as_secs().to_string())],
        ),
        EngineError::Grammar { reason } | EngineError::Failed { reason } => {
            ("plan-engine-failed", vec![("reason", reason.clone())])
        }
    }
}
