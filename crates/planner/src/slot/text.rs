//! Free text: words of a person that are taken as they are.

use crate::words::Words;

/// What says which half of the day a clock means, behind it.
const HALVES: &[&str] = &["am", "pm", "a.m.", "p.m.", "o'clock"];
/// Words that stand for something else when little follows them: “that sentence”.
const POINTING: &[&str] = &[
    "that",
    "this",
    "these",
    "those",
    "it",
    "them",
    "something",
    "anything",
];
/// How many words those have at most; more of them are a sentence of its own: “that dinner is ready”.
const MOST_POINTING: usize = 3;
/// How words begin that stand for what a person has marked or copied.
const MARKED: &[&[&str]] = &[
    &["whatever"],
    &["whatever's"],
    &["what", "i"],
    &["what", "i've"],
    &["highlighted"],
    &["marked"],
    &["selected"],
    &["selection"],
    &["copied"],
    &["clipboard"],
    &["选", "中"],
    &["选", "的"],
    &["抹", "选"],
    &["刚", "复", "制"],
    &["刚", "拷"],
    &["剪", "贴", "板"],
];
/// What may stand before those.
const BEFORE_MARKED: &[&str] = &["the", "my", "把", "我"];
/// Chinese that stands for something else, as a whole or before few signs.
const CHINESE_WHOLE: &[&str] = &["东西", "点东西", "点什么", "什么", "点儿东西", "些东西"];
const CHINESE_POINTING: &[char] = &['这', '那', '它'];
const MOST_CHINESE: usize = 5;

/// Takes words as they are, without the quotes around them; none where they stand for something else, which they do
/// not say.
pub(crate) fn free_text(text: &str, max: usize) -> Option<String> {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let plain = text.trim_start_matches([',', ':', '，', '：', ' ']).trim();
    if inner.is_none() && stands_for_another(plain) {
        return None;
    }
    let text = inner.unwrap_or(plain).trim();
    let characters = text.chars().count();
    let has_word = text.chars().any(char::is_alphanumeric);
    let first = text.split_whitespace().next().unwrap_or_default();
    // “5 pm” is one moment, and not a moment and a text.
    let is_half = HALVES.contains(&first.to_lowercase().as_str());
    (has_word && !is_half && characters <= max).then(|| text.to_owned())
}

fn stands_for_another(text: &str) -> bool {
    let words = Words::of(&text.to_lowercase());
    if words.len() == 0 {
        return false;
    }
    let points = POINTING.contains(&words.key(0)) && words.len() <= MOST_POINTING;
    let behind = usize::from(BEFORE_MARKED.contains(&words.key(0)));
    let is_marked = MARKED
        .iter()
        .any(|phrase| words.has_at(0, phrase) || words.has_at(behind, phrase));
    let is_chinese = CHINESE_WHOLE.contains(&text)
        || (text.starts_with(CHINESE_POINTING) && text.chars().count() <= MOST_CHINESE);
    points || is_marked || is_chinese
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_another_is_no_text() {
        for text in [
            "that sentence",
            "this one",
            "it",
            "something",
            "whatever's on my clipboard",
            "the highlighted ingredient",
            "my selection",
            "the marked word",
            "点东西",
            "这句话",
            "选中的那段",
        ] {
            assert_eq!(free_text(text, 99), None, "{text}");
        }
        for text in [
            "milk",
            "that dinner is ready",
            "itch cream",
            "this is a note about it",
            "the moon",
            "这周三去医院拿报告",
            "\"that\"",
        ] {
            let taken = text.trim_matches('"');
            assert_eq!(free_text(text, 99).as_deref(), Some(taken), "{text}");
        }
        assert_eq!(
            free_text(", Lukas is ill", 99).as_deref(),
            Some("Lukas is ill")
        );
        assert_eq!(free_text("pm", 99), None);
        assert_eq!(free_text("milk", 3), None);
    }
}
