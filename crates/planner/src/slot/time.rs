//! Moments: `at 6pm`, `tomorrow at 9`, `明天早上九点`, `in ten minutes`.
//!
//! The result is a moment of the plan language (`"tomorrow 09:00"`), which the kernel ties
//! to the calendar when the plan runs.

use plan::{Moment, TimeText, Toward};

use super::{
    duration_seconds,
    number::{number, ordinal_digits},
};

/// Reads a moment as the plan language writes it.
pub(crate) fn time(text: &str, now: Moment) -> Option<String> {
    let text = simplify(text);
    if text.is_empty() {
        return None;
    }
    if let Some(later) = after_a_while(&text, now) {
        return Some(later);
    }
    let (day, rest) = take_day(&text, now);
    let (part, rest) = take_part(&rest);
    let rest = rest.trim().trim_start_matches("at ").trim();
    let written = match (day, part, clock(rest)) {
        (day, part, Some(clock)) => {
            let is_today = day.as_deref().is_none_or(|day| day == "today");
            let clock = clock.in_part(part, is_today.then_some(now));
            join(day, &clock)
        }
        (day, Some(part), None) if rest.is_empty() => join(day, part.usual()),
        (Some(day), None, None) if rest.is_empty() => day,
        _ => return None,
    };
    // What the plan language cannot read is no moment.
    TimeText::parse(&written).map(|_| written)
}

fn join(day: Option<String>, clock: &str) -> String {
    match day {
        Some(day) => format!("{day} {clock}"),
        None => clock.to_owned(),
    }
}

fn simplify(text: &str) -> String {
    let text = text.trim().to_lowercase().replace(',', " ");
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !matches!(*word, "on" | "the" | "of"))
        .collect();
    let text = words.join(" ");
    text.strip_prefix("at ")
        .unwrap_or(&text)
        .replace("a.m.", "am")
        .replace("p.m.", "pm")
}

/// `in 20 minutes`, `20 minutes from now`, `十分钟后`.
fn after_a_while(text: &str, now: Moment) -> Option<String> {
    let span = text
        .strip_prefix("in ")
        .or_else(|| text.strip_suffix(" from now"))
        .or_else(|| text.strip_suffix("以后"))
        .or_else(|| text.strip_suffix("之后"))
        .or_else(|| text.strip_suffix('后'))?;
    let seconds = duration_seconds(span.strip_prefix('过').unwrap_or(span))?;
    let later = Moment::from_unix(now.unix() + seconds as i64, now.offset_minutes());
    Some(later.to_string())
}

const DAYS: &[(&str, &str)] = &[
    ("this week", "this week"),
    ("last week", "last week"),
    ("next week", "next week"),
    ("this month", "this month"),
    ("last month", "last month"),
    ("next month", "next month"),
    ("this year", "this year"),
    ("last year", "last year"),
    ("上个星期", "last week"),
    ("上星期", "last week"),
    ("上周", "last week"),
    ("这周", "this week"),
    ("本周", "this week"),
    ("上个月", "last month"),
    ("这个月", "this month"),
    ("本月", "this month"),
    ("下个月", "next month"),
    ("今年", "this year"),
    ("去年", "last year"),
    ("right now", "now"),
    ("now", "now"),
    ("现在", "now"),
    ("today", "today"),
    ("今天", "today"),
    ("今儿", "today"),
    ("tomorrow", "tomorrow"),
    ("明天", "tomorrow"),
    ("明儿", "tomorrow"),
    ("明日", "tomorrow"),
    ("yesterday", "yesterday"),
    ("昨天", "yesterday"),
];

const WEEKDAYS: [(&str, &str); 7] = [
    ("monday", "一"),
    ("tuesday", "二"),
    ("wednesday", "三"),
    ("thursday", "四"),
    ("friday", "五"),
    ("saturday", "六"),
    ("sunday", "日"),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Takes the day out of the text, wherever it stands.
fn take_day(text: &str, now: Moment) -> (Option<String>, String) {
    for (word, days) in [
        ("day after tomorrow", 2),
        ("大后天", 3),
        ("大后儿", 3),
        ("后天", 2),
        ("后儿", 2),
        ("前天", -2),
    ] {
        if let Some(rest) = cut(text, word) {
            return (Some(date_from_now(now, days)), rest);
        }
    }
    // 今晚, 明早, 明晚 name a day and a part of it.
    for (word, day, part) in [
        ("今晚", "today", "晚上"),
        ("今早", "today", "早上"),
        ("明早", "tomorrow", "早上"),
        ("明晚", "tomorrow", "晚上"),
        ("tonight", "today", "evening"),
    ] {
        if let Some(rest) = cut(text, word) {
            return (
                Some(day.to_owned()),
                format!("{part} {rest}").trim().to_owned(),
            );
        }
    }
    if let Some(found) = weekday(text) {
        return found;
    }
    for (word, written) in DAYS {
        if let Some(rest) = cut(text, word) {
            return (Some((*written).to_owned()), rest);
        }
    }
    match date(text, now) {
        Some((date, rest)) => (Some(date), rest),
        None => (None, text.to_owned()),
    }
}

fn date_from_now(now: Moment, days: i64) -> String {
    let day = Moment::from_unix(now.unix() + days * 86_400, now.offset_minutes());
    day.to_string().chars().take(10).collect()
}

/// Cuts a word out, with the blanks around it. English words must stand alone.
fn cut(text: &str, word: &str) -> Option<String> {
    let at = text.find(word)?;
    let (before, behind) = (&text[..at], &text[at + word.len()..]);
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if word.is_ascii() && (letter(before.chars().next_back()) || letter(behind.chars().next())) {
        return None;
    }
    Some(
        format!("{} {}", before.trim(), behind.trim())
            .trim()
            .to_owned(),
    )
}

fn weekday(text: &str) -> Option<(Option<String>, String)> {
    for (english, chinese) in WEEKDAYS {
        let mut written = vec![
            format!("this {english}"),
            format!("next {english}"),
            english.to_owned(),
        ];
        for week in ["周", "星期", "礼拜"] {
            for which in ["这", "本", ""] {
                written.push(format!("{which}{week}{chinese}"));
                if chinese == "日" {
                    written.push(format!("{which}{week}天"));
                }
            }
        }
        // 下周一 is not always the next Monday; the model or a question decides.
        if text.contains("下周") || text.contains("下星期") || text.contains("上周") {
            return None;
        }
        for word in &written {
            if let Some(rest) = cut(text, word) {
                return Some((Some(english.to_owned()), rest));
            }
        }
    }
    None
}

/// Reads `2026-03-01`, `march 3rd`, `3 march`, `the first of may`, `3月5日`.
fn date(text: &str, now: Moment) -> Option<(String, String)> {
    let first = text.split(' ').next()?;
    if first.len() == 10 && first.matches('-').count() == 2 {
        return Some((first.to_owned(), text[first.len()..].trim().to_owned()));
    }
    chinese_date(text, now).or_else(|| english_date(text, now))
}

fn chinese_date(text: &str, now: Moment) -> Option<(String, String)> {
    let (month, rest) = text.split_once('月')?;
    let (day, rest) = rest.split_once(['日', '号'])?;
    let month = whole(month.trim(), 1..=12)?;
    let day = whole(day.trim(), 1..=31)?;
    Some((coming(month, day, now)?, rest.trim().to_owned()))
}

fn english_date(text: &str, now: Moment) -> Option<(String, String)> {
    let words: Vec<&str> = text.split(' ').collect();
    let at = words.iter().position(|word| month(word).is_some())?;
    let month = month(words[at])?;
    let ordinal = |word: &&str| {
        let written = ordinal_digits(word).unwrap_or_else(|| (*word).to_owned());
        let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        whole(digits, 1..=31)
    };
    let behind = words.get(at + 1).and_then(ordinal);
    let before = at
        .checked_sub(1)
        .and_then(|index| words.get(index))
        .and_then(ordinal);
    let (day, from, to) = match (behind, before) {
        (Some(day), _) => (day, at, at + 2),
        (None, Some(day)) => (day, at - 1, at + 1),
        (None, None) => return None,
    };
    let rest: Vec<&str> = words[..from].iter().chain(&words[to..]).copied().collect();
    Some((coming(month, day, now)?, rest.join(" ")))
}

fn month(word: &str) -> Option<u32> {
    let found = MONTHS
        .iter()
        .position(|month| *month == word || word.len() == 3 && month.starts_with(word))?;
    Some(found as u32 + 1)
}

fn whole(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let number = number(text).filter(|number| number.fract() == 0.0)? as u32;
    range.contains(&number).then_some(number)
}

/// Finds the year in which the day is not over yet.
fn coming(month: u32, day: u32, now: Moment) -> Option<String> {
    let today = date_from_now(now, 0);
    let year: u32 = today.get(..4)?.parse().ok()?;
    let this_year = format!("{year:04}-{month:02}-{day:02}");
    if this_year >= today {
        Some(this_year)
    } else {
        Some(format!("{:04}-{month:02}-{day:02}", year + 1))
    }
}

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

const PARTS: &[(&str, Part)] = &[
    ("in morning", Part::Morning),
    ("this morning", Part::Morning),
    ("morning", Part::Morning),
    ("早上", Part::Morning),
    ("早晨", Part::Morning),
    ("上午", Part::Morning),
    ("清晨", Part::Morning),
    ("凌晨", Part::Night),
    ("中午", Part::Noon),
    ("at noon", Part::Noon),
    ("noon", Part::Noon),
    ("in afternoon", Part::Afternoon),
    ("this afternoon", Part::Afternoon),
    ("afternoon", Part::Afternoon),
    ("下午", Part::Afternoon),
    ("傍晚", Part::Evening),
    ("in evening", Part::Evening),
    ("this evening", Part::Evening),
    ("evening", Part::Evening),
    ("at night", Part::Evening),
    ("night", Part::Evening),
    ("晚上", Part::Evening),
    ("夜里", Part::Evening),
    ("at midnight", Part::Night),
    ("midnight", Part::Night),
];

fn take_part(text: &str) -> (Option<Part>, String) {
    PARTS
        .iter()
        .find_map(|(word, part)| cut(text, word).map(|rest| (Some(*part), rest)))
        .unwrap_or((None, text.to_owned()))
}

impl Part {
    /// The clock time that people mean when they name only the part.
    fn usual(self) -> &'static str {
        match self {
            Part::Morning => "09:00",
            Part::Noon => "12:00",
            Part::Afternoon => "15:00",
            Part::Evening => "20:00",
            Part::Night => "00:00",
        }
    }
}

/// A time of the clock as said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Clock {
    hour: u32,
    minute: u32,
    /// Whether the words tell which half of the day it is.
    sure: bool,
}

impl Clock {
    /// Chooses the half of the day: by the part that was said, else the one that comes next.
    fn in_part(self, part: Option<Part>, now: Option<Moment>) -> String {
        let late = match part {
            Some(Part::Afternoon | Part::Evening) => self.hour < 12,
            Some(Part::Noon) => self.hour < 10,
            Some(Part::Morning | Part::Night) => false,
            None => {
                !self.sure
                    && (1..12).contains(&self.hour)
                    && now.is_some_and(|now| !self.comes_before_noon(now))
            }
        };
        let hour = match part {
            Some(Part::Night) if self.hour == 12 => 0,
            _ if late => self.hour + 12,
            _ => self.hour,
        };
        format!("{hour:02}:{:02}", self.minute)
    }

    /// Tells whether the hour, taken as one before noon, is the next such hour.
    fn comes_before_noon(self, now: Moment) -> bool {
        let until = |hour: u32| {
            let text = format!("{hour:02}:{:02}", self.minute);
            TimeText::parse(&text).map(|time| time.resolve(now, Toward::Future).unix() - now.unix())
        };
        until(self.hour) <= until(self.hour + 12)
    }
}

fn clock(text: &str) -> Option<Clock> {
    english_clock(text).or_else(|| chinese_clock(text))
}

fn english_clock(text: &str) -> Option<Clock> {
    let text = text.trim();
    let half = [("am", 0), ("pm", 12)]
        .iter()
        .find_map(|(suffix, add)| text.strip_suffix(suffix).map(|rest| (rest.trim(), *add)));
    let (text, add) = match half {
        Some((rest, add)) => (rest, Some(add)),
        None => (text, None),
    };
    let text = text
        .strip_suffix("o'clock")
        .or_else(|| text.strip_suffix("oclock"))
        .unwrap_or(text)
        .trim();
    let (hour, minute, sure) = match text.split_once(':') {
        Some((hour, minute)) => {
            let two = minute.len() == 2;
            (
                whole(hour, 0..=23)?,
                whole(minute, 0..=59).filter(|_| two)?,
                hour.starts_with('0'),
            )
        }
        None => {
            let (hour, minute) = spoken(text)?;
            (hour, minute, false)
        }
    };
    let hour = match add {
        Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
        Some(_) => return None,
        None => hour,
    };
    Some(Clock {
        hour,
        minute,
        sure: sure || add.is_some() || hour > 12,
    })
}

/// `half past six`, `quarter to seven`, `six thirty`, `six`.
fn spoken(text: &str) -> Option<(u32, u32)> {
    let text = text.strip_prefix("a ").unwrap_or(text);
    let past = [
        ("half past ", 30),
        ("quarter past ", 15),
        ("ten past ", 10),
        ("five past ", 5),
    ];
    for (prefix, minute) in past {
        if let Some(hour) = text.strip_prefix(prefix) {
            return Some((whole(hour, 0..=23)?, minute));
        }
    }
    for (prefix, minute) in [("quarter to ", 45), ("ten to ", 50), ("five to ", 55)] {
        if let Some(hour) = text.strip_prefix(prefix) {
            return Some((whole(hour, 1..=24)? - 1, minute));
        }
    }
    if let Some(hour) = whole(text, 0..=23) {
        return Some((hour, 0));
    }
    let (hour, minute) = text.split_once(' ')?;
    Some((whole(hour, 0..=23)?, whole(minute, 10..=59)?))
}

/// `九点`, `三点半`, `九点一刻`, `九点二十(分)`, `18点05分`.
fn chinese_clock(text: &str) -> Option<Clock> {
    let (hour, rest) = text.split_once(['点', '时'])?;
    let hour = whole(hour.trim(), 0..=24)?;
    let rest = rest.trim().strip_prefix('钟').unwrap_or(rest.trim());
    let minute = match rest {
        "" | "整" => 0,
        "半" => 30,
        "一刻" => 15,
        "三刻" => 45,
        rest => {
            let rest = rest.strip_suffix('分').unwrap_or(rest);
            whole(rest.strip_prefix('零').unwrap_or(rest), 0..=59)?
        }
    };
    Some(Clock {
        hour: hour % 24,
        minute,
        sure: hour > 12,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_both_languages() {
        // A Monday, ten in the morning, in Shanghai.
        let now = Moment::parse("2026-11-23T10:00:00+08:00", 0).expect("a moment");
        for (text, expected) in [
            ("6pm", Some("18:00")),
            ("at 6:30 pm", Some("18:30")),
            ("18:30", Some("18:30")),
            ("9:05", Some("21:05")),
            ("09:05", Some("09:05")),
            ("six", Some("18:00")),
            ("11", Some("11:00")),
            ("noon", Some("12:00")),
            ("half past six", Some("18:30")),
            ("today at half past four", Some("today 16:30")),
            ("today at 11", Some("today 11:00")),
            ("今天四点半", Some("today 16:30")),
            ("今天早上四点半", Some("today 04:30")),
            ("quarter to seven", Some("18:45")),
            ("tomorrow", Some("tomorrow")),
            ("tomorrow at 9", Some("tomorrow 09:00")),
            ("9am tomorrow", Some("tomorrow 09:00")),
            ("tomorrow morning", Some("tomorrow 09:00")),
            ("tomorrow at 3 in the afternoon", Some("tomorrow 15:00")),
            ("tonight", Some("today 20:00")),
            ("tonight at 8", Some("today 20:00")),
            ("friday at 5pm", Some("friday 17:00")),
            ("on monday", Some("monday")),
            ("the day after tomorrow at 9", Some("2026-11-25 09:00")),
            ("march 3rd at 10am", Some("2027-03-03 10:00")),
            ("the first of december at ten", Some("2026-12-01 10:00")),
            ("march twenty-first", Some("2027-03-21")),
            ("2026-12-01 10:00", Some("2026-12-01 10:00")),
            ("in 20 minutes", Some("2026-11-23T10:20:00+08:00")),
            ("last week", Some("last week")),
            ("明天早上九点", Some("tomorrow 09:00")),
            ("大后天", Some("2026-11-26")),
            ("明儿下午三点", Some("tomorrow 15:00")),
            ("下午三点半", Some("15:30")),
            ("今晚八点", Some("today 20:00")),
            ("明早七点", Some("tomorrow 07:00")),
            ("后天", Some("2026-11-25")),
            ("周五下午5点", Some("friday 17:00")),
            ("星期天上午十点", Some("sunday 10:00")),
            ("12月5日", Some("2026-12-05")),
            ("晚上九点一刻", Some("21:15")),
            ("十分钟后", Some("2026-11-23T10:10:00+08:00")),
            ("半小时后", Some("2026-11-23T10:30:00+08:00")),
            ("昨天", Some("yesterday")),
            ("later", None),
            ("the office", None),
            ("25:00", None),
            ("13pm", None),
            ("", None),
        ] {
            assert_eq!(time(text, now).as_deref(), expected, "{text}");
        }
    }
}
