//! Whether a single value follows from the words.

use functions::folder_word;
use plan::{Expression, Literal, Type};

use super::Ground;
use crate::{
    slot,
    words::{Words, is_ideograph},
};

impl Ground<'_> {
    pub(super) fn follows(&self, value: &Expression, ty: &Type) -> bool {
        match (value, ty) {
            (Expression::List(items), Type::List(item)) => {
                items.iter().all(|value| self.follows(value, item))
            }
            (Expression::Literal(literal), ty) => self.literal_follows(literal, ty),
            _ => true,
        }
    }

    /// Tells whether an optional value was meant, and is not only possible.
    pub(super) fn is_meant(&self, value: &Expression, ty: &Type) -> bool {
        match (value, ty) {
            (Expression::Literal(Literal::Bool(false)), Type::Bool) => self.has_any(DENIALS),
            (Expression::Literal(Literal::Text(text)), Type::Text { .. }) => {
                self.share_said(text).is_none_or(|share| share > 0.5)
            }
            _ => true,
        }
    }

    fn literal_follows(&self, literal: &Literal, ty: &Type) -> bool {
        match (literal, ty) {
            // A number that stands for no number is a mistake of another kind, which the check names.
            (
                Literal::Number { .. },
                Type::Path(_) | Type::Text { .. } | Type::App | Type::Live(_) | Type::Time,
            ) => true,
            (Literal::Number { value, unit }, ty) => {
                self.number_follows(*value, unit.is_some(), ty)
            }
            (Literal::Text(text), Type::Path(_)) => self.path_follows(text),
            (Literal::Text(text), Type::App) => self.names.mentions_app(text, &self.text),
            (Literal::Text(text), Type::Live(source)) => {
                self.names.mentions_live(source, text, &self.text)
            }
            (Literal::Text(text), Type::Time) => self.time_follows(text),
            (Literal::Text(text), Type::Text { .. }) => self.text_follows(text),
            // Which of a few fixed words is meant is what the model is for.
            _ => true,
        }
    }

    /// Makes the usual change of one that goes further than words without a number mean: “louder” is not by 100.
    pub(super) fn temper(&self, value: &mut Expression, ty: &Type) {
        if let Expression::Literal(Literal::Number { value, unit: None }) = value
            && *ty
                == (Type::Int {
                    min: Some(-100),
                    max: Some(100),
                })
            && self.names_no_change()
            && !numbers(&self.own).contains(&value.abs())
            && value.abs() > self.most_change()
        {
            *value = USUAL_CHANGE.copysign(*value);
        }
    }

    /// Tells whether the words name no number that a change could be by: neither does “turn this one up”, nor “dim the
    /// screen, and tell me in 20 minutes”.
    fn names_no_change(&self) -> bool {
        numbers(&self.own).iter().all(|number| *number == 1.0)
            || !says_number_outside_spans(&self.own)
            || self.has_any(SLIGHTLY)
    }

    /// How far a change without a number may go.
    fn most_change(&self) -> f64 {
        match self.has_any(FULLY) {
            true => 100.0,
            false => MOST_CHANGE,
        }
    }

    fn number_follows(&self, value: f64, has_unit: bool, ty: &Type) -> bool {
        // “a bit quieter” names no number, but a change needs one.
        let is_change = is_change(ty);
        let said = |wanted: f64| {
            let same = |number: &f64| (number.abs() - wanted.abs()).abs() < 1e-6;
            // “to -10” says no level.
            let mut numbers = self
                .numbers
                .iter()
                .filter(|number| is_change || **number >= 0.0);
            numbers.any(same)
        };
        let chosen = is_change && self.names_no_change() && value.abs() <= self.most_change();
        // “the biggest file” says one, “half” and “full” say a share.
        let may_share = match ty {
            Type::Percent => true,
            // “a touch quieter” as a part of the present level.
            Type::Int { min: Some(0), .. } => self.numbers.is_empty(),
            _ => false,
        };
        let is_share = may_share && says_share(&self.words, &self.text);
        // “three times as loud” is 300 percent, and 翻一倍 200.
        let is_multiple = matches!(ty, Type::Int { min: Some(0), .. } | Type::Percent)
            && (said(value / 100.0) && self.has_any(MULTIPLES)
                || value == 200.0 && self.has_any(DOUBLING));
        let is_one = value == 1.0 && !has_unit && matches!(ty, Type::Int { .. });
        if *ty == Type::Duration && has_unit && says_no_length(&self.words) {
            return false;
        }
        let is_span = matches!(ty, Type::Duration | Type::Bytes);
        let scaled = is_span
            && [60.0, 3600.0, 86_400.0, 1e3, 1e6, 1e9]
                .iter()
                .any(|scale| said(value / scale) || said(value * scale));
        // “at 5 %” is a rate of 0.05.
        let is_rate = *ty == Type::Number && said(value * 100.0) && self.has_any(RATES);
        let composed = is_span && self.numbers.len() > 1;
        let spoken_span = matches!(ty, Type::Duration) && self.has_any(SPANS)
            || *ty == Type::Bytes && self.has_any(SIZES);
        said(value)
            || is_rate
            || is_share
            || is_multiple
            || is_one
            || scaled
            || composed
            || spoken_span
            || chosen
            || value == 0.0 && self.has_any(NOTHING)
    }

    /// The name must have been said as it is, and each folder above it too: a model likes to
    /// invent `~/Music/song.mp3` for “what song is this”.
    fn path_follows(&self, path: &str) -> bool {
        let bare = path.trim_end_matches('/');
        if names_nothing(bare.rsplit('/').next().unwrap_or(bare)) {
            return false;
        }
        let inner = bare.strip_prefix('~').unwrap_or(bare);
        let mut above = if bare.starts_with('~') { "~" } else { "" }.to_owned();
        inner
            .split('/')
            .filter(|part| !part.is_empty())
            .all(|part| {
                above = format!("{above}/{part}");
                self.text.contains(&part.to_lowercase()) || self.says_folder(&above)
            })
    }

    /// Tells whether some of the words name the folder, in either language.
    pub(super) fn says_folder(&self, path: &str) -> bool {
        let wanted = folder_word(path.rsplit('/').next().unwrap_or(path));
        // “what did I download”.
        let is_downloaded =
            wanted == Some("~/Downloads") && self.has_any(&["download", "刚下", "下的"]);
        is_downloaded
            || wanted.is_some()
                && (0..self.words.len()).any(|start| {
                    (start + 1..=(start + 4).min(self.words.len()))
                        .any(|end| folder_word(self.words.slice(start..end)) == wanted)
                })
    }

    fn time_follows(&self, text: &str) -> bool {
        let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        let says_number = says_number_outside_spans(&self.words);
        if let Some((day, _)) = date_of(text) {
            let said = |part: u32| self.numbers.iter().any(|number| *number == f64::from(part));
            let is_ordinal = || crate::said::values(&self.words, slot::ordinal).contains(&day);
            return said(day)
                || is_ordinal()
                || self.text.contains(&text[..10])
                || self.has_any(DATES);
        }
        let is_said = (has_digit(text) && says_number) || self.has_any(TIMES);
        is_said && hour_of(text).is_none_or(|hour| self.may_say_hour(hour))
    }

    /// Tells whether the numbers in the words leave an hour of the clock: 25:00 is not eight in the evening.
    fn may_say_hour(&self, hour: u32) -> bool {
        let wanted = f64::from(hour % 12);
        let is_hour = |number: f64| {
            // 1730 is half past five.
            let said = match number >= 100.0 {
                true => (number / 100.0).floor(),
                false => number.floor(),
            };
            // “Ten to six” is before six.
            said.rem_euclid(12.0) == wanted
                || said >= 1.0 && (said - 1.0).rem_euclid(12.0) == wanted
        };
        let digits = self.text.split(|c: char| !c.is_ascii_digit());
        let written = digits.filter_map(|digits| digits.parse().ok());
        let mut said = self.numbers.iter().copied().chain(written).peekable();
        said.peek().is_none() || said.any(is_hour)
    }

    /// Tells whether one thing is to be as another is.
    pub(crate) fn says_equal(&self) -> bool {
        self.has_any(EQUAL)
    }

    pub(super) fn says_time(&self) -> bool {
        self.has_any(DATES) || self.has_any(TIMES) || says_number_outside_spans(&self.words)
    }

    pub(super) fn says_span(&self) -> bool {
        spans(&self.words).contains(&true)
    }

    /// At least half of the words of a text must have been said, or begin like one that was.
    ///
    /// Of an English text for Chinese words (“5 英里是多少公里” → `"5 miles in km"`) only the numbers are compared.
    fn text_follows(&self, text: &str) -> bool {
        // `{name.lower()}` is no name.
        let is_made_up = |sign: char| text.contains(sign) && !self.text.contains(sign);
        if ['{', '}', '<', '>', '$'].into_iter().any(is_made_up) {
            return false;
        }
        self.share_said(text).is_none_or(|share| share >= 0.5)
    }

    /// The share of a text's words that were said; [`None`] for a text without words.
    fn share_said(&self, text: &str) -> Option<f64> {
        let words = Words::of(&text.to_lowercase());
        let is_chinese = |text: &str| text.chars().any(is_ideograph);
        let translated = is_chinese(&self.text) && !is_chinese(text);
        let telling: Vec<&str> = words
            .keys()
            .filter(|key| key.chars().any(char::is_alphanumeric))
            .filter(|key| !translated || slot::number(key).is_some())
            .collect();
        let said = telling.iter().filter(|word| self.says(word)).count();
        (!telling.is_empty()).then(|| said as f64 / telling.len() as f64)
    }

    pub(super) fn says(&self, word: &str) -> bool {
        if let Some(number) = slot::number(word) {
            return self.text.contains(word)
                || self.numbers.iter().any(|said| (said - number).abs() < 1e-6);
        }
        if word.chars().all(is_ideograph) {
            return self.text.contains(word);
        }
        let beginning: String = word.chars().take(4).collect();
        let kinds = ENDINGS.iter().find(|(ending, _)| *ending == word);
        self.words.keys().any(|key| key.starts_with(&beginning))
            || kinds.is_some_and(|(_, kinds)| self.has_any(kinds))
    }

    fn has_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.text.contains(phrase))
    }
}

/// The greatest change, in percents, that words without a number may mean.
const MOST_CHANGE: f64 = 30.0;
/// The change where a model goes further than that.
const USUAL_CHANGE: f64 = 10.0;

/// Words for a change that names no number.
const SLIGHTLY: &[&str] = &[
    "a bit", "a little", "a tad", "a touch", "slight", "一点", "一些", "稍",
];

/// Words and signs for a part of a hundred.
pub(super) const RATES: &[&str] = &["%", "percent", "百分"];

/// Words that deny.
const DENIALS: &[&str] = &[
    "not", "no ", "n't", "without", "off", "disable", "exclude", "false", "non", "不", "别", "关",
    "无",
];

/// Words for a change as far as it goes.
const FULLY: &[&str] = &[
    "all the way",
    "full",
    "max",
    "highest",
    "lowest",
    "possible",
    "as it goes",
    "最亮",
    "最暗",
    "最大",
    "最小",
    "最高",
    "最低",
    "到底",
    "到头",
    "拉满",
];

/// Words for none at all.
const NOTHING: &[&str] = &[
    "zero",
    "nothing",
    "none",
    "no ",
    "off",
    "silen",
    "mute",
    "quiet",
    "all the way down",
    "empty",
    "min",
    "lowest",
    "beginning",
    "start",
    "零",
    "无",
    "静",
    "关",
    "没",
    "最低",
    "最小",
    "到底",
    "头",
];

/// Words that multiply.
const MULTIPLES: &[&str] = &["times", "倍"];
/// Words that add as much as there is, with a number that is another.
const DOUBLING: &[&str] = &[
    "翻一倍",
    "翻个倍",
    "翻一番",
    "大一倍",
    "高一倍",
    "响一倍",
    "亮一倍",
    "多一倍",
    "加一倍",
];

/// Words that make one thing as another is.
const EQUAL: &[&str] = &[
    "same",
    "match",
    "equal",
    "identical",
    "whatever",
    "一样",
    "相同",
    "一致",
    "同样",
    "同步",
    "相等",
    "等于",
];

/// Tells whether a name only points: “that one”, 那个文件.
fn names_nothing(name: &str) -> bool {
    const POINTING: &[&str] = &[
        "that", "this", "it", "them", "those", "these", "那", "这", "它",
    ];
    const EMPTY: &[&str] = &[
        "one", "ones", "file", "text", "thing", "个", "份", "张", "们", "些", "文", "件", "东",
        "西",
    ];
    let words = Words::of(&name.to_lowercase());
    words.keys().any(|key| POINTING.contains(&key))
        && words
            .keys()
            .all(|key| POINTING.contains(&key) || EMPTY.contains(&key))
}

/// Endings of files, and what people call such files.
const ENDINGS: &[(&str, &[&str])] = &[
    ("txt", &["text", "文本", "记事"]),
    ("md", &["markdown"]),
    ("doc", &["word"]),
    ("docx", &["word"]),
    ("xls", &["excel", "spreadsheet", "表格"]),
    ("xlsx", &["excel", "spreadsheet", "表格"]),
    ("ods", &["spreadsheet", "表格"]),
    ("ppt", &["powerpoint", "slide", "幻灯"]),
    ("pptx", &["powerpoint", "slide", "幻灯"]),
    ("py", &["python"]),
    ("rs", &["rust"]),
    ("sh", &["script", "脚本"]),
    ("jpg", &["jpeg"]),
    ("jpeg", &["jpg"]),
];

/// Words for days that the plan language has no word for.
const DATES: &[&str] = &["after tomorrow", "后天", "前天"];

/// Returns the day and the month of a text that begins with a date, such as `2026-03-01 10:00`.
fn date_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.get(..10)?.split('-');
    let year = parts.next()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    (year.len() == 4).then_some((day, month))
}

/// Tells whether the words say a share, or a change, without a number.
pub(crate) fn says_share(words: &Words, text: &str) -> bool {
    // “min” is no part of “remind”.
    let says = |share: &str| match share.is_ascii() && !share.contains(' ') {
        true => words
            .keys()
            .any(|key| key == share || (share.len() > 3 && key.starts_with(share))),
        false => text.contains(share),
    };
    SHARES.iter().any(|share| says(share))
}

/// Words that say a share, or a change, and beginnings of them.
const SHARES: &[&str] = &[
    "half",
    "halv",
    "full",
    "max",
    "quarter",
    "third",
    "min",
    "一半",
    "最大",
    "最小",
    "最高",
    "最低",
    "全",
    "成",
    "all the way",
    "highest",
    "lowest",
    "到底",
    "到头",
    "bit",
    "little",
    "loud",
    "quiet",
    "bright",
    "dark",
    "dim",
    "点",
    "double",
    "twice",
    "triple",
    "tenth",
    "tad",
    "touch",
    "slight",
    "倍",
    "稍",
    "最亮",
    "最暗",
    "拉满",
    "kill the light",
];
/// Words that speak of a span.
pub(crate) const SPANS: &[&str] = &[
    "hour", "minute", "second", "half", "day", "week", "month", "year", "小时", "分", "秒", "刻",
    "天", "周", "星期", "月", "年",
];
/// Sizes without a number: “over a gig”.
pub(crate) const SIZES: &[&str] = &["gig", "meg", "千兆", "个g"];
/// Words that speak of a moment.
pub(crate) const TIMES: &[&str] = &[
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "morning",
    "noon",
    "evening",
    "night",
    "week",
    "month",
    "year",
    "day",
    "recent",
    "latest",
    "last",
    "今",
    "明",
    "昨",
    "周",
    "星期",
    "月",
    "年",
    "天",
    "点",
    "早",
    "晚",
    "午",
    "最近",
];

/// The hour of a clock time: 18 of `tomorrow 18:30`.
fn hour_of(time: &str) -> Option<u32> {
    let clock = time.split(' ').next_back()?;
    let (hour, _) = clock.split_once(':')?;
    hour.parse().ok()
}

/// Tells whether a number was said that is not the length of a span: “in 15 minutes” is not 15:00.
fn says_number_outside_spans(words: &Words) -> bool {
    let in_span = spans(words);
    (0..words.len()).filter(|at| !in_span[*at]).any(|at| {
        let word = words.key(at);
        word.bytes().any(|byte| byte.is_ascii_digit()) || slot::number(word).is_some()
    })
}

/// Tells whether the only spans that are said have no length, or less than none: “in 0 minutes”, “in -5 minutes”.
fn says_no_length(words: &Words) -> bool {
    let (mut has_length, mut has_none) = (false, false);
    let mut start = 0;
    while start < words.len() {
        let is_nothing = slot::number(words.key(start)) == Some(0.0);
        let mut ends = (start + 2..=(start + 6).min(words.len())).rev();
        let end = ends.find(|end| {
            let span = match is_nothing {
                // No span is read of nothing.
                true => format!("1 {}", words.slice(start + 1..*end)),
                false => words.slice(start..*end).to_owned(),
            };
            slot::duration_seconds(&span).is_some()
        });
        match end {
            Some(_) if is_nothing || is_negative(words, start) => has_none = true,
            Some(_) => has_length = true,
            None => {}
        }
        start = end.unwrap_or(start + 1);
    }
    has_none && !has_length
}

/// Tells whether the number at a word is below nothing: that of “to -10” and “minus five”, and not those of “the
/// 2020-10 report” and “a timer - 5 minutes”.
fn is_negative(words: &Words, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    let is_sign = words.key(before) == "-"
        && !words.is_glued(before)
        && !words.slice(before..at + 1).contains(char::is_whitespace);
    is_sign || ["minus", "负"].contains(&words.key(before))
}

/// Tells of each word whether it belongs to the length of a span.
fn spans(words: &Words) -> Vec<bool> {
    let mut in_span = vec![false; words.len()];
    for start in 0..words.len() {
        for end in start + 1..=(start + 6).min(words.len()) {
            if slot::duration_seconds(words.slice(start..end)).is_some() {
                in_span[start..end].fill(true);
            }
        }
    }
    in_span
}

/// Tells whether a number says by how much something changes, up or down.
fn is_change(ty: &Type) -> bool {
    matches!(ty, Type::Int { min: Some(min), .. } if *min < 0)
}

/// Returns every number that the words hold, in digits or in words.
pub(super) fn numbers(words: &Words) -> Vec<f64> {
    let mut numbers = Vec::new();
    for start in 0..words.len() {
        let sign = if is_negative(words, start) { -1.0 } else { 1.0 };
        for end in start + 1..=(start + 6).min(words.len()) {
            let text = words.slice(start..end);
            let number = slot::percent(text).or_else(|| slot::number(text));
            numbers.extend(number.map(|number| sign * number));
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use plan::Signature;

    use super::*;
    use crate::slot::NameIndex;

    /// Tells whether a literal follows from some words.
    fn follows(words: &str, literal: &str, ty: &str) -> bool {
        let names = NameIndex::default();
        let ground = Ground::new(words, &names);
        let statement = crate::line_of(&format!("a.b({literal})"));
        let ty = ty.parse().expect("a type");
        ground.follows(&statement.call.arguments[0].value, &ty)
    }

    #[test]
    fn twice_as_much_is_said_with_another_number_in_chinese() {
        assert!(follows("音量翻一倍", "200", "int(0..1000)"));
        assert!(!follows("音量翻一倍", "300", "int(0..1000)"));
        assert!(!follows("音量调到一", "200", "int(0..1000)"));
    }

    #[test]
    fn a_span_gives_no_time() {
        let names = NameIndex::default();
        let remind: Signature = serde_json::from_str(
            r#"{"name": "timers.remind", "summary": "", "effect": "reversible",
                "arguments": [{"name": "time", "type": "time", "required": true}]}"#,
        )
        .expect("a signature");
        for (words, expected) in [
            ("remind me in 15 minutes to call Anna", false),
            ("二十分钟后提醒我关火", false),
            ("remind me at 6 to stretch for 10 minutes", true),
            ("remind me tomorrow to run for an hour", true),
            ("remind me", true),
        ] {
            let ground = Ground::new(words, &names);
            assert_eq!(ground.can_give(&remind), expected, "{words}");
        }
    }

    #[test]
    fn a_change_that_nobody_measured_is_the_usual_one() {
        let names = NameIndex::default();
        let ty: Type = "int(-100..100)".parse().expect("a type");
        for (words, written, expected) in [
            ("声音再大一点", "100", "10"),
            ("quieter", "-100", "-10"),
            ("louder", "20", "20"),
            ("all the way up", "100", "100"),
            ("louder by 50", "50", "50"),
            ("a bit louder, say 40", "40", "40"),
            ("I'm a little deaf, turn it up by 40", "40", "40"),
            ("屏幕调到最亮", "100", "100"),
        ] {
            let mut value = crate::line_of(&format!("a.b({written})"))
                .call
                .arguments
                .remove(0)
                .value;
            Ground::new(words, &names).temper(&mut value, &ty);
            assert_eq!(value.to_string(), expected, "{words}");
        }
    }

    #[test]
    fn a_span_has_a_length() {
        for (words, is_said) in [
            ("remind me in 5 minutes", true),
            ("remind me in -5 minutes", false),
            ("remind me in minus five minutes", false),
            ("负五分钟后提醒我", false),
            ("set a timer for 0 minutes", false),
            ("零分钟后提醒我", false),
            ("set a timer for 0 minutes 5 minutes", true),
            ("a tea timer - 5 minutes", true),
            ("a break of 5-10 minutes", true),
            ("a timer of 1 hour 0 minutes", true),
            ("in 5 minutes remind me to patch the zero day", true),
            ("五分钟后提醒我看零分的卷子", true),
        ] {
            assert_eq!(follows(words, "5min", "duration"), is_said, "{words}");
        }
    }

    #[test]
    fn values_follow_from_words() {
        for (words, literal, ty, expected) in [
            ("set it to thirty", "30", "percent", true),
            ("音量三十", "30", "percent", true),
            ("half volume", "50", "percent", true),
            ("make it loud enough", "70", "percent", true),
            ("find files", "100MB", "bytes", false),
            ("find files over 100 MB", "100MB", "bytes", true),
            ("超过一百兆的文件", "100MB", "bytes", true),
            ("the biggest file", "1", "int(1..100)", true),
            ("big files", "20", "int(1..100)", false),
            ("a bit quieter", "-10", "int(-100..100)", true),
            ("quieter by 5", "-5", "int(-100..100)", true),
            ("quieter by 5", "-10", "int(-100..100)", false),
            ("an hour and a half", "90min", "duration", true),
            ("older than a year", "365d", "duration", true),
            ("两周前的文件", "14d", "duration", true),
            ("bigger than a gig", "1GB", "bytes", true),
            ("in my downloads", "\"~/Downloads\"", "folder", true),
            ("下载里的文件", "\"~/Downloads\"", "folder", true),
            ("a loan at 5 % for 3 years", "0.05", "number", true),
            ("a loan of 5 for 3 years", "0.05", "number", false),
            ("find my thesis", "\"~/Documents\"", "folder", false),
            ("what did I download", "\"~/Downloads\"", "folder", true),
            ("the newest text file", "\"*.txt\"", "text(200)", true),
            ("the newest picture", "\"*.txt\"", "text(200)", false),
            ("three times as loud", "300", "int(0..1000)", true),
            ("volume 3", "300", "int(0..1000)", false),
            (
                "dim the screen and tell me in 20 minutes",
                "-10",
                "int(-100..100)",
                true,
            ),
            ("cash_flows=[200,300,400]", "300", "number", true),
            ("a loan of 200,000", "200000", "number", true),
            ("a loan of 200,000", "200", "number", false),
            ("超过一个G的", "1GB", "bytes", true),
            ("open ~/work/plan.txt", "\"~/work/plan.txt\"", "file", true),
            ("open the plan", "\"/etc/passwd\"", "file", false),
            ("get rid of that one", "\"that one\"", "path", false),
            ("总结一下那个文件", "\"那个文件\"", "file", false),
            ("what song is this", "\"~/Music/song.mp3\"", "file", false),
            (
                "open song.mp3 in my music",
                "\"~/Music/song.mp3\"",
                "file",
                true,
            ),
            ("在文档里新建税务", "\"~/Documents/税务\"", "path", true),
            ("tomorrow at 9", "\"tomorrow 09:00\"", "time", true),
            ("下午五点半提醒我", "\"2023-04-01 17:30\"", "time", false),
            ("on the 1st of april", "\"2027-04-01\"", "time", true),
            ("a touch quieter", "50", "int(0..1000)", true),
            ("set it to -10", "10", "percent", false),
            ("change it by -10", "-10", "int(-100..100)", true),
            ("louder", "100", "int(-100..100)", false),
            ("再大点儿\n音量30", "10", "int(-100..100)", true),
            ("louder by 20\nvolume 30", "10", "int(-100..100)", false),
            ("turn it all the way up", "100", "int(-100..100)", true),
            ("remind me in 15 minutes", "\"15:00\"", "time", false),
            ("remind me at six", "\"18:00\"", "time", true),
            ("remind me at 17:30", "\"17:30\"", "time", true),
            ("remind me at 25:00", "\"20:00\"", "time", false),
            ("remind me at 25:99", "\"23:59\"", "time", false),
            ("remind me at 5 to 6", "\"17:55\"", "time", true),
            ("remind me at 1730", "\"17:30\"", "time", true),
            ("remind me at noon", "\"12:00\"", "time", true),
            ("下午五点半提醒我", "\"17:30\"", "time", true),
            ("find my thesis", "\"last week\"", "time", false),
            (
                "say hello to everybody",
                "\"Hello everybody\"",
                "text(200)",
                true,
            ),
            ("say hello", "\"Good morning, team\"", "text(200)", false),
            ("5 英里是多少公里", "\"5 miles in km\"", "text(200)", true),
            ("leave for the train", "\"离开火车\"", "text(200)", false),
            ("6 英里是多少公里", "\"5 miles in km\"", "text(200)", false),
            ("what is 12 times 7", "\"12*7\"", "text(200)", true),
            (
                "shut it down",
                "\"power_off\"",
                "choice(power_off|restart)",
                true,
            ),
        ] {
            assert_eq!(follows(words, literal, ty), expected, "{words}: {literal}");
        }
    }
}
