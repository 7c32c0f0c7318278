//! The border between Lucid and the models: what a model is asked, and how the process
//! that holds it is reached.
//!
//! [`Engine`] is all that the planner and the kernel see. [`WorkerEngine`] fulfils it
//! with a child process that speaks [`protocol`] over a private socket;
//! [`ScriptedEngine`] fulfils it from a table, for tests. Which models exist and
//! where their files come from is told by [`catalog`] and [`store`], what their work draws by [`energy`].
//!
//! The crate has no inference code in it, so that everything above it builds quickly.

pub mod catalog;
pub mod energy;
pub mod protocol;
pub mod store;

mod error;
mod generation;
mod request;
mod scripted;
mod worker;

pub use error::EngineError;
pub use generation::{Generation, GenerationEvent};
pub use request::{
    Capsule, CapsuleReport, ChatTurn, EngineStats, Gate, GenerateRequest, Generated, LoadReport,
    PrefillReport, Prompt, Score, Started, StopReason, TokenLogprob,
};

pub use scripted::{Behaviour, Script, ScriptedAnswer, ScriptedEngine};
pub use worker::{
    AtStart, WorkerEngine, WorkerOptions, adapter_file, default_capsules, worker_program,
};

use async_trait::async_trait;

/// Answers prompts with one model.
///
/// Every method may take as long as the model needs; dropping its future (or the
/// [`Generation`]) cancels the work at the next token. A model is loaded by the first
/// call that needs it. Calls are served one after the other, in the order of arrival,
/// but a generation overtakes and cancels a running [`Engine::prefill`].
#[async_trait]
pub trait Engine: Send + Sync {
    /// Names the model behind this engine, as in the catalogue.
    fn model(&self) -> &str;

    /// Whether what the model is asked stays on this machine.
    fn is_on_this_machine(&self) -> bool {
        true
    }

    /// Loads the model if it is not in memory, so that the next call starts at once.
    ///
    /// # Errors
    ///
    /// [`EngineError::Load`] when the file is missing or broken, and every error of a
    /// worker that dies.
    async fn load(&self) -> Result<LoadReport, EngineError>;

    /// Makes sure that the constant part of `prompt` is prefilled and kept on disk.
    ///
    /// The constant part is the system text with the first [`Capsule::Turns`] chat turns.
    ///
    /// # Errors
    ///
    /// [`EngineError::TooLong`] when it does not fit the context.
    async fn prepare(&self, prompt: &Prompt) -> Result<CapsuleReport, EngineError>;

    /// Reads `prompt` ahead of its generation, while its utterance is still being typed.
    ///
    /// The utterance may be cut anywhere; what follows is read by the next prefill or
    /// generation, which reuses all tokens that are still the same.
    ///
    /// # Errors
    ///
    /// [`EngineError::Cancelled`] when a generation overtook it.
    async fn prefill(&self, prompt: &Prompt) -> Result<PrefillReport, EngineError>;

    /// Starts to answer `request`.
    ///
    /// # Errors
    ///
    /// [`EngineError::Grammar`] when the grammar does not compile; errors after the start
    /// come out of the [`Generation`].
    async fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError>;

    /// Tells how likely each of `continuations` is after `prompt`, in the same order.
    ///
    /// # Errors
    ///
    /// [`EngineError::TooLong`] when the prompt does not fit the context.
    async fn score(
        &self,
        prompt: &Prompt,
        continuations: &[String],
    ) -> Result<Vec<Score>, EngineError>;

    /// Splits `text` into the model's tokens; nothing in it counts as chat markup.
    ///
    /// # Errors
    ///
    /// Only those of the worker.
    async fn tokenise(&self, text: &str) -> Result<Vec<u32>, EngineError>;

    /// Turns each of `texts` into a vector, in the same order; all have the same length.
    ///
    /// # Errors
    ///
    /// [`EngineError::Failed`] where the model writes text and has no vectors to give.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EngineError> {
        let _ = texts;
        Err(EngineError::Failed {
            reason: "this engine cannot turn texts into vectors".to_owned(),
        })
    }

    /// Tells what the engine uses and has done; never loads a model for it.
    ///
    /// # Errors
    ///
    /// Only those of the worker.
    async fn stats(&self) -> Result<EngineStats, EngineError>;

    /// Frees the model's memory; the next call loads it again.
    async fn unload(&self);
}
