//! The way from words to a plan.

use engine::{CapsuleReport, Engine, EngineError};
use functions::Registry;
use tokio_util::sync::CancellationToken;

use crate::{Command, PlanError, PlanEvent, Planned, Request};

/// Turns words into plans. Made once for a registry; cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Planner {}

#[allow(unused_variables, reason = "being written")]
impl Planner {
    /// Compiles the templates, and the constant part of the prompt, of all functions of
    /// `registry`, available or not. Takes some milliseconds.
    ///
    /// Templates and examples that do not compile or do not pass the check are left out with a
    /// warning in the log; [`Planner::defects`] lists them.
    pub fn new(registry: &Registry) -> Planner {
        todo!()
    }

    /// Returns one sentence about each template or example that was left out.
    pub fn defects(&self) -> &[String] {
        todo!()
    }

    /// Recognises words that command the kernel itself. Ask it before [`Planner::plan`].
    pub fn command(&self, utterance: &str) -> Option<Command> {
        todo!()
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
        todo!()
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
        todo!()
    }

    /// Reads the words so far while the person types. Call it after each change; it returns at
    /// once unless a word has just been completed. Does nothing for words that a template fits.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::prefill`]; [`EngineError::Cancelled`] is harmless.
    pub async fn typing(&self, engine: &dyn Engine, partial: &str) -> Result<(), EngineError> {
        todo!()
    }
}
