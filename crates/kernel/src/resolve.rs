//! From a checked call to one with every value and label.

use jiff::tz::TimeZone;
use plan::{
    ArgumentSpec, CheckedCall, Effect, Label, Moment, Operand, ResolveError, Signature, TimeText,
    Toward, Type, Value,
};
use policy::{ResolvedArgument, ResolvedCall};

use crate::{results::Results, surroundings};

/// Fills in every argument of `call`, in the signature's order, defaults included.
///
/// # Errors
///
/// [`ResolveError`] when an operand leads nowhere, such as the first of no rows.
pub(crate) fn resolve(
    call: &CheckedCall,
    signature: &Signature,
    results: &Results,
) -> Result<ResolvedCall, ResolveError> {
    with(call, signature, |operand| {
        Ok((operand.resolve(results)?, results.label(operand)))
    })
}

/// Fills in a call whose values all have the label `label`, such as one that the person clicked.
///
/// # Errors
///
/// As [`resolve`].
pub(crate) fn resolve_as(
    call: &CheckedCall,
    signature: &Signature,
    label: Label,
) -> Result<ResolvedCall, ResolveError> {
    let nothing = Results::default();
    with(call, signature, |operand| {
        Ok((operand.resolve(&nothing)?, label))
    })
}

/// Builds a call from values that Lucid itself kept, such as those of an undo.
pub(crate) fn given(signature: &Signature, arguments: &[(String, Value)]) -> ResolvedCall {
    let find = |name: &str| {
        arguments
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.clone())
    };
    let arguments = signature.arguments.iter().filter_map(|spec| {
        let value = find(&spec.name).or_else(|| spec.default.clone())?;
        Some(ResolvedArgument {
            name: spec.name.clone(),
            value,
            role: spec.role,
            label: Label::SYSTEM,
        })
    });
    ResolvedCall {
        function: signature.name.clone(),
        effect: signature.effect,
        arguments: arguments.collect(),
    }
}

fn with(
    call: &CheckedCall,
    signature: &Signature,
    value: impl Fn(&Operand) -> Result<(Value, Label), ResolveError>,
) -> Result<ResolvedCall, ResolveError> {
    let mut arguments = Vec::new();
    for spec in &signature.arguments {
        let (value, label) = match (call.arguments.get(&spec.name), &spec.default) {
            (Some(operand), _) => value(operand)?,
            (None, Some(default)) => (default.clone(), Label::SYSTEM),
            (None, None) => continue,
        };
        let value = match spec.ty {
            Type::Time => tied_to_the_calendar(
                value,
                toward(spec, signature.effect),
                surroundings::now(),
                &TimeZone::system(),
            ),
            _ => value,
        };
        arguments.push(ResolvedArgument {
            name: spec.name.clone(),
            value,
            role: spec.role,
            label,
        });
    }
    Ok(ResolvedCall {
        function: call.function.clone(),
        effect: signature.effect,
        arguments,
    })
}

/// Which way a time points that is given for an argument.
fn toward(spec: &ArgumentSpec, effect: Effect) -> Toward {
    match effect {
        Effect::Read if spec.ahead => Toward::Coming,
        Effect::Read => Toward::Past,
        _ => Toward::Future,
    }
}

/// Makes an instant (RFC 3339) of “tomorrow 15:00”: functions know no words. What is looked up lies in
/// the past, and what is done in the future: “monday” is the last one from its midnight on for a search,
/// the next one at 9:00 for a reminder.
fn tied_to_the_calendar(value: Value, toward: Toward, now: Moment, zone: &TimeZone) -> Value {
    let Some(time) = value.as_text().and_then(TimeText::parse) else {
        return value;
    };
    let moment = match toward {
        Toward::Future => time.in_the_morning().resolve(now, toward),
        Toward::Past | Toward::Coming => time.resolve(now, toward),
    };
    // A day far ahead may lie beyond the change to summer time.
    let moment = match time.has_offset() {
        true => moment,
        false => by_the_clock(moment, zone),
    };
    Value::Text(moment.to_string())
}

/// Gives a moment the offset that the clock of `zone` has when it reads so.
fn by_the_clock(moment: Moment, zone: &TimeZone) -> Moment {
    let offset_at = |moment: Moment| {
        let instant = jiff::Timestamp::from_second(moment.unix()).ok()?;
        Some(i64::from(zone.to_offset(instant).seconds()) / 60)
    };
    match offset_at(moment) {
        Some(offset) if offset != moment.offset_minutes() => moment.reread_in(offset),
        _ => moment,
    }
}

/// Writes a resolved call as a statement of the plan language, for people and the log.
pub(crate) fn written(call: &ResolvedCall) -> String {
    let argument =
        |argument: &ResolvedArgument| format!("{}={}", argument.name, literal(&argument.value));
    let arguments: Vec<String> = call
        .arguments
        .iter()
        .filter(|a| a.value != Value::Null)
        .map(argument)
        .collect();
    format!("{}({})", call.function, arguments.join(", "))
}

/// Writes a value as a literal, made visible.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => {
            let escaped = plan::escape_for_display(text)
                .replace('\\', "\\\\")
                .replace('"', "\\\"");
            format!("\"{escaped}\"")
        }
        Value::Null => "none".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(literal).collect::<Vec<_>>().join(", ")
        ),
        Value::Record(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", literal(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_times_become_instants() {
        let now = Moment::parse("2026-11-25T18:00:00+08:00", 0).expect("a moment");
        let zone = TimeZone::posix("CST-8").expect("a zone");
        let tied = |text: &str, toward| tied_to_the_calendar(Value::from(text), toward, now, &zone);
        for (text, toward, instant) in [
            (
                "tomorrow 15:00",
                Toward::Future,
                "2026-11-26T15:00:00+08:00",
            ),
            ("7:00", Toward::Future, "2026-11-26T07:00:00+08:00"),
            ("7:00", Toward::Past, "2026-11-25T07:00:00+08:00"),
            ("monday", Toward::Past, "2026-11-23T00:00:00+08:00"),
            ("monday", Toward::Coming, "2026-11-30T00:00:00+08:00"),
            ("wednesday", Toward::Coming, "2026-11-25T00:00:00+08:00"),
            ("tomorrow", Toward::Past, "2026-11-26T00:00:00+08:00"),
            ("tomorrow", Toward::Future, "2026-11-26T09:00:00+08:00"),
            ("monday", Toward::Future, "2026-11-30T09:00:00+08:00"),
            ("2026-12-01", Toward::Future, "2026-12-01T09:00:00+08:00"),
            ("now", Toward::Future, "2026-11-25T18:00:00+08:00"),
            (
                "2026-12-01T09:00:00+08:00",
                Toward::Past,
                "2026-12-01T09:00:00+08:00",
            ),
            ("no time", Toward::Past, "no time"),
        ] {
            assert_eq!(tied(text, toward), Value::from(instant), "{text}");
        }
    }

    #[test]
    fn a_day_beyond_the_change_to_summer_time_has_its_clock() {
        let now = Moment::parse("2026-11-25T18:00:00+01:00", 0).expect("a moment");
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        let tied = |text: &str| tied_to_the_calendar(Value::from(text), Toward::Future, now, &zone);
        assert_eq!(tied("2027-07-01"), "2027-07-01T09:00:00+02:00".into());
        assert_eq!(tied("2027-02-01"), "2027-02-01T09:00:00+01:00".into());
        assert_eq!(
            tied("2027-07-01T09:00:00+01:00"),
            "2027-07-01T09:00:00+01:00".into(),
            "what was said exactly stays"
        );
    }
}
