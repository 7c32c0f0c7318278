//! `alarms.set`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::clock::clock;
use crate::{
    Action, Availability, ErrorKind, FunctionError, Settlement, World,
    builtin::timers::{self, Repeat},
};

/// Sets an alarm that rings again and again at the same time of day.
pub(super) struct Set;

fn repeat(call: &ResolvedCall) -> Repeat {
    Repeat::named(call.text("days").unwrap_or_default())
}

#[async_trait]
impl Action for Set {
    async fn availability(&self, world: &World) -> Availability {
        timers::availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let time = call.text("time").unwrap_or_default();
        let at = clock(time).ok_or_else(|| {
            let time = plan::escape_for_display(time);
            let values = [("time", time.as_str())];
            let id = "timer-time-unreadable";
            FunctionError::new(ErrorKind::Invalid, world.language, id, &values)
        })?;
        timers::intent(repeat(call).first(at, timers::now()), world)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let call = entry.call();
        let repeat = repeat(call);
        let label = match call.text("label").unwrap_or_default().trim() {
            "" => message(world.language, "alarm", &[]),
            label => label.to_owned(),
        };
        let due = timers::add_repeating(entry, &label, repeat, world)?;
        let values = [
            ("time", timers::clock_time(due)),
            ("days", repeat.shown(world.language)),
        ];
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        Ok(timers::outcome(
            entry,
            message(world.language, "alarm-set", &values),
        ))
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        timers::settle(intent, world)
    }
}
