//! What the kernel tells in ids and numbers, as a person reads it.

use jiff::{Timestamp, tz::TimeZone};
use protocol::{Energy, Finish, LabelReport, Outcome, Route, RouteStep, text::message};

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
    match taken {
        Route::Template { pattern, .. } => format!("{} ({pattern})", route(taken)),
        Route::Model { reason, steps, .. } => {
            let reasons: Vec<String> = [reason.clone()].into_iter().chain(before(steps)).collect();
            format!("{} ({})", route(taken), reasons.join("; "))
        }
        Route::Given => route(taken),
    }
}

/// Says which models were asked before, and why they did not do.
fn before(steps: &[RouteStep]) -> impl Iterator<Item = String> {
    steps.iter().map(|step| {
        let values = [("model", &*step.model), ("reason", &*step.reason)];
        text("route-step", &values)
    })
}

/// Says which models read a text in a turn; none where none did.
pub(crate) fn read_by(finish: &Finish) -> Option<String> {
    let readers = finish.readers.iter().map(|read| {
        let model = match read.broke_off {
            true => text("reader-broke-off", &[("model", &read.model)]),
            false => read.model.clone(),
        };
        let steps: Vec<String> = before(&read.steps).collect();
        match steps.is_empty() {
            true => model,
            false => format!("{model} ({})", steps.join("; ")),
        }
    });
    let mut readers: Vec<String> = readers.collect();
    readers.dedup();
    let models = readers.join(", ");
    (!models.is_empty()).then(|| text("read-by", &[("models", &models)]))
}

/// Sums up a turn.
pub(crate) fn finish(finish: &Finish) -> String {
    let first = finish
        .timings
        .first_action_ms
        .map_or("–".to_owned(), |ms| format!("{ms:.0} ms"));
    let total = format!("{:.0} ms", finish.timings.total_ms);
    let energy = joules(&finish.energy);
    let values = [
        ("outcome", &*outcome(finish.outcome)),
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
        ("energy", &joules(&finish.energy)),
        ("method", &energy_method(&finish.energy)),
    ];
    text("cost-line", &values)
}

/// Shows an amount of energy; what is not measured is marked as about right.
fn joules(energy: &Energy) -> String {
    let mark = if energy.method == "rapl" { "" } else { "≈ " };
    format!("{mark}{:.1} J", energy.joules)
}

/// Says how an amount of energy was found. A method of another version is shown as it is.
fn energy_method(energy: &Energy) -> String {
    let watts = energy
        .watts_per_core
        .map_or("?".to_owned(), |w| w.to_string());
    match &*energy.method {
        "rapl" => text("energy-rapl", &[]),
        "estimate" => text("energy-estimate", &[("watts", &watts)]),
        "" => "–".to_owned(),
        other => other.to_owned(),
    }
}

/// The name of a state, a stage or a decision as it is on the wire, in the catalogue beneath
/// `kind`; one that a newer kernel has is shown as it is.
pub(crate) fn name(kind: &str, wire: &str) -> String {
    let id = format!("{kind}-{wire}");
    let known = text(&id, &[]);
    if known == id { wire.to_owned() } else { known }
}

/// Where the arguments of a call come from, in one line; empty where it has none.
pub(crate) fn labels(labels: &[LabelReport]) -> String {
    let told = labels.iter().map(|label| {
        let private = if label.private { "-private" } else { "" };
        let id = format!("label-{}{private}", label.integrity);
        text(&id, &[("argument", &label.argument)])
    });
    told.collect::<Vec<_>>().join(" · ")
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

/// Names the outcome of a turn.
pub(crate) fn outcome(outcome: Outcome) -> String {
    let id = match outcome {
        Outcome::Done => "outcome-done",
        Outcome::Partial => "outcome-partial",
        Outcome::Failed => "outcome-failed",
        Outcome::Refused => "outcome-refused",
        Outcome::Stopped => "outcome-stopped",
        Outcome::Answered => "outcome-answered",
    };
    text(id, &[])
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
    fn a_route_names_the_models_that_were_asked_before() {
        let taken = Route::Model {
            model: "large".into(),
            reason: "no template".into(),
            steps: vec![RouteStep {
                model: "small".into(),
                reason: "not sure".into(),
            }],
        };
        let said = route_and_reason(&taken);
        assert!(
            said.ends_with("large (no template; small before: not sure)"),
            "{said}"
        );
    }

    #[test]
    fn who_read_is_told_with_who_could_not() {
        let mut finish = Finish::of(Outcome::Done);
        assert_eq!(read_by(&finish), None);
        let read = |model: &str, steps| protocol::ReadBy {
            model: model.into(),
            broke_off: model == "cloud",
            steps,
        };
        let step = RouteStep {
            model: "small".into(),
            reason: "too long".into(),
        };
        finish.readers = vec![
            read("small", vec![]),
            read("small", vec![]),
            read("large", vec![step]),
            read("cloud", vec![]),
        ];
        let said = read_by(&finish).unwrap();
        assert!(
            said.ends_with(": small, large (small before: too long), cloud broke off"),
            "{said}"
        );
    }

    #[test]
    fn energy_is_told_with_its_method_and_an_estimate_is_marked() {
        let energy = |method: &str, watts_per_core| Energy {
            joules: 12.34,
            method: method.to_owned(),
            watts_per_core,
        };
        let shown = |energy: Energy| (joules(&energy), energy_method(&energy));
        let (amount, method) = shown(energy("rapl", None));
        assert_eq!(amount, "12.3 J");
        assert!(method.contains("RAPL"), "{method}");
        let (amount, method) = shown(energy("estimate", Some(6.0)));
        assert_eq!(amount, "≈ 12.3 J");
        assert!(method.contains("6 W"), "{method}");
        let old = "estimate: processor time × 6 W";
        assert_eq!(
            shown(energy(old, None)),
            ("≈ 12.3 J".to_owned(), old.to_owned())
        );
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
