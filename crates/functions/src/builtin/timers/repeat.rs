//! Alarms that come again.

use jiff::{
    Timestamp, ToSpan,
    civil::{Time, Weekday},
    tz::TimeZone,
};
use protocol::text::{Language, message};
use serde::{Deserialize, Serialize};

/// On which days an alarm rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Repeat {
    /// Every day.
    Daily,
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekends,
}

impl Repeat {
    /// Returns the one of a name; every day for any other.
    pub(crate) fn named(name: &str) -> Repeat {
        match name {
            "weekdays" => Repeat::Weekdays,
            "weekends" => Repeat::Weekends,
            _ => Repeat::Daily,
        }
    }

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Repeat::Daily => "daily",
            Repeat::Weekdays => "weekdays",
            Repeat::Weekends => "weekends",
        }
    }

    /// Returns what a person reads.
    pub(crate) fn shown(self, language: Language) -> String {
        message(language, &format!("alarm-{}", self.name()), &[])
    }

    /// Returns when an alarm for a time of day rings first after `now`, in Unix seconds.
    pub(crate) fn first(self, at: Time, now: f64) -> f64 {
        let today = Timestamp::from_second(now as i64).unwrap_or_default();
        let today = today.to_zoned_datetime(TimeZone::system()).date();
        let first = today.to_datetime(at).to_zoned_datetime(TimeZone::system());
        let first = first.map_or(now, |first| first.timestamp().as_second() as f64);
        self.next(first, now, 0).unwrap_or(first)
    }

    /// Returns when it rings next, after it rang for `due` and it is `now`.
    pub(super) fn after(self, due: f64, now: f64) -> f64 {
        self.next(due, now, 1).unwrap_or(due + 86_400.0)
    }

    /// The time of day stays the same where clocks are changed.
    fn next(self, at: f64, now: f64, skipped: i64) -> Option<f64> {
        let first = Timestamp::from_second(at as i64).ok()?;
        let first = first.to_zoned_datetime(TimeZone::system());
        let days = (now - at).max(0.0) / 86_400.0;
        let from = skipped.max(days.floor() as i64);
        (from..from + 9).find_map(|days| {
            let next = first.checked_add(days.days()).ok()?;
            let second = next.timestamp().as_second() as f64;
            (second > now && self.rings_on(next.weekday())).then_some(second)
        })
    }

    fn rings_on(self, day: Weekday) -> bool {
        let is_weekend = matches!(day, Weekday::Saturday | Weekday::Sunday);
        match self {
            Repeat::Daily => true,
            Repeat::Weekdays => !is_weekend,
            Repeat::Weekends => is_weekend,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Friday at 7:00 UTC.
    const FRIDAY: f64 = 1_795_762_800.0;
    const DAY: f64 = 86_400.0;

    #[test]
    fn alarms_come_again_on_their_days() {
        assert_eq!(Repeat::Daily.after(FRIDAY, FRIDAY + 1.0), FRIDAY + DAY);
        assert_eq!(Repeat::Weekends.after(FRIDAY, FRIDAY + 1.0), FRIDAY + DAY);
        assert_eq!(
            Repeat::Weekdays.after(FRIDAY, FRIDAY + 1.0),
            FRIDAY + 3.0 * DAY
        );
        // A machine that slept for a year rings once, not hundreds of times.
        let year = FRIDAY + 365.0 * DAY + 60.0;
        let next = Repeat::Daily.after(FRIDAY, year);
        assert!(next > year && next <= year + DAY + 3600.0, "{next}");
    }

    #[test]
    fn the_first_one_is_still_to_come() {
        let zone = TimeZone::system();
        let at = |second: f64| {
            let instant = Timestamp::from_second(second as i64).unwrap();
            instant.to_zoned_datetime(zone.clone()).time()
        };
        assert_eq!(Repeat::Daily.first(at(FRIDAY), FRIDAY - 60.0), FRIDAY);
        assert_eq!(Repeat::Daily.first(at(FRIDAY), FRIDAY + 60.0), FRIDAY + DAY);
        assert_eq!(
            Repeat::Weekends.first(at(FRIDAY), FRIDAY - 60.0),
            FRIDAY + DAY
        );
    }
}
