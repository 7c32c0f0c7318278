//! Times of day as people say them. One that comes again is meant as it is said: 7:00 is in the morning, though it may be
//! afternoon now.

use chinese_number::{ChineseCountMethod, ChineseToNumber};
use jiff::civil::Time;

/// What tells which half of the day an hour is in.
const LATE: &[&str] = &["下午", "傍晚"];
const EARLY: &[&str] = &["早上", "早晨", "上午", "凌晨", "清晨"];
const NOON: &[&str] = &["中午"];
const NIGHT: &[&str] = &["晚上", "夜里", "夜晚", "半夜"];

/// Reads `7:00`, `7`, `7 pm`, `7.30`, `七点`, `晚上八点半`.
pub(super) fn clock(said: &str) -> Option<Time> {
    let text = said
        .trim()
        .to_lowercase()
        .replace(['．', '.'], ":")
        .replace('：', ":");
    let text = text.trim_end_matches(" o'clock").trim();
    let text = text.replace("a:m:", "am").replace("p:m:", "pm");
    let (text, half) = half_of(text.trim());
    let (hour, minute) = match text.split_once(['点', ':']) {
        Some((hour, rest)) => (number(hour)?, minutes(rest)?),
        None => (number(text)?, 0),
    };
    let hour = match half {
        Some(Half::Noon) if (1..=3).contains(&hour) => hour + 12,
        Some(Half::Night) if hour == 12 => 0,
        Some(Half::Night) if (6..12).contains(&hour) => hour + 12,
        Some(Half::Late) if (1..12).contains(&hour) => hour + 12,
        Some(Half::Early) if hour == 12 => 0,
        _ => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

#[derive(Clone, Copy)]
enum Half {
    Early,
    Noon,
    Late,
    Night,
}

fn half_of(text: &str) -> (&str, Option<Half>) {
    for (ends, half) in [("am", Half::Early), ("pm", Half::Late)] {
        if let Some(rest) = text.strip_suffix(ends) {
            return (rest.trim(), Some(half));
        }
    }
    for (begins, half) in [
        (EARLY, Half::Early),
        (NOON, Half::Noon),
        (LATE, Half::Late),
        (NIGHT, Half::Night),
    ] {
        if let Some(rest) = begins.iter().find_map(|word| text.strip_prefix(word)) {
            return (rest.trim(), Some(half));
        }
    }
    (text, None)
}

fn minutes(text: &str) -> Option<i8> {
    match text.trim().trim_end_matches('分').trim() {
        "" | "整" | "钟" => Some(0),
        "半" => Some(30),
        "一刻" => Some(15),
        "三刻" => Some(45),
        text => number(text),
    }
}

fn number(text: &str) -> Option<i8> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let number: Result<i8, _> = text.to_number(ChineseCountMethod::TenThousand);
        number.ok()
    })
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn times_of_day_are_read_as_they_are_said() {
        for (said, hour, minute) in [
            ("7:00", 7, 0),
            ("7", 7, 0),
            ("07:05", 7, 5),
            ("7 pm", 19, 0),
            ("7pm", 19, 0),
            ("7.30 a.m.", 7, 30),
            ("12 am", 0, 0),
            ("12 pm", 12, 0),
            ("18:45", 18, 45),
            ("七点", 7, 0),
            ("早上七点半", 7, 30),
            ("晚上8点10分", 20, 10),
            ("中午十二点", 12, 0),
            ("中午一点", 13, 0),
            ("夜里两点", 2, 0),
            ("晚上十二点", 0, 0),
            ("十一点一刻", 11, 15),
        ] {
            let read = clock(said).map(|time| (time.hour(), time.minute()));
            assert_eq!(read, Some((hour, minute)), "{said}");
        }
        for said in ["", "soon", "25:00", "7:61", "-1", "7:", "点"] {
            // A colon without minutes is the hour.
            assert_eq!(clock(said).is_some(), said == "7:", "{said}");
        }
    }
}
