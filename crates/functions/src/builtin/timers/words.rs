//! Times and durations as people read them, and the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, tz::TimeZone};
use protocol::text::Language;

use super::store::Timer;

/// What a person calls `timer`: its own name, or how long it runs.
pub(super) fn label(timer: &Timer, language: Language) -> String {
    match timer.duration {
        Some(duration) if timer.label.is_empty() => spoken_duration(duration, language),
        _ => timer.label.clone(),
    }
}

/// Returns the wall clock in Unix seconds.
pub(crate) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// Reads an instant as plans carry it, RFC 3339.
pub(crate) fn instant(text: &str) -> Option<f64> {
    let timestamp: Timestamp = text.trim().parse().ok()?;
    Some(timestamp.as_millisecond() as f64 / 1000.0)
}

/// Writes an instant as RFC 3339 in the local zone.
pub(super) fn rfc3339(unix_seconds: f64) -> String {
    let Ok(timestamp) = Timestamp::from_millisecond((unix_seconds * 1000.0).round() as i64) else {
        return String::new();
    };
    timestamp
        .to_zoned_datetime(TimeZone::system())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// Writes an instant for a person: the time, with the date unless it is today.
pub(crate) fn spoken_time(unix_seconds: f64) -> String {
    let Ok(timestamp) = Timestamp::from_millisecond((unix_seconds * 1000.0).round() as i64) else {
        return String::new();
    };
    let zoned = timestamp.to_zoned_datetime(TimeZone::system());
    let today = jiff::ZonedDateTime::now().date();
    let form = if zoned.date() == today {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    zoned.strftime(form).to_string()
}

/// Writes the time of day of an instant.
pub(crate) fn clock_time(unix_seconds: f64) -> String {
    let Ok(timestamp) = Timestamp::from_second(unix_seconds as i64) else {
        return String::new();
    };
    let zoned = timestamp.to_zoned_datetime(TimeZone::system());
    zoned.strftime("%H:%M").to_string()
}

/// Writes a duration with its two largest units: `1 h 30 min`, `10 分钟`.
pub(super) fn spoken_duration(seconds: f64, language: Language) -> String {
    let whole = seconds.round().max(0.0) as u64;
    if whole == 0 {
        return spoken_part(&format!("{seconds:.1}"), 3, language);
    }
    let parts = [
        whole / 86400,
        whole / 3600 % 24,
        whole / 60 % 60,
        whole % 60,
    ];
    let shown: Vec<String> = (0..4)
        .filter(|unit| parts[*unit] > 0)
        .take(2)
        .map(|unit| spoken_part(&parts[unit].to_string(), unit, language))
        .collect();
    shown.join(" ")
}

fn spoken_part(number: &str, unit: usize, language: Language) -> String {
    let units = match language {
        Language::English => ["d", "h", "min", "s"],
        Language::Chinese => ["天", "小时", "分钟", "秒"],
    };
    format!("{number} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let english = |seconds| spoken_duration(seconds, Language::English);
        assert_eq!(english(600.0), "10 min");
        assert_eq!(english(5400.0), "1 h 30 min");
        assert_eq!(english(90061.0), "1 d 1 h");
        assert_eq!(english(0.4), "0.4 s");
        assert_eq!(spoken_duration(600.0, Language::Chinese), "10 分钟");
    }

    #[test]
    fn instants_come_back() {
        let at = instant("2026-03-01T18:30:00+08:00").expect("an instant");
        assert_eq!(at, 1_772_361_000.0);
        assert_eq!(instant(&rfc3339(at)), Some(at));
        assert_eq!(instant("tomorrow"), None);
    }
}
