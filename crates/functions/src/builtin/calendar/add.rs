//! `calendar.add`

use async_trait::async_trait;
use icalendar::Component as _;
use journal::{Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::message;

use super::{event, file};
use crate::{
    Action, Availability, ErrorKind, FunctionError, Settlement, World,
    builtin::timers::{instant, spoken_time},
};

/// Puts an event into the calendar.
pub(super) struct Add;

#[async_trait]
impl Action for Add {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let invalid = |id, time: &str| {
            let values = [("time", time)];
            FunctionError::new(ErrorKind::Invalid, world.language, id, &values)
        };
        let time = call.text("start").unwrap_or_default();
        let start = instant(time).ok_or_else(|| invalid("timer-time-unreadable", time))?;
        if call.text("title").unwrap_or_default().trim().is_empty() {
            return Err(invalid("event-empty", ""));
        }
        file::load(world)?;
        // Fixed here, so that a crash can be settled.
        let uid = uid(world)?;
        Ok(Intent {
            undo: Some(Undo {
                function: FunctionName::new("calendar.remove").expect("a well-formed name"),
                arguments: vec![("event".to_owned(), uid.as_str().into())],
                expect: Vec::new(),
            }),
            facts: Value::record([("event", uid.into()), ("start", start.into())]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (call, facts) = (entry.call(), &entry.intent().facts);
        let uid = entry.intent().text("event");
        let start = facts
            .field("start")
            .and_then(Value::as_number)
            .unwrap_or_default();
        let title = call.text("title").unwrap_or_default().trim();
        let seconds = call.number("duration").unwrap_or(event::USUAL).max(0.0);
        let made = event::make(uid, title, start as i64, seconds);
        file::change(world, |calendar| Some(calendar.push(made).len()))?;
        let shown = plan::escape_for_display(title);
        let values = [("title", shown.as_str()), ("time", &*spoken_time(start))];
        Ok(Outcome {
            value: Value::Null,
            undo: entry.intent().undo.clone(),
            note: message(world.language, "event-added", &values),
        })
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        let Ok(calendar) = file::load(world) else {
            return Settlement::Unknown;
        };
        if file::events(&calendar).any(|event| event.get_uid() == Some(intent.text("event"))) {
            Settlement::Done(Outcome {
                undo: intent.undo.clone(),
                ..Outcome::default()
            })
        } else {
            Settlement::NotDone
        }
    }
}

/// A name that no other event has.
fn uid(world: &World) -> Result<String, FunctionError> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let reason = error.to_string();
        let values = [("reason", reason.as_str())];
        FunctionError::new(
            ErrorKind::Failed,
            world.language,
            "calendar-failed",
            &values,
        )
    })?;
    Ok(format!("{}@lucid", hex::encode(bytes)))
}
