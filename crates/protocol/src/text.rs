//! The kernel's sentences in every language of the catalogue.
//!
//! `catalogue.toml` beside this file holds one table per message: `id`, then
//! `en` and `zh` with `{name}` placeholders. A test checks that every language
//! has every message with the same placeholders.

use std::{collections::HashMap, sync::LazyLock};

use crate::Problem;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Language {
    /// Reads a locale or language code; anything that does not begin with `zh` is English.
    pub fn of(code: &str) -> Self {
        if code.starts_with("zh") {
            Language::Chinese
        } else {
            Language::English
        }
    }

    /// Tells the language of a person's words; none where they do not tell, as a name alone does not.
    ///
    /// Who begins with a Chinese character speaks Chinese, whatever names follow. English words tell nothing,
    /// because they stand in Chinese sentences too.
    pub fn of_words(text: &str) -> Option<Self> {
        let is_kana = |c| matches!(c, '\u{3040}'..='\u{30ff}');
        let is_chinese = |c| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}');
        let first = text.chars().find(|c| c.is_alphabetic())?;
        let begins_so = is_chinese(first) && !text.chars().any(is_kana);
        begins_so.then_some(Language::Chinese)
    }

    /// Returns the language of the session, from `LC_ALL`, `LC_MESSAGES`, `LANG`.
    pub fn of_session() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        Language::of(&set.unwrap_or_default())
    }

    /// Returns its code, `en` or `zh`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }
}

type Catalogue = HashMap<String, HashMap<String, String>>;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    toml::from_str(include_str!("catalogue.toml")).expect("the catalogue is checked by a test")
});

/// Puts two sentences after one another.
pub fn joined(first: &str, second: &str, language: Language) -> String {
    let blank = match language {
        Language::English if !first.is_empty() => " ",
        _ => "",
    };
    format!("{first}{blank}{second}")
}

/// Returns message `id` in `language` with its placeholders filled.
///
/// An unknown id gives the id itself, so that a person still sees something to report.
pub fn message(language: Language, id: &str, values: &[(&str, &str)]) -> String {
    let template = CATALOGUE
        .get(id)
        .and_then(|languages| languages.get(language.code()));
    let Some(template) = template else {
        return id.to_owned();
    };
    fill(template, values)
}

/// Returns the problem `id`: the sentence is message `id`, the remedy message `id-remedy` where there is one.
pub fn problem(language: Language, id: &str, values: &[(&str, &str)]) -> Problem {
    let remedy_id = format!("{id}-remedy");
    let remedy = if CATALOGUE.contains_key(&remedy_id) {
        message(language, &remedy_id, values)
    } else {
        String::new()
    };
    Problem {
        id: id.to_owned(),
        sentence: message(language, id, values),
        remedy,
    }
}

/// Fills `{name}` placeholders in one pass, so that a value with braces is not filled again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// Tells whether a terminal would act on `c`, or a reader be misled by it: control,
/// bidirectional and zero-width characters, and separators of lines.
///
/// Narrower than `plan::is_invisible`, which is for consents: joiners, selectors of variants
/// and unusual blanks are a part of honest names and cannot move what stands beside them.
pub fn is_misleading(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Makes misleading characters visible, as `⟨U+202E⟩`, so that a raw name cannot steer a
/// terminal. Line breaks and tabs stay.
pub fn visible(text: &str) -> String {
    shown(text, |c| matches!(c, '\n' | '\t').then_some(c))
}

/// As [`visible`], for text that must stay within its line: a break becomes `⏎`, a tab `⇥`.
pub fn visible_line(text: &str) -> String {
    shown(text, |c| match c {
        '\n' => Some('⏎'),
        '\t' => Some('⇥'),
        _ => None,
    })
}

fn shown(text: &str, known: impl Fn(char) -> Option<char>) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match known(c) {
            Some(known) => shown.push(known),
            None if is_misleading(c) => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            None => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(template: &str) -> BTreeSet<&str> {
        template
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name))
            .collect()
    }

    #[test]
    fn every_language_has_every_message_with_the_same_placeholders() {
        for (id, languages) in CATALOGUE.iter() {
            let english = languages
                .get("en")
                .unwrap_or_else(|| panic!("{id} has no en"));
            let chinese = languages
                .get("zh")
                .unwrap_or_else(|| panic!("{id} has no zh"));
            assert_eq!(placeholders(english), placeholders(chinese), "{id}");
        }
    }

    #[test]
    fn words_tell_their_language() {
        let chinese = Some(Language::Chinese);
        for (words, language) in [
            ("把音量调到 30%", chinese),
            ("“打开 Firefox”", chinese),
            ("删除 ~/notes.txt", chinese),
            ("open ~/文档/报告.pdf", None),
            ("mute", None),
            ("音量を下げて", None),
            ("30%", None),
            ("", None),
        ] {
            assert_eq!(Language::of_words(words), language, "{words}");
        }
    }

    #[test]
    fn what_would_steer_a_terminal_is_made_visible() {
        assert_eq!(visible("a\u{1b}[2J\n\tb"), "a⟨U+001B⟩[2J\n\tb");
        assert_eq!(
            visible_line("gpj.\u{202e}exe\u{9b}0m\n"),
            "gpj.⟨U+202E⟩exe⟨U+009B⟩0m⏎"
        );
        let honest = "文件 👩\u{200d}💻 ☀\u{fe0f} می\u{200c}خواهم";
        assert_eq!(visible_line(honest), honest);
    }

    #[test]
    fn values_with_braces_are_not_filled_again() {
        assert_eq!(
            fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]),
            "{b} and x"
        );
    }
}
