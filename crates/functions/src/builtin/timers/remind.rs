//! `timers.remind`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{availability, start, words};
use crate::{Action, Availability, ErrorKind, FunctionError, Settlement, World};

/// Reminds a person of something at a time.
pub(super) struct Remind;

#[async_trait]
impl Action for Remind {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let time = call.text("time").unwrap_or_default();
        let error = |id, time: &str| {
            FunctionError::new(ErrorKind::Invalid, world.language, id, &[("time", time)])
        };
        let due = words::instant(time).ok_or_else(|| error("timer-time-unreadable", time))?;
        if due <= words::now() {
            return Err(error("timer-past", &words::spoken_time(due)));
        }
        start::intent(due, world)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let call = entry.call();
        start::add(entry, None, call.text("text").unwrap_or_default(), world)?;
        let due = words::instant(call.text("time").unwrap_or_default()).unwrap_or_default();
        let time = words::spoken_time(due);
        let values = [("time", time.as_str())];
        let note = message(world.language, "timer-reminder-set", &values);
        Ok(start::outcome(entry, note))
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        start::settle(intent, world)
    }
}
