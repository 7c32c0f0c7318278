//! What runs a function.

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;

use crate::{Availability, ErrorKind, FunctionError, World};

/// The code, or the interpreter of data, behind one function.
///
/// The order of a call is: [`Action::intend`] reads the world and changes
/// nothing; the kernel journals the intent; [`Action::run`] acts. Dropping the
/// future of `run` cancels it; an action that cannot be cut anywhere moves its
/// work into a task of its own.
#[async_trait]
pub trait Action: Send + Sync {
    /// Tells whether the function can be used now. Cheap: it is asked before every plan.
    async fn availability(&self, world: &World) -> Availability;

    /// Names the argument whose usual value bounds how many rows are shown, and is no part of what was asked
    /// for: what is counted or acted on is all of them. See [`crate::Function::call_for_all`].
    fn shown_by(&self) -> Option<&'static str> {
        None
    }

    /// Tells for each of `subjects`, values of the argument that a row fills, whether a call on it is sure to be
    /// refused. Cheap: it is asked for every row of a panel, whenever that is drawn.
    fn refuses(&self, subjects: &[&Value], world: &World) -> Vec<bool> {
        let _ = world;
        vec![false; subjects.len()]
    }

    /// Finds out what `call` is about to change. Changes nothing.
    ///
    /// # Errors
    ///
    /// When it can be seen already that the call would fail (a missing file); nothing is journaled then.
    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let _ = (call, world);
        Ok(Intent::default())
    }

    /// Reads, for a function whose effect is `read`; such a function needs no [`Action::run`].
    ///
    /// The registry also calls it to compare a journaled value with the world, so it
    /// must change nothing.
    ///
    /// # Errors
    ///
    /// Any [`FunctionError`].
    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let values = [("function", call.function.as_str())];
        Err(FunctionError::new(
            ErrorKind::Invalid,
            world.language,
            "function-not-read",
            &values,
        ))
    }

    /// Acts. The default gives what [`Action::read`] gives.
    ///
    /// # Errors
    ///
    /// Any [`FunctionError`]; the world is as before unless its sentence says otherwise.
    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let value = self.read(entry.call(), world).await?;
        Ok(Outcome {
            value,
            ..Outcome::default()
        })
    }

    /// Tells, after a crash, whether `call` was carried out. Changes nothing.
    ///
    /// The default compares the intent's `before` and `after` checks with the world.
    async fn settle(&self, call: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        let _ = (call, intent, world);
        Settlement::ByChecks
    }
}

/// What is known about an act that was begun before a crash.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// Let the registry compare the intent's checks with the world.
    ByChecks,
    /// It was done.
    Done(Outcome),
    /// It was not done.
    NotDone,
    /// It cannot be told.
    Unknown,
}
