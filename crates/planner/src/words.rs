//! The person's words, cut up for matching.

use std::ops::Range;

/// A request as tokens: words, numbers, single Chinese characters, single signs.
///
/// Upper and lower case and the width of letters do not count for matching; the text
/// itself keeps the person's case, so that a slot takes it over unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    /// What patterns are compared with.
    key: String,
    /// Where it stands in the text.
    span: Range<usize>,
}

impl Words {
    /// Cuts up a text as it is.
    pub(crate) fn of(text: &str) -> Words {
        let text: String = text.chars().map(plain_width).collect();
        let tokens = tokens(&text);
        Words { text, tokens }
    }

    /// Cuts up what a person said, and leaves out politeness and closing signs.
    pub(crate) fn of_utterance(text: &str) -> Words {
        let mut words = Words::of(text);
        while words.strip_once() {}
        words
    }

    /// Returns how many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Returns what token `at` is compared by.
    pub(crate) fn key(&self, at: usize) -> &str {
        &self.tokens[at].key
    }

    /// Returns the keys of all tokens.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(|token| token.key.as_str())
    }

    /// Returns the text of some tokens as the person wrote it.
    pub(crate) fn slice(&self, range: Range<usize>) -> &str {
        match (
            self.tokens.get(range.start),
            self.tokens.get(range.end.wrapping_sub(1)),
        ) {
            (Some(first), Some(last)) if range.start < range.end => {
                &self.text[first.span.start..last.span.end]
            }
            _ => "",
        }
    }

    /// Tells whether token `at` stands between two Latin ones without a blank.
    pub(crate) fn is_glued(&self, at: usize) -> bool {
        let (Some(before), Some(token), Some(behind)) = (
            at.checked_sub(1).and_then(|before| self.tokens.get(before)),
            self.tokens.get(at),
            self.tokens.get(at + 1),
        ) else {
            return false;
        };
        let is_latin = behind.key.starts_with(|c: char| c.is_ascii_alphanumeric());
        is_latin && before.span.end == token.span.start && token.span.end == behind.span.start
    }

    /// Tells whether a blank parts token `at` from the one before it, both Chinese: it stands for a comma there.
    pub(crate) fn is_parted(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
        let is_chinese = |token: &Token| token.key.chars().all(is_ideograph);
        before
            .zip(self.tokens.get(at))
            .is_some_and(|(before, token)| {
                is_chinese(before) && is_chinese(token) && before.span.end < token.span.start
            })
    }

    /// Returns some tokens as a request of its own.
    pub(crate) fn part(&self, range: Range<usize>) -> Words {
        let mut words = Words {
            text: self.text.clone(),
            tokens: self.tokens[range].to_vec(),
        };
        while words.strip_once() {}
        words
    }

    /// Tells whether the tokens from `at` are those of `phrase`.
    pub(crate) fn has_at(&self, at: usize, phrase: &[&str]) -> bool {
        at + phrase.len() <= self.len()
            && phrase
                .iter()
                .enumerate()
                .all(|(index, word)| self.key(at + index) == *word)
    }

    fn strip_once(&mut self) -> bool {
        for phrase in OPENINGS {
            if self.len() > phrase.len() && self.has_at(0, phrase) {
                self.tokens.drain(..phrase.len());
                return true;
            }
        }
        for phrase in ENDINGS {
            if self.len() > phrase.len() && self.has_at(self.len() - phrase.len(), phrase) {
                self.tokens.truncate(self.len() - phrase.len());
                return true;
            }
        }
        false
    }
}

/// Politeness in front. A phrase is never the whole request.
const OPENINGS: &[&[&str]] = &[
    &["please"],
    &["pls"],
    &["hey"],
    &["hi"],
    &["ok"],
    &["okay"],
    &["lucid"],
    &["just"],
    &["can", "you"],
    &["could", "you"],
    &["would", "you"],
    &["will", "you"],
    &["i", "want", "to"],
    &["i", "want", "you", "to"],
    &["i", "would", "like", "to"],
    &["i", "would", "like", "you", "to"],
    &["i", "need", "to"],
    &["i", "need", "you", "to"],
    &["let", "us"],
    &[","],
    &["先"],
    &["请"],
    &["帮", "我"],
    &["请", "帮", "我"],
    &["麻", "烦", "你"],
    &["麻", "烦"],
    &["劳", "驾"],
    &["我", "想"],
    &["我", "要"],
    &["我", "想", "要"],
    &["能", "不", "能"],
    &["可", "以"],
    &["能"],
];

/// Politeness and signs behind.
const ENDINGS: &[&[&str]] = &[
    &["."],
    &["!"],
    &["?"],
    &[","],
    &[";"],
    &["please"],
    &["pls"],
    &["thanks"],
    &["thank", "you"],
    &["for", "me"],
    &["now"],
    &["right", "now"],
    &["吧"],
    &["吗"],
    &["呗"],
    &["啊"],
    &["谢", "谢"],
    &["好", "吗"],
    &["可", "以", "吗"],
    &["行", "吗"],
];

/// What a word with an apostrophe stands for.
const CONTRACTIONS: &[(&str, &[&str])] = &[
    ("what's", &["what", "is"]),
    ("whats", &["what", "is"]),
    ("how's", &["how", "is"]),
    ("where's", &["where", "is"]),
    ("it's", &["it", "is"]),
    ("that's", &["that", "is"]),
    ("i'm", &["i", "am"]),
    ("i'd", &["i", "would"]),
    ("i've", &["i", "have"]),
    ("let's", &["let", "us"]),
    ("don't", &["do", "not"]),
    ("isn't", &["is", "not"]),
    ("can't", &["can", "not"]),
    ("cannot", &["can", "not"]),
    ("colour", &["color"]),
];

fn plain_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '。' => '.',
        '’' | '‘' => '\'',
        '“' | '”' | '「' | '」' => '"',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// Tells whether a character is a word by itself.
pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}' | '〇')
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let class = Class::of(c);
        let mut end = start + c.len_utf8();
        while let Some(&(at, next)) = chars.peek() {
            let follower = text[at + next.len_utf8()..].chars().next();
            if !class.goes_on(next, follower) {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        push(&mut tokens, &text[start..end], start..end);
    }
    tokens
}

fn push(tokens: &mut Vec<Token>, word: &str, span: Range<usize>) {
    let key = word.to_lowercase();
    match CONTRACTIONS.iter().find(|(short, _)| *short == key) {
        Some((_, long)) => tokens.extend(long.iter().map(|word| Token {
            key: (*word).to_owned(),
            span: span.clone(),
        })),
        None => tokens.push(Token { key, span }),
    }
}

/// What a token is made of.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Letters,
    Digits,
    Single,
}

impl Class {
    fn of(c: char) -> Class {
        if c.is_ascii_digit() {
            Class::Digits
        } else if c.is_alphabetic() && !is_ideograph(c) {
            Class::Letters
        } else {
            Class::Single
        }
    }

    /// Tells whether `next`, with `follower` behind it, belongs to the token.
    fn goes_on(self, next: char, follower: Option<char>) -> bool {
        match self {
            Class::Letters if next == '\'' => {
                follower.is_some_and(|c| Class::of(c) == Class::Letters)
            }
            Class::Letters => Class::of(next) == Class::Letters,
            Class::Digits if matches!(next, '.' | ',' | ':') => {
                follower.is_some_and(|c| c.is_ascii_digit())
            }
            Class::Digits => next.is_ascii_digit(),
            Class::Single => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> String {
        Words::of_utterance(text)
            .keys()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn case_width_and_politeness_do_not_count() {
        assert_eq!(keys("Please MUTE the sound!"), "mute the sound");
        assert_eq!(keys("请帮我打开Ｇｅｄｉｔ，谢谢。"), "打 开 gedit");
        assert_eq!(keys("What's my battery?"), "what is my battery");
        assert_eq!(keys("set it to 1.5GB"), "set it to 1.5 gb");
        assert_eq!(keys("please"), "please");
    }

    #[test]
    fn a_slice_keeps_what_was_written() {
        let words = Words::of_utterance("could you open My Report.pdf please");
        assert_eq!(words.slice(1..5), "My Report.pdf");
        assert_eq!(words.slice(3..3), "");
    }
}
