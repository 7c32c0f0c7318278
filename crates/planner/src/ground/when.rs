//! When, how often and whether a wish is to be done: “in five minutes”, “every day”, “don't”.

use std::ops::Range;

use plan::{ArgumentSpec, Effect, Moment, Signature, Type};

use crate::{slot, template, words::Words};

/// What acts on timers means those of the time that was said.
const TIMERS: &str = "timers";

/// The most words of a moment.
const LONGEST_WHILE: usize = 8;

/// When, how often and whether the wish in some words is to be done.
#[derive(Debug)]
pub(crate) struct When {
    /// The words that say when, if it is for later.
    later: Option<Range<usize>>,
    /// Whether they cannot be the time of a thing.
    is_surely_later: bool,
    /// Whether it is denied.
    is_denied: bool,
    /// Whether it is for again and again.
    repeats: bool,
    /// Whether the person wants to be told something.
    reminds: bool,
}

impl When {
    /// Reads the words of one turn.
    pub(crate) fn of(words: &Words) -> When {
        const REMINDING: &[&str] = &[
            "remind", "timer", "alarm", "wake", "nag", "tell", "ping", "buzz", "提", "叫", "喊",
            "闹", "倒",
        ];
        let later = later(words);
        let is_surely_later = later.as_ref().is_some_and(|when| is_surely(words, when));
        When {
            later,
            is_surely_later,
            is_denied: denies(words),
            repeats: repeats(words),
            reminds: words.keys().any(|key| REMINDING.contains(&key)),
        }
    }

    /// Tells whether that keeps a function from being what is wished.
    pub(super) fn forbids(&self, signature: &Signature) -> bool {
        self.is_too_early_for(signature)
            || self.is_denied && acts_on_something(signature)
            || self.repeats && is_timed(signature)
    }

    /// Tells whether is wished for later what a function would do now.
    pub(crate) fn is_too_early_for(&self, signature: &Signature) -> bool {
        self.later.is_some() && acts_at_once(signature)
            || self.is_surely_later && acts_without_time(signature)
    }

    /// Tells whether a function that acts at once is bidden for later, and no reminder of it.
    pub(super) fn puts_off(&self, signature: &Signature) -> bool {
        !self.reminds && self.later.is_some() && acts_at_once(signature)
    }

    /// Finds why what a function does is not wished to be done, if it is so.
    pub(crate) fn undone(&self, signature: &Signature) -> Option<Undone> {
        if self.repeats && is_timed(signature) {
            Some(Undone::TooOften)
        } else if !self.reminds && self.is_too_early_for(signature) {
            Some(Undone::TooEarly)
        } else if self.is_denied && acts_on_something(signature) {
            Some(Undone::Denied)
        } else {
            None
        }
    }

    /// Returns the one wish of the words that were read without when it is for, if it is for later: “shut down” of
    /// “shut down at 10 pm”.
    pub(crate) fn wish(&self, words: &Words) -> Option<Words> {
        let when = self.later.as_ref()?;
        let rest = match when.start {
            0 => when.end..words.len(),
            start => 0..start,
        };
        // 五分钟后再静音, “in 5 minutes, please mute”.
        let wish = words.slice(rest).trim_start_matches([',', '，', '再', ' ']);
        Some(Words::of_utterance(wish))
    }
}

/// Why what some words likely wish for is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// It is for later, and can be done only now.
    TooEarly,
    /// It is for again and again, and can be done only once.
    TooOften,
    /// The words say not to do it.
    Denied,
}

impl Undone {
    /// The sentence about it in the catalogue.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Undone::TooEarly => "only-now",
            Undone::TooOften => "only-once",
            Undone::Denied => "denied-by-you",
        }
    }
}

/// Tells whether a function makes a timer.
fn is_timed(signature: &Signature) -> bool {
    signature.name.domain() == TIMERS
        && signature.effect > Effect::Read
        && signature.arguments.iter().any(is_of_time)
}

/// Tells whether what a function does is done when it is called, and no time can be that of what it is done to.
fn acts_at_once(signature: &Signature) -> bool {
    // A file and a text have times of their own: “the photo taken at 5 pm”.
    let may_be_told_by_time = |argument: &ArgumentSpec| {
        matches!(
            argument.ty,
            Type::Path(_) | Type::Text { .. } | Type::List(_)
        )
    };
    acts_without_time(signature) && !signature.arguments.iter().any(may_be_told_by_time)
}

/// Tells whether a function does something when it is called, and takes no time for it.
fn acts_without_time(signature: &Signature) -> bool {
    signature.effect > Effect::Read
        && signature.name.domain() != TIMERS
        && !signature.arguments.iter().any(is_of_time)
}

/// Tells whether a function acts on a file, an app or the like, or cannot be undone: to deny that is not to wish its
/// opposite, as “don't be so loud” is.
fn acts_on_something(signature: &Signature) -> bool {
    let is_thing = |argument: &ArgumentSpec| {
        argument.required && matches!(argument.ty, Type::Path(_) | Type::List(_) | Type::App)
    };
    signature.name.domain() != TIMERS
        && (signature.effect > Effect::Reversible
            || signature.effect > Effect::Read && signature.arguments.iter().any(is_thing))
}

fn is_of_time(argument: &ArgumentSpec) -> bool {
    matches!(argument.ty, Type::Time | Type::Duration)
}

/// Finds for when the one wish that was said is, if for later: “in five minutes”, “at 10 pm”, 五分钟后. Such words begin
/// it or end it; within it they tell which thing is meant, or why.
fn later(words: &Words) -> Option<Range<usize>> {
    // “Lock the screen, I'm back in ten minutes.”
    let tells_why = words.keys().any(|key| ["i", "i'm", "we"].contains(&key));
    // The longest: 今晚十点 and not only 今晚.
    let mut moments = (1..words.len())
        .take(LONGEST_WHILE)
        .flat_map(|length| [0..length, words.len() - length..words.len()])
        .rev();
    moments.find(|range| !tells_why && says_later(words, range.clone()) && is_alone(words, range))
}

/// Tells whether the moment at which the one wish is for later can be nothing else, such as the time of a photo: it
/// begins the words, is a while from now, or a day.
fn is_surely(words: &Words, when: &Range<usize>) -> bool {
    // 明天的会议.docx, “tomorrow's agenda”, 五点前的照片.
    const DESCRIBING: &[&str] = &["的", "之", "前", "以", "那", "'s", "'"];
    const NAMING: &[&str] = &["called", "named", "叫", "名", "为"];
    let behind = (when.end < words.len()).then(|| words.key(when.end));
    let before = when.start.checked_sub(1).map(|at| words.key(at));
    let is_sure = when.start == 0 || is_while(words, when) || begins_with_day(words, when);
    is_sure
        && !behind.is_some_and(|word| DESCRIBING.contains(&word))
        && !before.is_some_and(|word| NAMING.contains(&word))
}

fn is_while(words: &Words, range: &Range<usize>) -> bool {
    let (first, last) = (words.key(range.start), words.key(range.end - 1));
    let text = words.slice(range.clone()).to_lowercase();
    first == "in" || first == "过" || last == "后" || text.ends_with("from now")
}

fn begins_with_day(words: &Words, range: &Range<usize>) -> bool {
    const DAYS: &[&str] = &[
        "tomorrow", "tonight", "明天", "今晚", "明早", "明晚", "后天",
    ];
    let text = words.slice(range.clone()).to_lowercase();
    DAYS.iter().any(|day| text.starts_with(day))
}

/// Tells whether some of the words are a moment that is to come, and no year.
fn says_later(words: &Words, range: Range<usize>) -> bool {
    const SIGNS: [&str; 7] = [":", "am", "pm", "noon", "midnight", "past", "o'clock"];
    let text = words.slice(range.clone()).to_lowercase();
    let (first, last) = (words.key(range.start), words.key(range.end - 1));
    let is_while = is_while(words, &range);
    let is_clock = first == "at" && SIGNS.iter().any(|sign| text.contains(sign));
    let is_chinese_clock = range.start == 0
        && (["点", "半"].contains(&last)
            || text.contains('点') && ["钟", "刻", "分"].contains(&last)
            || text.contains(':'));
    // “Tonight's playlist” and “for tonight” are for now.
    let is_for = range.start > 0 && words.key(range.start - 1) == "for";
    let is_day = !is_for && begins_with_day(words, &range);
    let has_year = text.contains('年') || text.contains("year");
    let inner = match first == "at" || first == "过" {
        true => words.slice(range.start + 1..range.end),
        false => words.slice(range),
    };
    let any = Moment::from_unix(0, 0);
    let is_moment = slot::time(inner, any).is_some()
        || (first == "过" && slot::duration_seconds(inner).is_some());
    !has_year && (is_while || is_clock || is_chinese_clock || is_day) && is_moment
}

/// Tells whether the words deny the wish that they begin with: “don't trash it”, 别关机; and not 别放了, which ends
/// what goes on, nor “don't forget”.
fn denies(words: &Words) -> bool {
    const DENYING: &[&[&str]] = &[
        &["do", "not"],
        &["never"],
        &["dont"],
        &["不", "要"],
        &["请", "勿"],
        &["别"],
        &["千", "万", "别"],
    ];
    const FORGETTING: &[&str] = &["forget", "let", "忘", "让"];
    let denying = DENYING.iter().find(|phrase| words.has_at(0, phrase));
    let Some(behind) = denying.map(|phrase| phrase.len()) else {
        return false;
    };
    let forgets = behind < words.len() && FORGETTING.contains(&words.key(behind));
    let ends = words.len() > 0 && words.key(words.len() - 1) == "了";
    let is_joined = (0..words.len()).any(|at| template::is_joint(words, at));
    !forgets && !ends && !is_joined
}

/// Tells whether the words wish for something again and again: “every day at 8”, 每天.
fn repeats(words: &Words) -> bool {
    const UNITS: &[&str] = &[
        "day",
        "days",
        "morning",
        "evening",
        "night",
        "week",
        "weeks",
        "month",
        "hour",
        "hours",
        "minute",
        "minutes",
        "half",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "weekday",
        "year",
        "天",
        "日",
        "早",
        "晚",
        "周",
        "星",
        "月",
        "年",
        "小",
        "隔",
        "半",
    ];
    (0..words.len().saturating_sub(1)).any(|at| {
        ["every", "each", "每"].contains(&words.key(at))
            && (at + 1..(at + 3).min(words.len())).any(|unit| UNITS.contains(&words.key(unit)))
    })
}

/// Tells whether but for a moment in the words one wish is left.
fn is_alone(words: &Words, moment: &Range<usize>) -> bool {
    // 五分钟后再静音
    let is_again = |at: usize| at == moment.end && words.key(at) == "再";
    let is_comma = |at: usize| at == moment.end && words.key(at) == ",";
    let outside = |at: &usize| !moment.contains(at);
    !(0..words.len())
        .filter(outside)
        .any(|at| template::is_joint(words, at) && !is_again(at) && !is_comma(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_later_is_told_from_what_is_for_now() {
        for (words, expected) in [
            ("mute in 5 minutes", true),
            ("in half an hour turn the screen off", true),
            ("in five minutes, mute", true),
            ("shut down in an hour and a half", true),
            ("turn the sound off 20 minutes from now", true),
            ("shut down at 10pm", true),
            ("lock the screen at 22:30", true),
            ("五分钟后静音", true),
            ("半小时之后关机", true),
            ("半小时后再关机", true),
            ("过五分钟静音", true),
            ("晚上十点关机", true),
            ("今晚十点钟关机", true),
            ("22:00关机", true),
            ("明天关机", true),
            ("shut down tomorrow", true),
            ("shut down tonight", true),
            ("shut down tomorrow at 9 am", true),
            ("dim the screen for tonight", false),
            ("play tonight's songs", false),
            ("files changed in the last 5 minutes", false),
            ("put the volume at 50", false),
            ("skip 30 seconds", false),
            ("mute and remind me in 5 minutes", false),
            ("mute, meeting in 5 minutes", false),
            ("lock the screen I'm back in 10 minutes", false),
            ("静音 五分钟后开会", false),
            ("快进30秒后暂停", false),
            ("后退十秒", false),
            ("the ones that nobody opened in a year", false),
            ("2019年之后的视频", false),
            ("move it in Documents", false),
        ] {
            assert_eq!(later(&Words::of(words)).is_some(), expected, "{words}");
        }
    }

    #[test]
    fn a_moment_that_describes_a_thing_is_told_from_when_it_is_to_be_done() {
        for (words, expected) in [
            ("tomorrow move report.txt to Documents", true),
            ("in 5 minutes trash report.txt on the desktop", true),
            ("trash report.txt in 5 minutes", true),
            ("一小时后把桌面上的报告.txt移到回收站", true),
            ("明天的会议.docx移到文档", false),
            ("open the photo taken at 5 pm", false),
            ("make a folder called tomorrow", false),
            ("trash report.txt", false),
        ] {
            let when = When::of(&Words::of(words));
            assert_eq!(when.is_surely_later, expected, "{words}");
        }
    }

    #[test]
    fn what_is_denied_is_told_from_what_is_to_end() {
        for (words, expected) in [
            ("don't trash old.log in Downloads", true),
            ("do not trash anything in Downloads", true),
            ("别关机", true),
            ("不要删除a.txt", true),
            ("别放了", false),
            ("don't forget to remind me at 6", false),
            ("don't let me forget the milk", false),
            ("don't open gedit, open Firefox", false),
            ("trash what I do not need", false),
        ] {
            assert_eq!(denies(&Words::of(words)), expected, "{words}");
        }
    }

    #[test]
    fn what_repeats_is_told_from_what_is_once() {
        for (words, expected) in [
            ("remind me every day at 8 to stretch", true),
            ("每天早上八点提醒我起床", true),
            ("nag me every half hour", true),
            ("show me every file of today", false),
            ("每个文件都打开", false),
            ("remind me at 8", false),
        ] {
            assert_eq!(repeats(&Words::of(words)), expected, "{words}");
        }
    }
}
