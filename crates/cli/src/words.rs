//! What the kernel tells in ids and numbers, as a person reads it.

use jiff::{Timestamp, tz::TimeZone};
use protocol::{Finish, Outcome, Route, text::message};

use crate::connection::language;

/// A message of the catalogue in the session's language.
pub(crate) fn text(id: &str, values: &[(&str, &str)]) -> String {
    message(language(), id, values)
}

/// Says by which way a plan was made.
pub(crate) fn route(route: &Route) -> String {
    match route {
        Route::Template { function, .. } => text("route-template", &[("function", function)]),
        Route::Model { model, .. } => text("route-model", &[("model", model)]),
        Route::Given => text("route-given", &[]),
    }
}

/// Says by which way a plan was made, and what led there.
pub(crate) fn route_and_reason(taken: &Route) -> String {
    let reason = match taken {
        Route::Template { pattern, .. } => pattern,
        Route::Model { reason, .. } => reason,
        Route::Given => return route(taken),
    };
    format!("{} ({reason})", route(taken))
}

/// Sums up a turn.
pub(crate) fn finish(finish: &Finish) -> String {
    let first = finish
        .timings
        .first_action_ms
        .map_or("–".to_owned(), |ms| format!("{ms:.0} ms"));
    let total = format!("{:.0} ms", finish.timings.total_ms);
    let energy = format!("{:.1} J", finish.energy.joules);
    let values = [
        ("outcome", &*text(outcome_id(finish.outcome), &[])),
        ("first", &first),
        ("total", &total),
        ("energy", &energy),
    ];
    text("finish-line", &values)
}

/// Tells what a turn took.
pub(crate) fn cost(finish: &Finish) -> String {
    let number = |count: u32| count.to_string();
    let values = [
        ("total", &*format!("{:.0} ms", finish.timings.total_ms)),
        ("prompt", &number(finish.tokens.prompt)),
        ("decoded", &number(finish.tokens.decoded)),
        ("restored", &number(finish.tokens.restored)),
        ("energy", &format!("{:.1} J", finish.energy.joules)),
        ("method", &finish.energy.method),
    ];
    text("cost-line", &values)
}

/// The name of a state, a stage or a decision as it is on the wire, in the catalogue beneath
/// `kind`; one that a newer kernel has is shown as it is.
pub(crate) fn name(kind: &str, wire: &str) -> String {
    let id = format!("{kind}-{wire}");
    let known = text(&id, &[]);
    if known == id { wire.to_owned() } else { known }
}

/// Writes a moment of RFC 3339 as date and time on this machine's clock, to the minute; what is
/// no moment is left as it is.
pub(crate) fn local_time(text: &str) -> String {
    time_in(text, TimeZone::system())
}

fn time_in(text: &str, zone: TimeZone) -> String {
    text.parse::<Timestamp>().map_or_else(
        |_| text.to_owned(),
        |moment| {
            moment
                .to_zoned_datetime(zone)
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}

fn outcome_id(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "outcome-done",
        Outcome::Partial => "outcome-partial",
        Outcome::Failed => "outcome-failed",
        Outcome::Refused => "outcome-refused",
        Outcome::Stopped => "outcome-stopped",
        Outcome::Answered => "outcome-answered",
    }
}

#[cfg(test)]
mod tests {
    use protocol::text::Language;

    use super::*;

    #[test]
    fn a_moment_is_shown_on_the_clock_of_its_reader() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let shown = |text: &str| time_in(text, zone.clone());
        assert_eq!(shown("2026-03-01T20:34:56+02:00"), "2026-03-02 02:34");
        assert_eq!(shown("2026-03-01T23:59:59.9Z"), "2026-03-02 07:59");
        for other in ["2026-03-01", "soon", ""] {
            assert_eq!(shown(other), other);
        }
    }

    #[test]
    fn every_name_of_the_wire_is_in_the_catalogue() {
        for (kind, names) in [
            (
                "entry",
                &["open", "done", "failed", "unknown", "undone"][..],
            ),
            ("stage", &["fetching", "verifying", "placed", "failed"]),
            ("decision", &["allow", "confirm", "deny"]),
            (
                "effect",
                &["read", "transient", "reversible", "irreversible", "egress"],
            ),
        ] {
            for name in names {
                let id = format!("{kind}-{name}");
                for language in [Language::English, Language::Chinese] {
                    assert_ne!(message(language, &id, &[]), id);
                }
            }
        }
        assert_eq!(name("entry", "frozen"), "frozen");
    }
}
