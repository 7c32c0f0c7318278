//! Sizes and spans of time.

use plan::{Literal, Unit};

use super::number::number;

/// Reads a size: `100 MB`, `2 gigabytes`, `500兆`.
pub(crate) fn bytes(text: &str) -> Option<Literal> {
    let text = text.trim().to_lowercase();
    let (count, unit) = split_unit(&text, SIZES)?;
    // “一个 G”.
    let count = count.strip_suffix('个').unwrap_or(count);
    Some(Literal::Number {
        value: number(count)?,
        unit: Some(unit),
    })
}

/// The longest first, so that `mb` is not read as `b`.
const SIZES: &[(&str, Unit)] = &[
    ("gigabytes", Unit::Gigabyte),
    ("gigabyte", Unit::Gigabyte),
    ("megabytes", Unit::Megabyte),
    ("megabyte", Unit::Megabyte),
    ("kilobytes", Unit::Kilobyte),
    ("kilobyte", Unit::Kilobyte),
    ("terabytes", Unit::Terabyte),
    ("terabyte", Unit::Terabyte),
    ("gigs", Unit::Gigabyte),
    ("gig", Unit::Gigabyte),
    ("megs", Unit::Megabyte),
    ("meg", Unit::Megabyte),
    ("bytes", Unit::Byte),
    ("字节", Unit::Byte),
    ("gib", Unit::Gigabyte),
    ("mib", Unit::Megabyte),
    ("kib", Unit::Kilobyte),
    ("gb", Unit::Gigabyte),
    ("mb", Unit::Megabyte),
    ("kb", Unit::Kilobyte),
    ("tb", Unit::Terabyte),
    ("吉", Unit::Gigabyte),
    ("兆", Unit::Megabyte),
    ("g", Unit::Gigabyte),
    ("m", Unit::Megabyte),
    ("k", Unit::Kilobyte),
];

fn split_unit<'a, U: Copy>(text: &'a str, units: &[(&str, U)]) -> Option<(&'a str, U)> {
    units.iter().find_map(|(name, unit)| {
        text.strip_suffix(name)
            .map(|count| (count.trim(), *unit))
            .filter(|(count, _)| !count.is_empty())
    })
}

/// Reads a span of time as the shortest exact literal: `1h30` becomes `90min`.
pub(crate) fn duration(text: &str) -> Option<Literal> {
    duration_seconds(text).map(span)
}

/// Writes seconds in the greatest unit that holds them exactly.
fn span(seconds: f64) -> Literal {
    let units = [
        (86_400.0, Unit::Day),
        (3_600.0, Unit::Hour),
        (60.0, Unit::Minute),
    ];
    let (length, unit) = units
        .into_iter()
        .find(|(length, _)| seconds > 0.0 && seconds % length == 0.0)
        .unwrap_or((1.0, Unit::Second));
    Literal::Number {
        value: seconds / length,
        unit: Some(unit),
    }
}

/// Reads a span of time in seconds: `ten minutes`, `1h30`, `an hour and a half`, `一个半小时`, `十分钟`.
pub(crate) fn duration_seconds(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    fixed(&text).or_else(|| sum(&text))
}

fn fixed(text: &str) -> Option<f64> {
    Some(match text {
        "half an hour" | "half hour" | "a half hour" | "半小时" | "半个小时" | "半个钟头" => {
            1800.0
        }
        "a quarter of an hour" | "quarter of an hour" | "一刻钟" => 900.0,
        "three quarters of an hour" | "三刻钟" => 2700.0,
        "half a minute" | "半分钟" => 30.0,
        "half a day" | "半天" => 43_200.0,
        // Months and years count 30 and 365 days; half a year is six months.
        "half a year" | "半年" => 15_552_000.0,
        _ => return None,
    })
}

const SPANS: &[(&str, f64)] = &[
    ("seconds", 1.0),
    ("second", 1.0),
    ("secs", 1.0),
    ("sec", 1.0),
    ("s", 1.0),
    ("minutes", 60.0),
    ("minute", 60.0),
    ("mins", 60.0),
    ("min", 60.0),
    ("m", 60.0),
    ("hours", 3600.0),
    ("hour", 3600.0),
    ("hrs", 3600.0),
    ("hr", 3600.0),
    ("h", 3600.0),
    ("days", 86_400.0),
    ("day", 86_400.0),
    ("d", 86_400.0),
    ("months", 2_592_000.0),
    ("month", 2_592_000.0),
    ("years", 31_536_000.0),
    ("year", 31_536_000.0),
    ("weeks", 604_800.0),
    ("week", 604_800.0),
    ("秒钟", 1.0),
    ("秒", 1.0),
    ("分钟", 60.0),
    ("分", 60.0),
    ("个小时", 3600.0),
    ("个钟头", 3600.0),
    ("小时", 3600.0),
    ("钟头", 3600.0),
    ("天", 86_400.0),
    ("个月", 2_592_000.0),
    ("年", 31_536_000.0),
    ("个星期", 604_800.0),
    ("星期", 604_800.0),
    ("周", 604_800.0),
];

/// Adds up `count unit` pairs from left to right; units must become smaller.
fn sum(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut total = 0.0;
    let mut last = f64::INFINITY;
    while !rest.is_empty() {
        let (count, length, tail) = next_pair(rest, last)?;
        total += count * length;
        last = length;
        rest = tail.trim_start();
        if total > 0.0 && is_half_behind(rest) {
            return Some(total + length / 2.0);
        }
        rest = rest
            .strip_prefix("and ")
            .or_else(|| rest.strip_prefix(','))
            .or_else(|| rest.strip_prefix('零'))
            .unwrap_or(rest)
            .trim_start();
    }
    (total > 0.0).then_some(total)
}

/// The `and a half` of `an hour and a half`.
fn is_half_behind(rest: &str) -> bool {
    matches!(rest, "and a half" | "半")
}

/// Reads one count with its unit, which must be shorter than `last`.
fn next_pair(text: &str, last: f64) -> Option<(f64, f64, &str)> {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    if text.starts_with(is_digit) {
        let end = text.find(|c| !is_digit(c)).unwrap_or(text.len());
        let count: f64 = text[..end].parse().ok()?;
        let behind = text[end..].trim_start();
        if behind.is_empty() {
            // `1h30`: a bare number behind hours means minutes.
            return (last == 3600.0).then_some((count, 60.0, ""));
        }
        if let Some(rest) = behind.strip_prefix("个半小时") {
            return Some((count + 0.5, 3600.0, rest));
        }
        let (length, rest) = unit_in_front(behind)?;
        return (length < last).then_some((count, length, rest));
    }
    SPANS
        .iter()
        .chain(HALVES)
        .filter_map(|(unit, length)| {
            let at = text.find(unit)?;
            let rest = &text[at + unit.len()..];
            let goes_on = rest.starts_with(|c: char| c.is_ascii_alphabetic());
            let half = if HALVES.iter().any(|(name, _)| name == unit) {
                0.5
            } else {
                0.0
            };
            let count = words_count(text[..at].trim())?;
            (!goes_on && *length < last).then_some((count + half, *length, rest))
        })
        .min_by_key(|(_, _, rest)| rest.len())
        .or(None)
}

const HALVES: &[(&str, f64)] = &[
    ("个半小时", 3600.0),
    ("个半钟头", 3600.0),
    ("天半", 86_400.0),
];

fn words_count(text: &str) -> Option<f64> {
    match text {
        "a" | "an" | "one" => Some(1.0),
        "a couple of" => Some(2.0),
        "one and a half" => Some(1.5),
        "two and a half" => Some(2.5),
        text => number(text),
    }
}

fn unit_in_front(text: &str) -> Option<(f64, &str)> {
    SPANS
        .iter()
        .filter_map(|(unit, length)| {
            let rest = text.strip_prefix(unit)?;
            let goes_on = unit.is_ascii() && rest.starts_with(|c: char| c.is_ascii_alphabetic());
            (!goes_on).then_some((unit.len(), *length, rest))
        })
        .max_by_key(|(length, _, _)| *length)
        .map(|(_, length, rest)| (length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_both_languages() {
        for (text, expected) in [
            ("ten minutes", Some("10min")),
            ("10 min", Some("10min")),
            ("1h30", Some("90min")),
            ("1 hour and 30 minutes", Some("90min")),
            ("1h30m15s", Some("5415s")),
            ("an hour", Some("1h")),
            ("an hour and a half", Some("90min")),
            ("half an hour", Some("30min")),
            ("one and a half hours", Some("90min")),
            ("two and a half hours", Some("150min")),
            ("90 seconds", Some("90s")),
            ("two days", Some("2d")),
            ("十分钟", Some("10min")),
            ("一个半小时", Some("90min")),
            ("1个半小时", Some("90min")),
            ("半小时", Some("30min")),
            ("两个小时", Some("2h")),
            ("两小时三十分钟", Some("150min")),
            ("1小时30分", Some("90min")),
            ("三十秒", Some("30s")),
            ("一刻钟", Some("15min")),
            ("ten", None),
            ("minutes", None),
            ("10 apples", None),
            ("30 minutes 1 hour", None),
            ("a while", None),
        ] {
            let found = duration(text).map(|literal| literal.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("100 MB", Some("100MB")),
            ("2 gigabytes", Some("2GB")),
            ("1.5G", Some("1.5GB")),
            ("five hundred megabytes", Some("500MB")),
            ("500兆", Some("500MB")),
            ("一百兆", Some("100MB")),
            ("MB", None),
            ("100", None),
            ("big", None),
        ] {
            let found = bytes(text).map(|literal| literal.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
