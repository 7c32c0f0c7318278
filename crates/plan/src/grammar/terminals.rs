//! Terminals: names, texts, numbers with units, moments, live names.

use super::said::Open;
use super::{Builder, either, lark};
use crate::time::day_words;
use crate::{Effect, Literal, PathKind, Type, is_invisible};

/// The characters of a text that need no escape. The same class as
/// llguidance's own slices for JSON, which keeps the masks of texts cheap.
const PLAIN: &str = r#"[^"\\\x00-\x1F\x7F]"#;
/// The characters of a path that names exactly one thing.
const EXACT: &str = r#"[^"\\*?\x00-\x1F\x7F]"#;
/// The most live names of one source.
const MOST_NAMES: usize = 400;

impl Builder<'_> {
    /// A name that the model binds: a letter and perhaps a digit, or one that is bound already. With longer ones a
    /// model that may not call what it wants binds something else to its name.
    pub(super) fn name(&mut self) -> String {
        let bound = self.bound.iter().map(|name| lark(name));
        let ways: Vec<String> = ["/[a-z][0-9]?/".to_owned()]
            .into_iter()
            .chain(bound)
            .collect();
        self.terminal(ways.join(" | "))
    }

    pub(super) fn index(&mut self) -> String {
        self.terminal("/[1-9]?[0-9]/".to_owned())
    }

    pub(super) fn count(&mut self) -> String {
        self.terminal("/[1-9][0-9]?/".to_owned())
    }

    /// A text of at most `max` characters.
    pub(super) fn text(&mut self, max: usize) -> String {
        // A few lengths only, so that equal terminals are shared.
        let max = [20, 80, 300]
            .into_iter()
            .rfind(|length| *length <= max)
            .unwrap_or(max.max(1));
        self.terminal(format!(r#"/"({PLAIN}|\\["\\]){{1,{max}}}"/"#))
    }

    pub(super) fn label(&mut self) -> String {
        self.text(crate::MAX_LABEL)
    }

    /// A path. A file's has a folder or an ending: “the report” is what a search finds.
    pub(super) fn path(&mut self, kind: PathKind, effect: Effect) -> String {
        let class = if effect > Effect::Transient {
            EXACT
        } else {
            PLAIN
        };
        if kind == PathKind::File {
            return self.terminal(format!(r#"/"{class}{{0,120}}/ /[.\/]/ /{class}{{1,80}}"/"#));
        }
        self.terminal(format!(r#"/"{class}{{1,160}}"/"#))
    }

    pub(super) fn number(&mut self) -> String {
        self.terminal(r"/-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?/".to_owned())
    }

    pub(super) fn percent(&mut self) -> String {
        self.terminal("/(100|[1-9]?[0-9])%?/".to_owned())
    }

    pub(super) fn bytes(&mut self) -> String {
        self.terminal(r"/[1-9][0-9]{0,3}(\.[0-9])?(KB|MB|GB|TB)/".to_owned())
    }

    pub(super) fn duration(&mut self) -> String {
        self.terminal(r"/[1-9][0-9]{0,3}(\.[0-9])?(s|min|h|d)/".to_owned())
    }

    pub(super) fn integer(&mut self, min: Option<i64>, max: Option<i64>) -> String {
        self.terminal(format!("/{}/", integer_pattern(min, max)))
    }

    /// A moment; the check refuses days that the calendar does not have.
    pub(super) fn time(&mut self) -> String {
        let clock = "([01][0-9]|2[0-3]):[0-5][0-9]";
        let date = "20[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
        let words: Vec<&str> = day_words().filter(|word| *word != "now").collect();
        let words = words.join("|");
        self.terminal(format!(r#"/"(now|{clock}|({date}|{words})( {clock})?)"/"#))
    }

    /// One of the words of a choice.
    pub(super) fn choice(&mut self, words: &[String]) -> String {
        self.quoted_names(words).unwrap_or_else(|| self.text(80))
    }

    /// One of the installed applications.
    pub(super) fn app(&mut self) -> String {
        let live = self.live;
        self.quoted_names(&live.apps)
            .unwrap_or_else(|| self.text(80))
    }

    /// One of the live names of a source.
    pub(super) fn live(&mut self, source: &str) -> String {
        let live = self.live;
        self.quoted_names(live.of(source))
            .unwrap_or_else(|| self.text(80))
    }

    /// A terminal of quoted names; [`None`] if no name can be written.
    ///
    /// Names that hold what a reader cannot see, and names that could be read
    /// as a model's special token, are left out.
    pub(super) fn quoted_names(&mut self, names: &[String]) -> Option<String> {
        let written: Vec<String> = names
            .iter()
            .filter(|name| is_writable(name))
            .take(MOST_NAMES)
            .map(|name| Literal::Text(name.clone()).to_string())
            .collect();
        if written.is_empty() {
            return None;
        }
        Some(self.terminal(either(written.iter().map(String::as_str))))
    }

    /// Returns the terminal for the literals of a type; [`None`] if it has none.
    pub(super) fn literal(&mut self, ty: &Type, effect: Effect) -> Option<String> {
        if let Open::These(texts) = self.said.open(ty) {
            return Some(self.terminal(either(texts.iter().map(String::as_str))));
        }
        Some(match ty {
            Type::Bool => self.terminal(r#""true" | "false""#.to_owned()),
            Type::Int { min, max } => self.integer(*min, *max),
            Type::Number => self.number(),
            Type::Percent => self.percent(),
            Type::Bytes => self.bytes(),
            Type::Duration => self.duration(),
            Type::Time => self.time(),
            Type::Text { max } => self.text(*max),
            Type::Choice(words) => self.choice(words),
            Type::Path(kind) => self.path(*kind, effect),
            Type::App => self.app(),
            Type::Live(source) => self.live(source),
            Type::Any => self.text(300),
            Type::List(_) | Type::Record(_) => return None,
        })
    }
}

fn is_writable(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= 64
        && !name.contains(|c: char| is_invisible(c) || matches!(c, '<' | '>'))
}

/// Returns a pattern for the whole numbers between two bounds.
fn integer_pattern(min: Option<i64>, max: Option<i64>) -> String {
    const MOST: i64 = 999_999_999;
    let min = min.unwrap_or(-MOST).clamp(-MOST, MOST);
    let max = max.unwrap_or(MOST).clamp(min, MOST);
    let mut patterns = Vec::new();
    if min < 0 {
        let nearest = max.min(-1).unsigned_abs();
        let digits = digit_patterns(nearest, min.unsigned_abs());
        patterns.push(format!("-({})", digits.join("|")));
    }
    if max >= 0 {
        patterns.extend(digit_patterns(
            min.max(0).unsigned_abs(),
            max.unsigned_abs(),
        ));
    }
    format!("({})", patterns.join("|"))
}

/// Returns patterns for the numbers from `low` to `high`, length by length.
fn digit_patterns(low: u64, high: u64) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut from = low;
    while from <= high {
        let text = from.to_string();
        let last = 10u64.pow(text.len() as u32) - 1;
        let to = high.min(last);
        patterns.extend(same_length(text.as_bytes(), to.to_string().as_bytes()));
        from = to + 1;
    }
    patterns
}

fn same_length(low: &[u8], high: &[u8]) -> Vec<String> {
    let (Some((first_low, rest_low)), Some((first_high, rest_high))) =
        (low.split_first(), high.split_first())
    else {
        return vec![String::new()];
    };
    let rest = rest_low.len();
    let any = |from: u8, to: u8| {
        let (from, to) = (char::from(from), char::from(to));
        let class = if from == to {
            from.to_string()
        } else {
            format!("[{from}-{to}]")
        };
        match rest {
            0 => class,
            1 => format!("{class}[0-9]"),
            rest => format!("{class}[0-9]{{{rest}}}"),
        }
    };
    let least = rest_low.iter().all(|digit| *digit == b'0');
    let most = rest_high.iter().all(|digit| *digit == b'9');
    if least && most {
        return vec![any(*first_low, *first_high)];
    }
    let with = |first: u8, rest: Vec<String>| {
        let first = char::from(first);
        rest.into_iter().map(move |rest| format!("{first}{rest}"))
    };
    if first_low == first_high {
        return with(*first_low, same_length(rest_low, rest_high)).collect();
    }
    let mut patterns: Vec<String> =
        with(*first_low, same_length(rest_low, &vec![b'9'; rest])).collect();
    if first_low + 1 < *first_high {
        patterns.push(any(first_low + 1, first_high - 1));
    }
    patterns.extend(with(*first_high, same_length(&vec![b'0'; rest], rest_high)));
    patterns
}

#[cfg(test)]
mod tests {
    use super::integer_pattern;

    /// A tiny matcher for the patterns above: digits, classes, counts, `|`, `-(…)`.
    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = pattern.trim_start_matches('(').trim_end_matches(')');
        pattern.split('|').any(|one| {
            let mut rest = text.as_bytes();
            let mut at = one.as_bytes();
            while let Some(first) = at.first() {
                let (low, high, used) = if *first == b'[' {
                    (at[1], at[3], 5)
                } else {
                    (*first, *first, 1)
                };
                at = &at[used..];
                let mut count = 1;
                if at.first() == Some(&b'{') {
                    count = usize::from(at[1] - b'0');
                    at = &at[3..];
                }
                for _ in 0..count {
                    match rest.split_first() {
                        Some((digit, more)) if (low..=high).contains(digit) => rest = more,
                        _ => return false,
                    }
                }
            }
            rest.is_empty()
        })
    }

    #[test]
    fn ranges_hold_exactly_their_numbers() {
        for (min, max) in [(0, 100), (1, 9), (7, 7), (0, 0), (13, 257), (90, 1005)] {
            let pattern = integer_pattern(Some(min), Some(max));
            for number in 0..1300 {
                let inside = (min..=max).contains(&number);
                assert_eq!(
                    matches(&pattern, &number.to_string()),
                    inside,
                    "{number} in {min}..{max}: {pattern}"
                );
            }
        }
    }
}
