//! What can go wrong between a request and a model.

use std::path::PathBuf;
use std::time::Duration;

/// Why an engine could not answer.
///
/// After any of these the engine is usable again: the next call starts a new worker
/// where the last one is gone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No file of the model is on this machine.
    #[error("the model {model} is not on this machine; fetch it with `lucid model pull {model}`")]
    MissingModel {
        /// The model's id in the catalogue.
        model: String,
    },
    /// The model's file is not the one of the catalogue.
    #[error("the file {path} is damaged; fetch it again with `lucid model pull {model}`")]
    DamagedModel {
        /// The model's id in the catalogue.
        model: String,
        /// Its file.
        path: PathBuf,
    },
    /// The worker's program is not where it should be, or cannot be started.
    #[error("could not start the model worker {program}: {reason}")]
    Spawn {
        /// The program that was tried.
        program: PathBuf,
        /// What the system answered.
        reason: String,
    },
    /// The file is not a model, is damaged, or does not fit into memory.
    #[error("could not load the model {path}: {reason}")]
    Load {
        /// The model's file.
        path: PathBuf,
        /// What the engine says about it.
        reason: String,
    },
    /// The system cannot keep the worker away from the person's files or the network.
    #[error("the model worker cannot be fenced in on this system: {reason}")]
    Unfenced {
        /// Which fence is missing, and why.
        reason: String,
    },
    /// The grammar of a request does not compile. Nothing was generated.
    #[error("the grammar does not compile: {reason}")]
    Grammar {
        /// The compiler's message.
        reason: String,
    },
    /// The prompt has more tokens than the context can hold.
    #[error("the request is too long: {tokens} tokens, at most {limit} fit")]
    TooLong {
        /// Tokens of the prompt.
        tokens: u32,
        /// Tokens that fit, with room for an answer.
        limit: u32,
    },
    /// The work was cancelled by the caller or overtaken by a generation.
    #[error("the model's work was cancelled")]
    Cancelled,
    /// The worker died in the middle of the request. The next request starts a new one.
    #[error("the model worker stopped unexpectedly ({reason}); the next request starts it again")]
    Crashed {
        /// How it ended, and its last words if it had any.
        reason: String,
    },
    /// The worker said nothing for too long and was ended. The next request starts a new one.
    #[error("the model worker did not answer for {} s and was restarted", .after.as_secs())]
    Hung {
        /// How long it was silent.
        after: Duration,
    },
    /// The worker refused a request, or answered something that makes no sense.
    #[error("the model worker failed: {reason}")]
    Failed {
        /// The worker's message.
        reason: String,
    },
}
