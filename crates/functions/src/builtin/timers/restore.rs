//! `timers.restore`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{availability, cancel::gone, start, store, words};
use crate::{Action, Availability, ErrorKind, FunctionError, Settlement, World};

/// Brings back a timer or a reminder that was cancelled, the same one for the same time.
///
/// A new timer in its place would have another number, so that what was journaled of the
/// first one could not be taken back any more.
pub(super) struct Restore;

#[async_trait]
impl Action for Restore {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let id = call.number("timer").map(|id| id as u64);
        let timers = store::load(world)?;
        let Some(timer) = timers.cancelled(id) else {
            return Err(match id {
                Some(id) => gone(id, world),
                None => FunctionError::new(
                    ErrorKind::NotFound,
                    world.language,
                    "timer-none-cancelled",
                    &[],
                ),
            });
        };
        if timer.due <= words::now() {
            let time = words::spoken_time(timer.due);
            let values = [("time", time.as_str())];
            let kind = ErrorKind::Invalid;
            return Err(FunctionError::new(
                kind,
                world.language,
                "timer-past",
                &values,
            ));
        }
        Ok(start::intent_for(timer.id, timer.due))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let id = entry.intent().facts.field("id").and_then(Value::as_number);
        let id = id.unwrap_or_default() as u64;
        let timer = store::restore(id, world)?.ok_or_else(|| gone(id, world))?;
        let label = words::label(&timer, world.language);
        let values = [("label", label.as_str())];
        Ok(start::outcome(
            entry,
            message(world.language, "timer-restored", &values),
        ))
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        start::settle(intent, world)
    }
}
