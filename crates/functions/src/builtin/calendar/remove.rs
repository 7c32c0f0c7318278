//! `calendar.remove`

use async_trait::async_trait;
use icalendar::{Component, Event};
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{event, file};
use crate::{
    Action, Availability, ErrorKind, FunctionError, World,
    builtin::timers::{now, spoken_time},
};

/// Takes an event out of the calendar.
pub(super) struct Remove;

/// Finds the event that is named: by its id, or by words of the title of one that is still to come.
fn find(call: &ResolvedCall, world: &World) -> Result<Event, FunctionError> {
    let said = call.text("event").unwrap_or_default().trim();
    let lower = said.to_lowercase();
    let calendar = file::load(world)?;
    if let Some(event) = file::events(&calendar).find(|event| event.get_uid() == Some(said)) {
        return Ok(event.clone());
    }
    let fits = |event: &&Event| {
        let title = event.get_summary().unwrap_or_default().to_lowercase();
        let is_coming = event::span(event).is_some_and(|span| span.end as f64 >= now());
        !lower.is_empty() && title.contains(&lower) && is_coming
    };
    let fitting: Vec<&Event> = file::events(&calendar).filter(fits).collect();
    match fitting[..] {
        [event] => Ok(event.clone()),
        [] => Err(error(ErrorKind::NotFound, "event-none", said, world)),
        _ => Err(error(ErrorKind::Invalid, "event-which", said, world)),
    }
}

fn error(kind: ErrorKind, id: &str, title: &str, world: &World) -> FunctionError {
    let title = plan::escape_for_display(title);
    FunctionError::new(kind, world.language, id, &[("title", &title)])
}

#[async_trait]
impl Action for Remove {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let event = find(call, world)?;
        let title = event.get_summary().unwrap_or_default();
        let time = event::span(&event).map(|span| spoken_time(span.start as f64));
        Ok(Intent {
            touches: format!(
                "{} ({})",
                plan::escape_for_display(title),
                time.unwrap_or_default()
            ),
            facts: Value::record([
                ("event", event.get_uid().unwrap_or_default().into()),
                ("title", title.into()),
            ]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let fact = |name| entry.intent().text(name);
        let taken = file::change(world, |calendar| file::take(calendar, fact("event")))?;
        if taken.is_none() {
            return Err(error(
                ErrorKind::NotFound,
                "event-none",
                fact("title"),
                world,
            ));
        }
        let title = plan::escape_for_display(fact("title"));
        Ok(Outcome {
            note: message(world.language, "event-removed", &[("title", &title)]),
            ..Outcome::default()
        })
    }
}
