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
    fn values_with_braces_are_not_filled_again() {
        assert_eq!(
            fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]),
            "{b} and x"
        );
    }
}
