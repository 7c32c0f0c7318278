//! Between events of iCalendar and rows.

use icalendar::{Component, Event};
use jiff::{Timestamp, civil, tz::TimeZone};
use plan::Value;

/// How long an event is whose end nobody said, in seconds.
pub(super) const USUAL: f64 = 3600.0;
/// A day, in seconds.
pub(super) const DAY: i64 = 86_400;

/// When an event is, in Unix seconds; its end is never before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// Makes an event at an instant.
pub(super) fn make(uid: &str, title: &str, start: i64, seconds: f64) -> Event {
    let end = start.saturating_add(seconds.round() as i64);
    let mut event = Event::new();
    event
        .uid(uid)
        .summary(title)
        .add_property("DTSTART", written(start))
        .add_property("DTEND", written(end));
    event.done()
}

/// Reads when an event is: instants in UTC, in a named zone or in the person's, and whole days.
pub(super) fn span(event: &Event) -> Option<Span> {
    let start = instant(event, "DTSTART")?;
    let is_day = event.property_value("DTSTART")?.len() == 8;
    let end = instant(event, "DTEND").unwrap_or(if is_day { start + DAY } else { start });
    Some(Span {
        start,
        end: end.max(start),
    })
}

/// Writes an event as a row.
pub(super) fn row(event: &Event, span: Span) -> Value {
    Value::record([
        ("title", event.get_summary().unwrap_or_default().into()),
        ("start", local(span.start)),
        ("end", local(span.end)),
        ("event", event.get_uid().unwrap_or_default().into()),
    ])
}

fn instant(event: &Event, name: &str) -> Option<i64> {
    let property = event.properties().get(name)?;
    let zone = property.params().get("TZID").map(|zone| zone.value());
    read(property.value(), zone)
}

/// Reads `20261127T090000Z`, `20261127T090000` and `20261127`.
fn read(text: &str, zone: Option<&str>) -> Option<i64> {
    let (text, zone) = match text.strip_suffix('Z') {
        Some(text) => (text, TimeZone::UTC),
        None => {
            let named = zone.and_then(|zone| TimeZone::get(zone).ok());
            (text, named.unwrap_or_else(TimeZone::system))
        }
    };
    let at = if text.len() == 8 {
        civil::Date::strptime("%Y%m%d", text).ok()?.at(0, 0, 0, 0)
    } else {
        civil::DateTime::strptime("%Y%m%dT%H%M%S", text).ok()?
    };
    Some(zone.to_timestamp(at).ok()?.as_second())
}

fn written(second: i64) -> String {
    let timestamp = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn local(second: i64) -> Value {
    match Timestamp::from_second(second) {
        Ok(timestamp) => {
            let zoned = timestamp.to_zoned_datetime(TimeZone::system());
            Value::Text(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
        }
        Err(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_days_are_read() {
        assert_eq!(read("20261127T090000Z", None), Some(1_795_770_000));
        assert_eq!(
            read("20261127T170000", Some("Asia/Shanghai")),
            Some(1_795_770_000)
        );
        assert_eq!(
            read("20261127T090000Z", None),
            read(&written(1_795_770_000), None)
        );
        assert!(read("20261127", None).is_some());
        for text in ["", "2026", "20261327", "20261127T250000Z", "tomorrow"] {
            assert_eq!(read(text, None), None, "{text}");
        }
    }

    #[test]
    fn an_event_keeps_its_times_and_words() {
        let event = make("a@b", "Tea; with, \"Bo\"\nand 茶", 1_795_770_000, 1800.0);
        let span = span(&event).unwrap();
        assert_eq!(span.end - span.start, 1800);
        assert_eq!(event.get_summary(), Some("Tea; with, \"Bo\"\nand 茶"));
    }
}
