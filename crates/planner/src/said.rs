//! The values that some words hold, each kind by itself: what a plan may take from them.
//!
//! A model that can only choose among them neither invents a date nor copies `100MB` from an example.

use plan::{Literal, Moment, Said, Unit};

use crate::{
    ground::{SIZES, SPANS, TIMES, says_share},
    place,
    slot::{self, NameIndex},
    words::Words,
};

/// The most words of one value.
const LONGEST: usize = 14;
/// What “half”, “a bit” and the like may stand for, beside numbers that were said.
const USUAL_SHARES: &[f64] = &[
    0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 33.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0,
];
/// Words that stand for a span by themselves, in days.
const PERIODS: &[(&str, f64)] = &[
    ("day", 1.0),
    ("today", 1.0),
    ("yesterday", 1.0),
    ("week", 7.0),
    ("month", 30.0),
    ("year", 365.0),
    ("天", 1.0),
    ("周", 7.0),
    ("星期", 7.0),
    ("月", 30.0),
    ("年", 365.0),
];

/// Words that change a span beside them: where one is left over, no slot has read the whole.
const PARTS_OF_SPANS: &[&str] = &[
    "half", "quarter", "few", "couple", "several", "some", "半", "刻", "几", "多",
];
/// Days that the readers do not know, or only a part of.
const FAR_DAYS: &[&str] = &[
    "day before yesterday",
    "week after",
    "after next",
    "next monday",
    "next tuesday",
    "next wednesday",
    "next thursday",
    "next friday",
    "next saturday",
    "next sunday",
    "大后天",
    "大前天",
    "下周一",
    "下周二",
    "下周三",
    "下周四",
    "下周五",
    "下周六",
    "下周日",
    "下周天",
    "下星期",
    "下个月",
    "上周一",
    "上周二",
    "上周三",
    "上周四",
    "上周五",
    "上周六",
    "上周日",
    "上个月",
];

/// Finds the values in the words. `numbers` are all numbers in them.
pub(crate) fn said(words: &Words, text: &str, numbers: &[f64], now: Moment) -> Said {
    let has_any = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    Said {
        numbers: match (numbers.is_empty(), says_share(words, text)) {
            (true, true) => None,
            (_, false) => Some(numbers.to_vec()),
            (false, true) => Some([numbers, USUAL_SHARES].concat()),
        },
        sizes: found(values(words, slot::bytes), has_any(SIZES)).filter(|_| !has_any(RANGES)),
        durations: found(durations(words), has_any(SPANS))
            .filter(|_| !has_any(RANGES))
            .filter(|spans| spans.is_empty() || !leaves(words, slot::duration, PARTS_OF_SPANS)),
        times: found(times(words, now), has_any(TIMES))
            .filter(|times| times.is_empty() || !has_any(FAR_DAYS)),
        one: has_any(SINGLE) && !says_many(words, text),
        closed: match (is_above(text), is_below(text)) {
            (true, false) => vec!["max_"],
            (false, true) => vec!["min_"],
            _ => Vec::new(),
        },
        described: (!names_a_file(text) && has_any(SUPERLATIVES) && !has_any(NAMING))
            || has_any(CONTENTS),
        names: false,
    }
}

/// Two values, of which one may lack its unit: “between 200 and 700 megabytes”.
const RANGES: &[&str] = &["between ", "之间"];

/// Words that single out.
const SINGLE: &[&str] = &[
    "newest",
    "latest",
    "most",
    "last",
    "oldest",
    "biggest",
    "largest",
    "smallest",
    "best",
    "worst",
    "first",
    "i just",
    "just saved",
    "just downloaded",
    "just made",
    "just took",
    "最",
    "刚",
    "第一",
    "上次",
    "上一",
];
/// Words for several things, beside those that are the names of folders too.
const MANY: &[&str] = &[
    "files",
    "programs",
    "processes",
    "photos",
    "images",
    "songs",
    "apps",
    "archives",
    "pdfs",
    "ones",
    "things",
    "items",
    "pics",
    "docs",
    "zips",
    "movies",
    "all",
    "几",
    "些",
    "都",
    "所有",
];
const FOLDERS: &[&str] = &["documents", "pictures", "videos", "downloads"];

/// Tells whether several things are meant.
fn says_many(words: &Words, text: &str) -> bool {
    // Of the usual ones alone: what is on this machine tells nobody elsewhere anything.
    let names_folder = place::folder(words, &NameIndex::default()).is_some();
    words.keys().any(|key| MANY.contains(&key))
        || (!names_folder && FOLDERS.iter().any(|folder| text.contains(folder)))
}

/// Words for more than a limit, and for less.
const ABOVE: &[&str] = &[
    "over ",
    "above",
    "more than",
    "bigger than",
    "larger than",
    "greater than",
    "at least",
    "超过",
    "大于",
    "多于",
    "以上",
    "不止",
];
const BELOW: &[&str] = &[
    "under ",
    "below",
    "less than",
    "smaller than",
    "at most",
    "up to",
    "不到",
    "小于",
    "少于",
    "以下",
];
/// The same denied: “no more than” is less.
const NOT_ABOVE: &[&str] = &[
    "no more than",
    "not more than",
    "no bigger than",
    "not bigger than",
    "no larger than",
    "not larger than",
    "not over ",
    "不超过",
    "不大于",
    "不多于",
];
const NOT_BELOW: &[&str] = &[
    "no less than",
    "not less than",
    "no smaller than",
    "not smaller than",
    "not under ",
    "不小于",
    "不少于",
];

fn is_above(text: &str) -> bool {
    says_but(text, ABOVE, NOT_ABOVE) || NOT_BELOW.iter().any(|phrase| text.contains(phrase))
}

fn is_below(text: &str) -> bool {
    says_but(text, BELOW, NOT_BELOW) || NOT_ABOVE.iter().any(|phrase| text.contains(phrase))
}

/// Tells whether one of the phrases is there once those that deny it are gone.
fn says_but(text: &str, phrases: &[&str], denied: &[&str]) -> bool {
    let mut rest = text.to_owned();
    for phrase in denied {
        rest = rest.replace(phrase, " ");
    }
    phrases.iter().any(|phrase| rest.contains(phrase))
}

/// Words that describe which file is meant.
const SUPERLATIVES: &[&str] = &[
    "newest",
    "latest",
    "most recent",
    "last file",
    "last picture",
    "last photo",
    "last document",
    "saved last",
    "oldest",
    "biggest",
    "largest",
    "smallest",
    "最新",
    "最近",
    "最大",
    "最小",
    "最旧",
    "最老",
    "刚改",
    "刚下",
    "刚存",
];

/// Words for what is in a folder, and not the folder.
const CONTENTS: &[&str] = &[
    "everything in",
    "all files in",
    "all the files in",
    "all of the files in",
    "everything inside",
    "里的所有",
    "里的全部",
    "里所有",
    "里面所有",
    "里面的所有",
    "里的东西",
    "里面的东西",
    "里的文件都",
    "里面的文件",
];

/// Words that give a name to something new.
const NAMING: &[&str] = &[
    "folder",
    "zip",
    "archive",
    "called",
    "named",
    "name",
    "文件夹",
    "目录",
    "压缩",
    "打包",
    "叫",
    "名",
];

/// Tells whether the words hold a path, or a name with an ending, such as `plan.txt`.
pub(crate) fn names_a_file(text: &str) -> bool {
    let is_file = |word: &str| {
        let name = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '~' && c != '/');
        let ending = name.rsplit_once('.').map_or(
            "",
            |(stem, ending)| {
                if stem.is_empty() { "" } else { ending }
            },
        );
        let is_ending = (1..=5).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !ending.bytes().all(|byte| byte.is_ascii_digit());
        is_ending || name.contains('/')
    };
    text.split_whitespace().any(is_file) || text.contains('"')
}

/// Where words speak of a kind in a way that no slot reads, it stays free.
fn found<T>(values: Vec<T>, is_spoken_of: bool) -> Option<Vec<T>> {
    (!values.is_empty() || !is_spoken_of).then_some(values)
}

/// Reads the longest spans of words that are a value; each value once.
pub(crate) fn values<T: PartialEq>(words: &Words, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let mut values = Vec::new();
    for (_, value) in spans(words, read) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The longest spans of words that are a value, with their text.
fn spans<T>(words: &Words, read: impl Fn(&str) -> Option<T>) -> Vec<(&str, T)> {
    let mut spans = Vec::new();
    let mut begin = 0;
    while begin < words.len() {
        let mut ends = (begin + 1..=(begin + LONGEST).min(words.len())).rev();
        let longest = ends.find_map(|end| {
            let text = words.slice(begin..end);
            Some((end, text, read(text)?))
        });
        begin = match longest {
            Some((end, text, value)) => {
                spans.push((text, value));
                end
            }
            None => begin + 1,
        };
    }
    spans
}

/// Tells whether one of some words is in none of the spans that can be read, or at the edge of one.
fn leaves<T>(words: &Words, read: impl Fn(&str) -> Option<T>, of: &[&str]) -> bool {
    let spans = spans(words, read);
    let within = |key: &str| {
        spans.iter().any(|(text, _)| {
            // “half hours” is the end of “three and a half hours”.
            text.contains(key)
                && !text.starts_with("half hours")
                && !text.starts_with("half minutes")
        })
    };
    words.keys().any(|key| of.contains(&key) && !within(key))
}

fn durations(words: &Words) -> Vec<Literal> {
    let mut spans = values(words, slot::duration);
    if let Some(Literal::Number { unit, .. }) = spans.first() {
        let unit = *unit;
        for value in listed(words) {
            let span = Literal::Number { value, unit };
            if !spans.contains(&span) {
                spans.push(span);
            }
        }
        return spans;
    }
    let is_said = |period: &str| {
        words
            .keys()
            .any(|key| key == period || key.strip_suffix('s') == Some(period))
    };
    let periods = PERIODS.iter().filter(|(period, _)| is_said(period));
    let mut spans: Vec<Literal> = Vec::new();
    for (_, days) in periods {
        let days = Literal::Number {
            value: *days,
            unit: Some(Unit::Day),
        };
        if !spans.contains(&days) {
            spans.push(days);
        }
    }
    spans
}

/// The numbers at the ends of the items of a list: “green three minutes, black five, herbal eight”.
fn listed(words: &Words) -> Vec<f64> {
    let is_end = |at: usize| at == words.len() || [",", ";", "and", "、"].contains(&words.key(at));
    let ends = (1..words.len()).filter(|at| is_end(at + 1));
    ends.filter_map(|at| slot::number(words.key(at)))
        .filter(|number| *number > 0.0)
        .collect()
}

/// The moments, and before them each day with each time of the clock: “tomorrow I have to be there at nine”.
fn times(words: &Words, now: Moment) -> Vec<String> {
    // “the 3 newest” holds no moment.
    let is_number = |text: &str| {
        let rest = text
            .split_whitespace()
            .filter(|word| !["the", "on", "of"].contains(word));
        slot::number(&rest.collect::<Vec<_>>().join(" ")).is_some()
    };
    let read = |text: &str| slot::time(text, now).filter(|_| !is_number(text));
    let found = spans(words, read);
    let is_clock = |(_, time): &&(&str, String)| time.len() == 5 && time.contains(':');
    let days = found.iter().filter(|(_, time)| !time.contains(':'));
    let joined = days.flat_map(|(day, _)| {
        let clocks = found.iter().filter(is_clock);
        clocks.filter_map(move |(clock, _)| read(&format!("{day} {clock}")))
    });
    let mut times: Vec<String> = Vec::new();
    for time in joined.chain(found.iter().map(|(_, time)| time.clone())) {
        if !times.contains(&time) {
            times.push(time);
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Ground;

    fn of(words: &str) -> Said {
        let names = NameIndex::default();
        let now = Moment::parse("2026-11-23T10:00:00+08:00", 0).expect("a moment");
        Ground::new(words, &names).said(now)
    }

    fn written(literals: Option<Vec<Literal>>) -> Option<Vec<String>> {
        literals.map(|all| all.iter().map(Literal::to_string).collect())
    }

    #[test]
    fn moments_are_read_wherever_they_stand() {
        for (words, expected) in [
            ("remind me at 3pm to call mum", Some(vec!["15:00"])),
            (
                "don't let me forget to call mum, 3 this afternoon",
                Some(vec!["15:00"]),
            ),
            ("the bins go out at nine tonight", Some(vec!["today 21:00"])),
            (
                "tomorrow I have to be at work at 8:30",
                Some(vec!["tomorrow 08:30", "tomorrow", "20:30"]),
            ),
            ("what changed yesterday", Some(vec!["yesterday"])),
            ("files from last week", Some(vec!["last week"])),
            ("明天下午三点提醒我交房租", Some(vec!["tomorrow 15:00"])),
            ("上周改过的文件", Some(vec!["last week"])),
            ("文档里最近一周改过的", None),
            ("show me the 3 newest", Some(vec![])),
            ("下周三早上九点提醒我", None),
            ("大后天早上九点", None),
            ("the latest report", None),
            ("mute the sound", Some(vec![])),
        ] {
            let expected =
                expected.map(|all: Vec<&str>| all.iter().map(|one| (*one).to_owned()).collect());
            assert_eq!(of(words).times, expected, "{words}");
        }
    }

    #[test]
    fn spans_and_sizes_are_read() {
        for (words, expected) in [
            ("wake me in half an hour", Some(vec!["30min"])),
            (
                "a timer of 1 hour and 20 minutes for the roast",
                Some(vec!["80min"]),
            ),
            ("what changed this week", Some(vec!["7d"])),
            ("what changed in the last 3 days", Some(vec!["3d"])),
            ("older than a year", Some(vec!["365d"])),
            (
                "three tea buttons: green three minutes, black five, herbal eight",
                Some(vec!["3min", "5min", "8min"]),
            ),
            ("three and a half hours", None),
            ("the last few days", None),
            ("两个半月没动过的", None),
            ("not touched for 6 months", Some(vec!["180d"])),
            ("三个月没动过的", Some(vec!["90d"])),
            ("半年没动过的", Some(vec!["180d"])),
            ("mute the sound", Some(vec![])),
        ] {
            let expected =
                expected.map(|all: Vec<&str>| all.iter().map(|one| (*one).to_owned()).collect());
            assert_eq!(written(of(words).durations), expected, "{words}");
        }
        assert_eq!(
            written(of("over 100 MB or 2 gigabytes").sizes),
            Some(vec!["100MB".to_owned(), "2GB".to_owned()])
        );
        assert_eq!(of("something over a gig").sizes, None);
        assert_eq!(of("between 200 and 700 megabytes").sizes, None);
        assert_eq!(of("big ones").sizes, Some(vec![]));
    }

    #[test]
    fn what_is_over_a_limit_is_not_under_it() {
        assert_eq!(of("files bigger than 1 GB").closed, ["max_"]);
        assert_eq!(of("小于 5 MB 的图片").closed, ["min_"]);
        assert_eq!(of("no more than 5 MB").closed, ["min_"]);
        assert_eq!(of("不小于1GB的").closed, ["max_"]);
        assert!(of("the big files").closed.is_empty());
    }

    #[test]
    fn one_is_meant_by_what_singles_out() {
        for (words, expected) in [
            ("open the newest file in downloads", true),
            ("最新的那张图片", true),
            ("my recent documents", false),
            ("the programs that use the most memory", false),
            ("the latest pictures", false),
            ("find my thesis", false),
        ] {
            assert_eq!(of(words).one, expected, "{words}");
        }
    }

    #[test]
    fn a_file_is_named_or_described() {
        for (words, expected) in [
            ("sum up the latest text file in Documents", true),
            ("总结一下文档里最新的pdf", true),
            ("the newest version of plan.txt", false),
            ("summarise ~/notes", false),
            ("summarise the report", false),
            ("delete everything in ~/many", true),
            ("把 ~/many 里的东西都删了", true),
            ("make a folder Old and move the oldest files into it", false),
            ("files over 1.5 GB, largest first", true),
        ] {
            assert_eq!(of(words).described, expected, "{words}");
        }
    }

    #[test]
    fn numbers_are_those_that_were_said() {
        assert_eq!(of("mute").numbers, Some(vec![]));
        assert_eq!(
            of("half the volume, and 40 for the screen")
                .numbers
                .expect("some")
                .last(),
            Some(&300.0)
        );
        assert_eq!(of("make it a bit louder").numbers, None);
        assert!(of("音量三十").numbers.expect("some").contains(&30.0));
    }
}
