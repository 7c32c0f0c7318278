//! Names for what nobody named for us.

use std::collections::BTreeMap;

use plan::FunctionName;

use super::MOST_OF_LABEL;

/// The domain of all functions that apps offer.
pub(crate) const DOMAIN: &str = "app";
/// The most characters of an app in the name of a function.
const MOST_OF_APP: usize = 24;
/// The most characters of a function's name.
const MOST_OF_NAME: usize = 64;

/// Returns for each app its part of its functions' names: `text_editor` for `org.gnome.TextEditor`, and
/// `gnome_text_editor` where that stands for another app as well.
pub(super) fn app_words<'a>(
    bare_ids: impl Iterator<Item = &'a str> + Clone,
) -> BTreeMap<&'a str, String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for id in bare_ids.clone() {
        *counts.entry(app_word(id, 1)).or_default() += 1;
    }
    let word = |id: &'a str| {
        let short = app_word(id, 1);
        let is_clear = counts.get(&short) == Some(&1);
        (
            id,
            if is_clear {
                short
            } else {
                app_word(id, usize::MAX)
            },
        )
    };
    bare_ids.map(word).collect()
}

/// Joins the last `parts` parts of an id.
fn app_word(bare_id: &str, parts: usize) -> String {
    let all: Vec<&str> = bare_id.split('.').filter(|part| part.len() > 1).collect();
    let last = &all[all.len().saturating_sub(parts)..];
    let words = last.iter().flat_map(|part| words(part)).collect::<Vec<_>>();
    let room = if parts == 1 {
        MOST_OF_APP
    } else {
        2 * MOST_OF_APP
    };
    // A word of the plan language begins with a letter.
    let joined = joined(&words, room);
    joined
        .trim_start_matches(|c: char| !c.is_ascii_lowercase())
        .to_owned()
}

/// Splits an identifier or an English label into words in small letters: `tepl-newWindow` is `tepl new window`.
pub(super) fn words(identifier: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_small = false;
    for c in identifier.chars() {
        let begins_anew = c.is_ascii_uppercase() && was_small;
        if (begins_anew || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        was_small = c.is_ascii_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Returns `app.gedit_new_tab`; none where the words hold no letter that a name can begin with.
pub(super) fn function_name(app: &str, words: &[String]) -> Option<FunctionName> {
    if app.is_empty() || words.is_empty() {
        return None;
    }
    let room = MOST_OF_NAME.saturating_sub(DOMAIN.len() + app.len() + 2);
    FunctionName::new(format!("{DOMAIN}.{app}_{}", joined(words, room))).ok()
}

/// Joins as many whole words as there is room for, at least the beginning of one.
fn joined(words: &[String], room: usize) -> String {
    let mut joined = String::new();
    for word in words {
        let length = joined.len() + usize::from(!joined.is_empty()) + word.len();
        if length > room {
            break;
        }
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(word);
    }
    if joined.is_empty() {
        joined = words
            .first()
            .map(|word| word[..room.min(word.len())].to_owned())
            .unwrap_or_default();
    }
    joined
}

/// Returns the words as a label: `New tab`.
pub(super) fn label(words: &[String]) -> String {
    let text = words.join(" ");
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + characters.as_str(),
        None => text,
    }
}

/// Makes one short visible line of what an app says.
pub(super) fn bounded(text: &str, most: usize) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !plan::is_invisible(*c))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .take(most)
        .collect();
    visible.trim().to_owned()
}

/// A label without the mark of its key (`_Save`; two marks stand for one sign) and without dots that say that more is
/// asked.
pub(super) fn unmarked(label: &str, mark: char) -> String {
    let mut text = String::with_capacity(label.len());
    let mut characters = label.chars().peekable();
    while let Some(c) = characters.next() {
        if c != mark {
            text.push(c);
        } else if characters.next_if_eq(&mark).is_some() {
            text.push(mark);
        }
    }
    let text = bounded(&text, MOST_OF_LABEL);
    text.trim_end_matches(['…', '.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(app: &str, identifier: &str) -> Option<String> {
        function_name(&app_word(app, 1), &words(identifier)).map(|name| name.to_string())
    }

    #[test]
    fn actions_are_named_after_app_and_words() {
        for (app, identifier, expected) in [
            ("org.gnome.gedit", "new-tab", "app.gedit_new_tab"),
            (
                "org.gnome.TextEditor",
                "style-scheme",
                "app.text_editor_style_scheme",
            ),
            (
                "firefox-esr",
                "New Private Window",
                "app.firefox_esr_new_private_window",
            ),
            ("org.kde.kcalc", "fileSaveAs", "app.kcalc_file_save_as"),
            ("com.example.7zip", "extract", "app.zip_extract"),
        ] {
            assert_eq!(name(app, identifier).as_deref(), Some(expected));
        }
        assert_eq!(name("org.gnome.gedit", "——"), None);
        assert_eq!(name("org.gnome.gedit", ""), None);
        assert_eq!(
            name("org.test.App", "3D view").as_deref(),
            Some("app.app_3d_view")
        );
    }

    #[test]
    fn apps_of_one_name_are_told_apart() {
        let ids = ["org.mozilla.Firefox", "com.evil.Firefox", "org.gnome.gedit"];
        let words = app_words(ids.into_iter());
        assert_eq!(words["org.mozilla.Firefox"], "org_mozilla_firefox");
        assert_eq!(words["com.evil.Firefox"], "com_evil_firefox");
        assert_eq!(words["org.gnome.gedit"], "gedit");
    }

    #[test]
    fn long_names_keep_whole_words() {
        let long = "a-very-long-name-of-an-action-that-somebody-has-given-without-a-thought-for-us";
        let name = name("org.example.App", long).expect("a name");
        assert_eq!(
            name,
            "app.app_a_very_long_name_of_an_action_that_somebody_has_given"
        );
    }

    #[test]
    fn labels_are_short_and_visible() {
        assert_eq!(label(&words("new-tab")), "New tab");
        assert_eq!(bounded("Save \u{202e}As\n", 40), "Save As");
        assert_eq!(bounded(&"x".repeat(100), 40).len(), 40);
    }

    proptest::proptest! {
        #[test]
        fn any_identifier_gives_a_name_or_none(app in "\\PC{0,40}", identifier in "\\PC{0,120}") {
            let name = function_name(&app_word(&app, 1), &words(&identifier));
            proptest::prop_assert!(name.is_none_or(|name| name.as_str().len() <= MOST_OF_NAME));
        }
    }
}
