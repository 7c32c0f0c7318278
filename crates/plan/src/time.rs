//! Moments as people write them: `"18:30"`, `"2026-03-01"`, `"tomorrow 9:00"`, `"last week"`.

/// A moment as written, not yet tied to a day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeText {
    day: Day,
    /// Seconds since midnight.
    clock: Option<i64>,
    /// Minutes east of Greenwich.
    offset: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// No day was written, only a clock time.
    Any,
    Now,
    /// Days since 1970-01-01.
    Date(i64),
    /// Days from today.
    Relative(i64),
    /// From Monday, 0.
    Weekday(i64),
    /// The first day of a period so many periods away.
    Start(Period, i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Week,
    Month,
    Year,
}

/// A moment: seconds since 1970-01-01 00:00 of the local clock, and that clock's offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    local_seconds: i64,
    offset_minutes: i64,
}

/// Which way a moment without a date points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Toward {
    /// `"18:30"` is the last half past six, `"friday"` the last Friday or today: for searches.
    Past,
    /// `"18:30"` is the next half past six, `"friday"` the next Friday: for reminders.
    Future,
    /// `"18:30"` is that of today, `"friday"` the next Friday or today: for what is looked up and lies ahead.
    Coming,
}

const DAY: i64 = 86_400;

/// When a day begins for what is done on it, in seconds since midnight.
const MORNING: i64 = 9 * 3600;

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The words for days, beside the seven weekdays.
pub(crate) const DAY_WORDS: [&str; 12] = [
    "now",
    "today",
    "yesterday",
    "tomorrow",
    "this week",
    "last week",
    "next week",
    "this month",
    "last month",
    "next month",
    "this year",
    "last year",
];

/// Every word that may stand for a day.
pub(crate) fn day_words() -> impl Iterator<Item = &'static str> {
    DAY_WORDS.into_iter().chain(WEEKDAYS)
}

impl TimeText {
    /// Reads a moment; [`None`] if `text` is none.
    pub fn parse(text: &str) -> Option<TimeText> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(day) = day_word(&text) {
            return Some(TimeText {
                day,
                clock: None,
                offset: None,
            });
        }
        if let Some((clock, offset)) = clock(&text) {
            return Some(TimeText {
                day: Day::Any,
                clock: Some(clock),
                offset,
            });
        }
        if let Some(date) = date(&text) {
            return Some(TimeText {
                day: Day::Date(date),
                clock: None,
                offset: None,
            });
        }
        let (day, rest) = text.rsplit_once(' ').or_else(|| {
            text.split_once('t')
                .filter(|_| text.starts_with(|c: char| c.is_ascii_digit()))
        })?;
        let day = match date(day) {
            Some(date) => Day::Date(date),
            None => day_word(day).filter(|day| *day != Day::Now)?,
        };
        let (clock, offset) = clock(rest)?;
        Some(TimeText {
            day,
            clock: Some(clock),
            offset,
        })
    }

    /// Puts 9:00 behind a day that has no clock time: nobody wants to be reminded at midnight.
    pub fn in_the_morning(self) -> TimeText {
        match self.day {
            Day::Any | Day::Now => self,
            _ => TimeText {
                clock: self.clock.or(Some(MORNING)),
                ..self
            },
        }
    }

    /// Tells whether the moment names the offset of its clock, as RFC 3339 does.
    pub fn has_offset(self) -> bool {
        self.offset.is_some()
    }

    /// Ties the moment to the calendar. A day without a clock time is its midnight.
    pub fn resolve(self, now: Moment, toward: Toward) -> Moment {
        let offset_minutes = self.offset.unwrap_or(now.offset_minutes);
        let here = now.in_offset(offset_minutes);
        let today = here.local_seconds.div_euclid(DAY);
        let at = |day: i64| {
            day.saturating_mul(DAY)
                .saturating_add(self.clock.unwrap_or(0))
        };
        let local_seconds = match self.day {
            Day::Now => here.local_seconds,
            Day::Date(day) => at(day),
            Day::Relative(days) => at(today + days),
            Day::Weekday(weekday) => at(nearest_weekday(today, weekday, toward)),
            Day::Start(period, away) => at(period.start(today, away)),
            Day::Any => match (at(today), toward) {
                (moment, Toward::Past) if moment > here.local_seconds => moment - DAY,
                (moment, Toward::Future) if moment <= here.local_seconds => moment + DAY,
                (moment, _) => moment,
            },
        };
        Moment {
            local_seconds,
            offset_minutes,
        }
    }
}

impl Moment {
    /// Reads a full date and time, such as `2026-03-01T18:30:00+08:00`.
    ///
    /// A time without an offset is taken as being in `assumed_offset_minutes`.
    pub fn parse(text: &str, assumed_offset_minutes: i64) -> Option<Moment> {
        match TimeText::parse(text)? {
            TimeText {
                day: Day::Date(day),
                clock,
                offset,
            } => Some(Moment {
                local_seconds: day * DAY + clock.unwrap_or(0),
                offset_minutes: offset.unwrap_or(assumed_offset_minutes),
            }),
            _ => None,
        }
    }

    /// Returns the moment of a Unix time, shown in a clock so many minutes east of Greenwich.
    pub fn from_unix(seconds: i64, offset_minutes: i64) -> Moment {
        Moment {
            local_seconds: seconds.saturating_add(offset_minutes * 60),
            offset_minutes,
        }
    }

    /// Returns the Unix time in seconds.
    pub fn unix(self) -> i64 {
        self.local_seconds - self.offset_minutes * 60
    }

    /// Returns the clock's offset in minutes east of Greenwich.
    pub fn offset_minutes(self) -> i64 {
        self.offset_minutes
    }

    /// Returns what the same reading of the clock means where it has another offset.
    pub fn reread_in(self, offset_minutes: i64) -> Moment {
        Moment {
            offset_minutes,
            ..self
        }
    }

    fn in_offset(self, offset_minutes: i64) -> Moment {
        Moment::from_unix(self.unix(), offset_minutes)
    }
}

impl std::fmt::Display for Moment {
    /// Writes RFC 3339.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = civil(self.local_seconds.div_euclid(DAY));
        let clock = self.local_seconds.rem_euclid(DAY);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        let offset = self.offset_minutes;
        if offset == 0 {
            return f.write_str("Z");
        }
        let sign = if offset < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
    }
}

impl Period {
    /// Returns the first day of the period that is `away` periods from the one of `today`.
    fn start(self, today: i64, away: i64) -> i64 {
        let (year, month, _) = civil(today);
        match self {
            Period::Week => today - weekday(today) + 7 * away,
            Period::Month => {
                let months = year * 12 + (month - 1) + away;
                days(months.div_euclid(12), months.rem_euclid(12) + 1, 1)
            }
            Period::Year => days(year + away, 1, 1),
        }
    }
}

fn nearest_weekday(today: i64, wanted: i64, toward: Toward) -> i64 {
    let ahead = (wanted - weekday(today)).rem_euclid(7);
    match toward {
        Toward::Past | Toward::Coming if ahead == 0 => today,
        Toward::Past => today + ahead - 7,
        Toward::Future if ahead == 0 => today + 7,
        Toward::Future | Toward::Coming => today + ahead,
    }
}

/// From Monday, 0; 1970-01-01 was a Thursday.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

fn day_word(text: &str) -> Option<Day> {
    if let Some(weekday) = WEEKDAYS.iter().position(|name| *name == text) {
        return Some(Day::Weekday(weekday as i64));
    }
    Some(match text {
        "now" => Day::Now,
        "today" => Day::Relative(0),
        "yesterday" => Day::Relative(-1),
        "tomorrow" => Day::Relative(1),
        _ => {
            let (which, period) = text.split_once(' ')?;
            let away = match which {
                "this" => 0,
                "last" => -1,
                "next" => 1,
                _ => return None,
            };
            let period = match period {
                "week" => Period::Week,
                "month" => Period::Month,
                "year" => Period::Year,
                _ => return None,
            };
            Day::Start(period, away)
        }
    })
}

/// Reads `9:05`, `18:30:15`, `18:30:15.250Z`, `18:30+08:00` as seconds since midnight and an offset.
fn clock(text: &str) -> Option<(i64, Option<i64>)> {
    let (text, offset) = split_offset(text)?;
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1..=2, 23)?;
    let minute = digits(parts.next()?, 2..=2, 59)?;
    let second = match parts.next() {
        None => 0,
        Some(second) => {
            let whole = match second.split_once('.') {
                Some((whole, fraction)) => {
                    digits(fraction, 1..=9, i64::MAX)?;
                    whole
                }
                None => second,
            };
            digits(whole, 2..=2, 59)?
        }
    };
    parts
        .next()
        .is_none()
        .then_some((hour * 3600 + minute * 60 + second, offset))
}

fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(text) = text.strip_suffix('z') {
        return Some((text, Some(0)));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, None));
    };
    let (hour, minute) = text[at + 1..].split_once(':')?;
    let minutes = digits(hour, 2..=2, 23)? * 60 + digits(minute, 2..=2, 59)?;
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    Some((&text[..at], Some(sign * minutes)))
}

/// Reads `2026-03-01` as days since 1970-01-01.
fn date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4..=4, 9999)?;
    let month = digits(parts.next()?, 1..=2, 12)?;
    let day = digits(parts.next()?, 1..=2, 31)?;
    if parts.next().is_some() || month == 0 || day == 0 {
        return None;
    }
    let found = days(year, month, day);
    (civil(found) == (year, month, day)).then_some(found)
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>, max: i64) -> Option<i64> {
    let fits = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = fits.then(|| text.parse().ok()).flatten()?;
    (number <= max).then_some(number)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
