//! Requests of several parts: “mute and open gedit”, “静音，然后打开计算器”.

use std::ops::Range;

use plan::{Moment, Type};

use super::{Book, Names, NoMatch, TemplateMatch};
use crate::{slot, words::Words};

/// What stands between two parts; the longest first.
const SEPARATORS: &[&[&str]] = &[
    &[",", "and", "then"],
    &["and", "after", "that"],
    &["and", "then"],
    &[",", "then"],
    &[",", "and"],
    &[";", "then"],
    &["then"],
    &["and", "also"],
    &["and"],
    &[",", "然", "后"],
    &[",", "接", "着"],
    &[",", "并", "且"],
    &[",", "同", "时"],
    &[",", "再"],
    &[",", "并"],
    &["然", "后", "再"],
    &["然", "后"],
    &["接", "着"],
    &["并", "且"],
    &["同", "时"],
    &["再"],
    &["并"],
    &["和"],
    &[","],
    &[";"],
    &["、"],
    &["."],
    &["?"],
    &["!"],
];

/// What is said to Lucid alone.
const BIDS: &[&[&str]] = &[
    &["show", "me"],
    &["tell", "me"],
    &["now"],
    &["现", "在"],
    &["告", "诉", "我"],
    &["给", "我", "看"],
];
/// What stands before a level.
const AIMS: &[&str] = &["to", "到", "成"];
/// The most words of a time: 明天早上十点半.
const LONGEST_TIME: usize = 7;

/// The most parts of one request.
const MAX_PARTS: usize = 6;

/// Finds templates for the whole of the words, or for each of their parts.
///
/// Words that went into free text are first looked at as parts of their own, so
/// that “remind me to call and mute” is not one long reminder.
pub(crate) fn find(book: &Book, words: &Words, names: Names<'_>) -> Result<TemplateMatch, NoMatch> {
    let whole = book.find(words, names);
    if whole.as_ref().is_ok_and(|found| !found.has_free_text) {
        return whole;
    }
    if let Some(found) = parts(book, words, names, 0, MAX_PARTS) {
        return Ok(found);
    }
    match whole {
        // What would be one long text holds a second wish.
        Ok(found) if is_timed(&found, names) && has_second_wish(words, names.now) => {
            let patterns = found.origins.into_iter().map(|origin| origin.pattern);
            Err(NoMatch::Slot {
                pattern: patterns.collect(),
            })
        }
        whole => whole,
    }
}

/// Tells whether what a template calls is for some time: a note may speak of several.
fn is_timed(found: &TemplateMatch, names: Names<'_>) -> bool {
    let takes_time = |origin: &super::Origin| {
        let signature = names.signatures.signature(&origin.function);
        signature.is_some_and(|signature| {
            let mut arguments = signature.arguments.iter();
            arguments.any(|argument| matches!(argument.ty, Type::Time | Type::Duration))
        })
    };
    found.origins.iter().any(takes_time)
}

/// Tells whether two parts of the words each say when, how long or up to where, or the later one bids something:
/// “remind me at 3 to call, and at 6 to cook”, and not “remind me at 3 to buy milk and bread”.
fn has_second_wish(words: &Words, now: Moment) -> bool {
    let clauses = clauses(words);
    let says_when = |clause: &Words| says_when(clause, now);
    let mut later = clauses.iter().skip(1);
    clauses.first().is_some_and(says_when) && later.any(|clause| says_when(clause) || bids(clause))
}

/// Tells whether words bid Lucid something of their own.
fn bids(clause: &Words) -> bool {
    let at = usize::from(clause.len() > 0 && clause.key(0) == "also");
    BIDS.iter().any(|bid| clause.has_at(at, bid))
}

/// Tells whether words say when, how long or up to where, with a figure.
fn says_when(clause: &Words, now: Moment) -> bool {
    let is_figure = |at: usize| {
        let key = clause.key(at);
        slot::number(key).is_some() || key.contains(|c: char| c.is_ascii_digit())
    };
    let is_time = |span: Range<usize>| {
        // A bare number is as well one of things.
        let is_bare = span.len() == 1 && slot::number(clause.key(span.start)).is_some();
        let text = clause.slice(span.clone());
        !is_bare
            && span.into_iter().any(is_figure)
            && (slot::time(text, now).is_some() || slot::duration(text).is_some())
    };
    let is_level = |span: Range<usize>| {
        let is_whole = span.end == clause.len() || ["%", "percent"].contains(&clause.key(span.end));
        is_whole
            && AIMS.contains(&clause.key(span.start))
            && slot::number(clause.slice(span.start + 1..span.end)).is_some()
    };
    (0..clause.len()).any(|start| {
        let mut ends = start + 1..=(start + LONGEST_TIME).min(clause.len());
        ends.any(|end| is_time(start..end) || is_level(start..end))
    })
}

/// Cuts the words into the parts that stand between separators; one alone where there is none.
///
/// A part of a single word belongs to the one before it: “the sound and the screen”.
pub(crate) fn clauses(words: &Words) -> Vec<Words> {
    const LEAST: usize = 2;
    let mut clauses = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < words.len() {
        match separator(words, at) {
            Some((length, _)) if at >= start + LEAST && at + length + LEAST <= words.len() => {
                clauses.push(words.part(start..at));
                start = at + length;
                at = start;
            }
            Some((length, _)) => at += length,
            None => at += 1,
        }
    }
    clauses.push(words.part(start..words.len()));
    clauses
}

/// Returns how many wishes the words can hold at most: one more than there are signs and words that join two.
/// [`None`] where they count how often, or may mean several things by one word.
pub(crate) fn most_wishes(words: &Words) -> Option<usize> {
    let joints = (0..words.len()).filter(|at| is_joint(words, *at));
    (!counts(words)).then_some(joints.count() + 1)
}

/// Tells whether a word or sign at `at`, or a blank before it, joins two wishes or things.
pub(crate) fn is_joint(words: &Words, at: usize) -> bool {
    separator(words, at).is_some() || words.is_parted(at)
}

/// Tells whether one act may be meant for several things, or several times.
pub(crate) fn counts(words: &Words) -> bool {
    const COUNTING: &[&str] = &[
        "both", "plus", "also", "too", "twice", "times", "songs", "tracks", "before", "after",
        "while", "once", "soon", "well", "along", "&", "+", "跟", "还", "也", "又", "都", "次",
        "首", "后", "前", "顺", "以", "就", "两", "几",
    ];
    // What is made new may be filled; what starts again ends before.
    const MAKING: &[&str] = &["new", "folder", "create", "restart", "新", "夹"];
    // “the song before this one” is one.
    let is_order = |at: usize| {
        ["before", "after"].contains(&words.key(at))
            && (at + 1 == words.len() || ["this", "that", "it"].contains(&words.key(at + 1)))
    };
    let joins = (0..words.len()).any(|at| {
        let key = words.key(at);
        (COUNTING.contains(&key) && !is_order(at)) || MAKING.contains(&key)
    });
    joins || (0..words.len()).any(|at| is_count(words, at))
}

/// Tells whether a word counts things: “the next two videos”, and not “to 30”.
pub(crate) fn is_count(words: &Words, at: usize) -> bool {
    const BEFORE_VALUES: &[&str] = &["to", "at", "by", "for", "in", "到", "成", "为"];
    let is_value = at > 0 && BEFORE_VALUES.contains(&words.key(at - 1));
    // “30 seconds”, 50%.
    let is_measure = (at + 2..=(at + 3).min(words.len())).any(|end| {
        let text = words.slice(at..end);
        slot::duration(text).is_some()
            || slot::bytes(text).is_some()
            || slot::percent(text).is_some()
    });
    !is_value && !is_measure && slot::number(words.key(at)).is_some_and(|number| number >= 2.0)
}

/// Tells whether the words are a question: it is answered, and nothing is done.
pub(crate) fn is_question(words: &Words) -> bool {
    const FIRST: &[&str] = &[
        "which", "what", "who", "whose", "where", "why", "how", "is", "are", "was", "were", "does",
        "did", "am",
    ];
    const ANYWHERE: &[&[&str]] = &[&["哪", "些"], &["多", "少"], &["是", "不", "是"]];
    let about = words.len() > 1 && ["about", "if"].contains(&words.key(1));
    let begins = words.len() > 0 && FIRST.contains(&words.key(0)) && !about;
    begins || (0..words.len()).any(|at| ANYWHERE.iter().any(|phrase| words.has_at(at, phrase)))
}

/// Matches everything from `start` in at least two parts, of which the first is as short as it can be.
fn parts(
    book: &Book,
    words: &Words,
    names: Names<'_>,
    start: usize,
    left: usize,
) -> Option<TemplateMatch> {
    if left < 2 {
        return None;
    }
    let mut at = start + 1;
    while at < words.len() {
        let Some((length, is_sign)) = separator(words, at) else {
            at += 1;
            continue;
        };
        let behind = at + length;
        if behind < words.len()
            && let Ok(first) = book.find(&words.part(start..at), names)
        {
            let rest = book
                .find(&words.part(behind..words.len()), names)
                .ok()
                .filter(|rest| !rest.has_free_text)
                .or_else(|| parts(book, words, names, behind, left - 1))
                .or_else(|| book.find(&words.part(behind..words.len()), names).ok());
            if let Some(rest) = rest.filter(|rest| !is_sign || !same_domain(&first, rest)) {
                return Some(join(first, rest));
            }
        }
        at = behind;
    }
    None
}

/// Returns the length of the separator at `at`, and whether it is only a sign.
fn separator(words: &Words, at: usize) -> Option<(usize, bool)> {
    SEPARATORS
        .iter()
        .find(|phrase| words.has_at(at, phrase))
        // The point of `a.pdf` ends nothing.
        .filter(|phrase| !matches!(phrase, ["."]) || !words.is_glued(at))
        .map(|phrase| {
            (
                phrase.len(),
                matches!(phrase, [","] | ["."] | ["?"] | ["!"]),
            )
        })
}

/// Tells whether two parts ask for the same kind of thing.
///
/// “It is too loud, mute” has one wish and its reason, though each half alone would be a wish:
/// behind a mere comma such halves are left to the model.
fn same_domain(first: &TemplateMatch, rest: &TemplateMatch) -> bool {
    match (first.origins.last(), rest.origins.first()) {
        (Some(first), Some(rest)) => first.function.domain() == rest.function.domain(),
        _ => false,
    }
}

fn join(first: TemplateMatch, rest: TemplateMatch) -> TemplateMatch {
    TemplateMatch {
        origins: first.origins.into_iter().chain(rest.origins).collect(),
        plan: first.plan + &rest.plan,
        has_free_text: first.has_free_text || rest.has_free_text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_time_is_a_second_wish() {
        let now = Moment::parse("2026-11-23T10:00:00+08:00", 0).expect("a moment");
        for (words, expected) in [
            (
                "remind me at 3pm to fetch the kids and at six this evening to cook",
                true,
            ),
            (
                "remind me at 1pm about lunch, also tomorrow at 10:30 to post it",
                true,
            ),
            (
                "timer 3 min for the tea and another one, 12 min, for the rice",
                true,
            ),
            ("晚上八点提醒我给妈打电话，十点半再提醒我吃药", true),
            (
                "remind me at 3pm about lunch, and show me my reminders",
                true,
            ),
            ("下午两点半叫我去接娃，声音给开到八十", true),
            ("晚上七点提醒我先洗碗再倒垃圾，现在静音", true),
            (
                "remind me at 3pm to buy milk and two loaves of bread",
                false,
            ),
            ("remind me to call Anna, and then Ben, at 6", false),
            ("下午三点提醒我开会，带两份文件", false),
        ] {
            let words = Words::of_utterance(words);
            assert_eq!(has_second_wish(&words, now), expected, "{words:?}");
        }
    }

    #[test]
    fn wishes_are_joined_or_counted() {
        for (words, expected) in [
            ("mute the sound", Some(1)),
            ("静音", Some(1)),
            ("skip two songs", None),
            ("close gedit and firefox", Some(2)),
            ("close both players", None),
            ("先静音再锁屏", Some(2)),
            ("静音 锁屏 走了", Some(3)),
            ("打开 gedit", Some(1)),
            ("move the pdfs to a new folder called Papers", None),
            ("skip the next two videos", None),
            ("set the volume to 30", Some(1)),
            ("why is it silent? unmute it", Some(2)),
        ] {
            assert_eq!(most_wishes(&Words::of(words)), expected, "{words}");
        }
    }

    #[test]
    fn questions_are_seen() {
        for (words, expected) in [
            ("which archives are old", true),
            ("下载里有哪些压缩包", true),
            ("放点什么音乐", false),
            ("when the clock says 6 remind me", false),
            ("what about 25", false),
            ("show which apps run", false),
            ("mute", false),
            ("", false),
        ] {
            assert_eq!(is_question(&Words::of(words)), expected, "{words}");
        }
    }

    #[test]
    fn counting_is_told_from_measuring() {
        for (words, expected) in [
            ("skip two songs", true),
            ("open the folder before you lock", true),
            ("jump ahead 30 seconds", false),
            ("视频快进30秒", false),
            ("go back to the song before this one", false),
            ("set it to 30", false),
        ] {
            assert_eq!(counts(&Words::of(words)), expected, "{words}");
        }
    }

    #[test]
    fn clauses_stand_between_separators() {
        for (words, expected) in [
            ("mute the sound", vec!["mute the sound"]),
            (
                "mute the sound and then lock the screen",
                vec!["mute the sound", "lock the screen"],
            ),
            ("close gedit and firefox", vec!["close gedit and firefox"]),
            ("静音，然后打开计算器", vec!["静音", "打开计算器"]),
            ("", vec![""]),
        ] {
            let words = Words::of(words);
            let found = clauses(&words);
            let found: Vec<&str> = found.iter().map(|part| part.slice(0..part.len())).collect();
            assert_eq!(found, expected);
        }
    }
}
