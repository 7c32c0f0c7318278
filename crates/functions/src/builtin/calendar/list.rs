//! `calendar.list`

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use plan::Value;
use policy::ResolvedCall;

use super::{
    event::{self, DAY, Span},
    file,
};
use crate::{
    Action, Availability, FunctionError, World,
    builtin::timers::{instant, now},
};

/// How far ahead is looked when nobody said until when.
const AHEAD: i64 = 30 * DAY;

/// Lists events: those of a day, or the coming ones.
pub(super) struct List;

/// The day of an instant in the person's zone.
fn day_of(second: i64) -> Option<Span> {
    let zoned = Timestamp::from_second(second)
        .ok()?
        .to_zoned_datetime(TimeZone::system());
    let start = zoned.start_of_day().ok()?;
    let end = start.checked_add(1.day()).ok()?;
    Some(Span {
        start: start.timestamp().as_second(),
        end: end.timestamp().as_second(),
    })
}

#[async_trait]
impl Action for List {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let day = call.text("day").and_then(instant);
        let day = day.and_then(|second| day_of(second as i64));
        let wanted = day.unwrap_or_else(|| {
            let now = now() as i64;
            Span {
                start: now,
                end: now + AHEAD,
            }
        });
        let calendar = file::load(world)?;
        let in_time = |event| {
            let span = event::span(event)?;
            let is_in = span.start < wanted.end && span.end.max(span.start + 1) > wanted.start;
            is_in.then_some((span, event))
        };
        let mut found: Vec<_> = file::events(&calendar).filter_map(in_time).collect();
        found.sort_by_key(|(span, _)| (span.start, span.end));
        let rows = found
            .into_iter()
            .map(|(span, event)| event::row(event, span));
        Ok(Value::List(rows.collect()))
    }
}
