//! Free text: words of a person that are taken as they are.

use super::number;
use crate::words::{Words, is_ideograph};

/// Numbers that have names.
const CONSTANTS: &[&str] = &["pi", "tau", "e", "π", "half", "dozen", "半"];
/// Those of several signs, and what asks for another unit.
const NAMED: &[&str] = &["圆周率", "是多少", "等于多少", "换成", "换算"];
/// What makes one number of two.
const OPERATORS: &[&str] = &[
    "+", "*", "/", "x", "×", "÷", "times", "plus", "minus", "divided", "over", "乘", "除", "加",
    "减",
];

/// What says which half of the day a clock means, behind it.
const HALVES: &[&str] = &["am", "pm", "a.m.", "p.m.", "o'clock"];
/// Words that stand for something else when at most one follows: “that sentence”.
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
/// What a person has marked or copied, behind `the` or `my`: “the highlighted ingredient”.
const MARKED: &[&str] = &[
    "highlighted",
    "marked",
    "selected",
    "selection",
    "copied",
    "clipboard",
];
const BEFORE_MARKED: &[&str] = &["the", "my"];
/// How many words those have at most; more of them are about something: “the clipboard of a demo”.
const MOST_MARKED: usize = 3;
const MOST_WHATEVER: usize = 6;
/// The same in Chinese: as a whole, at the beginning of a few signs, and before a measure word.
const CHINESE_WHOLE: &[&str] = &[
    "东西",
    "点东西",
    "点什么",
    "什么",
    "点儿东西",
    "些东西",
    "剪贴板",
    "它",
];
const CHINESE_MARKED: &[&str] = &["选中", "选的", "抹选", "刚复制", "刚拷"];
const MOST_MARKED_CHINESE: usize = 8;
const CHINESE_POINTING: &[char] = &['这', '那'];
const MEASURES: &[char] = &[
    '个', '段', '句', '些', '张', '条', '份', '篇', '行', '词', '字', '封', '本', '页', '图',
];
const MOST_POINTING_CHINESE: usize = 4;

/// Takes words as they are, without the quotes around them; none where they stand for something else, which they do
/// not say.
pub(crate) fn free_text(text: &str, max: usize) -> Option<String> {
    let text = without_joint(text.trim());
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    if inner.is_none() && stands_for_another(text) {
        return None;
    }
    let text = inner.unwrap_or(text).trim();
    let characters = text.chars().count();
    let has_word = text.chars().any(char::is_alphanumeric);
    let first = text.split_whitespace().next().unwrap_or_default();
    // “5 pm” is one moment, and not a moment and a text.
    let is_half = HALVES.contains(&first.to_lowercase().as_str());
    (has_word && !is_half && characters <= max).then(|| text.to_owned())
}

/// Takes off the sign that joins a text to the words before it: “make a note, Lukas is ill”. What is glued to it stays.
fn without_joint(text: &str) -> &str {
    let Some(rest) = text.strip_prefix([',', ':', '，', '：']) else {
        return text;
    };
    let is_joint = rest.starts_with(|c: char| c.is_whitespace() || is_ideograph(c));
    if is_joint { rest.trim_start() } else { text }
}

fn stands_for_another(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let is_english = match words.as_slice() {
        [] => false,
        ["clipboard" | "selection"] => true,
        [first, ..] if first.starts_with("whatever") => words.len() <= MOST_WHATEVER,
        [first, second, ..] if BEFORE_MARKED.contains(first) => {
            MARKED.contains(second) && words.len() <= MOST_MARKED
        }
        [first] | [first, _] => POINTING.contains(first),
        _ => false,
    };
    is_english || stands_for_another_in_chinese(text)
}

fn stands_for_another_in_chinese(text: &str) -> bool {
    let count = text.chars().count();
    let bare = text.trim_start_matches(['把', '我']);
    let mut signs = bare.chars();
    let points = signs.next().is_some_and(|c| CHINESE_POINTING.contains(&c))
        && signs.next().is_none_or(|c| MEASURES.contains(&c))
        && count <= MOST_POINTING_CHINESE;
    let is_marked = CHINESE_MARKED.iter().any(|word| bare.starts_with(word));
    points || (is_marked && count <= MOST_MARKED_CHINESE) || CHINESE_WHOLE.contains(&text)
}

/// Tells whether words hold more than one thing that a call can be about: “2 and follow it there”, “6, start Blender”.
/// A text in quotes is one.
pub(crate) fn is_several(text: &str) -> bool {
    const JOINTS: &[&str] = &["and", "then"];
    const CHINESE_JOINTS: &[&str] = &["然后", "接着", "并且", ",再", "，再"];
    let text = text.trim();
    if text.starts_with('"') && text.ends_with('"') {
        return false;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let is_joined = words.iter().skip(1).any(|word| JOINTS.contains(word));
    let mut before = words.iter().rev().skip(1);
    let is_listed = before.any(|word| word.ends_with([',', ';', '，', '；', '、']));
    is_joined || is_listed || CHINESE_JOINTS.iter().any(|joint| text.contains(joint))
}

/// Tells whether words are one thing to calculate or convert: 36乘25, “inch to cm”, and neither 36乘25和450除以12 nor what
/// stands behind 计算 in 计算器还有终端.
pub(crate) fn is_expression(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = Words::of(&lower);
    let keys: Vec<&str> = words.keys().collect();
    let parts: Vec<&[&str]> = keys
        .split(|key| ["and", "和", "跟"].contains(key))
        .filter(|part| !part.is_empty())
        .collect();
    let has = |part: &[&str], of: fn(&str) -> bool| part.iter().any(|key| of(key));
    let counted = parts.iter().filter(|part| has(part, is_figure)).count();
    let reckoned = parts.iter().filter(|part| has(part, is_operator)).count();
    let is_conversion = keys.iter().any(|key| ["to", "in", "into"].contains(key))
        || NAMED.iter().any(|name| lower.contains(name));
    match parts.len() {
        1 => counted == 1 || is_conversion,
        // “One hundred and two times three” is one, and so is “5 feet and 3 inches to cm”.
        all => counted == all && reckoned < 2,
    }
}

fn is_figure(key: &str) -> bool {
    key.contains(|c: char| c.is_ascii_digit()) || number(key).is_some() || CONSTANTS.contains(&key)
}

fn is_operator(key: &str) -> bool {
    OPERATORS.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_calculated_has_a_number_and_is_one_thing() {
        for (text, expected) in [
            ("15% of 80", true),
            ("two plus two", true),
            ("2*pi", true),
            ("三加四", true),
            ("一百二十的两成", true),
            ("sqrt(16)", true),
            ("one hundred and twenty times 3", true),
            ("5 feet and 3 inches to cm", true),
            ("the sum of 5 and 7", true),
            ("5和7的和", true),
            ("inch to cm", true),
            ("圆周率的平方", true),
            ("36乘25和450除以12", false),
            ("17 times 3 and mute", false),
            ("器还有文件管理器", false),
            ("the odds", false),
        ] {
            assert_eq!(is_expression(text), expected, "{text}");
        }
    }

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
            "clipboard",
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
            "clipboard managers",
            "selection sort",
            "what I need for a visa",
            "this is america",
            "it's late",
            "the clipboard of a demo",
            ":wq",
            "那不勒斯",
            "那英的歌",
            "这周天气",
            "剪贴板管理器",
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
        assert_eq!(free_text(": \"call mom\"", 99).as_deref(), Some("call mom"));
        assert_eq!(free_text("pm", 99), None);
        assert_eq!(free_text("milk", 3), None);
    }

    #[test]
    fn what_holds_two_things_is_several() {
        for text in [
            "2 and follow it there",
            "6, start Blender",
            "example.org, and copy it",
            "2 然后打开它",
            "会议,再打开它",
        ] {
            assert!(is_several(text), "{text}");
        }
        for text in [
            "2",
            "example.org/?q=1,2",
            "\"Tom and Jerry.pdf\"",
            "Help!.mp3",
            "3!",
            "和平报告",
            "再见.txt",
            "1,000",
        ] {
            assert!(!is_several(text), "{text}");
        }
    }
}
