//! Arithmetic in words: `three plus four`, `12 除以 4`.

use std::sync::LazyLock;

use chinese_number::{ChineseCountMethod, ChineseToNumber};
use text2num::{Language, replace_numbers_in_text};

static ENGLISH: LazyLock<Language> = LazyLock::new(Language::english);

/// The words for each sign; longer ones before those that begin them.
const ENGLISH_SIGNS: &[(&[&str], &str)] = &[
    (&["multiplied", "by"], "*"),
    (&["divided", "by"], "/"),
    (&["to", "the", "power", "of"], "^"),
    (&["plus"], "+"),
    (&["minus"], "-"),
    (&["times"], "*"),
    (&["over"], "/"),
];

/// As [`ENGLISH_SIGNS`]; they stand between numbers without blanks. `除` alone is left out: it means
/// the reverse of `除以`, and many use it for the same.
const CHINESE_SIGNS: &[(&str, &str)] = &[
    ("加上", "+"),
    ("减去", "-"),
    ("乘以", "*"),
    ("除以", "/"),
    ("加", "+"),
    ("减", "-"),
    ("乘", "*"),
];

/// What asks for the result at the end of a Chinese request.
const QUESTIONS: &[&str] = &["等于多少", "等于几", "是多少", "得多少", "得几"];

const NUMERALS: &str = "零〇一二两三四五六七八九十百千万亿";

/// Writes `expression` in digits and signs, as far as it is in words.
pub(super) fn in_signs(expression: &str) -> String {
    let text = QUESTIONS
        .iter()
        .find_map(|question| expression.strip_suffix(question))
        .unwrap_or(expression);
    let mut text = in_digits(text);
    for (word, sign) in CHINESE_SIGNS {
        text = text.replace(word, &format!(" {sign} "));
    }
    english(&text)
}

/// Puts signs between what stands between their words, and digits into that.
fn english(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (mut written, mut operand, mut at) = (String::new(), Vec::new(), 0);
    while at < words.len() {
        let found = ENGLISH_SIGNS
            .iter()
            .find(|(sign, _)| begins_with(&words[at..], sign));
        match found {
            Some((sign, written_sign)) => {
                written += &format!("{} {written_sign} ", numbers(&operand));
                operand.clear();
                at += sign.len();
            }
            None => {
                operand.push(words[at]);
                at += 1;
            }
        }
    }
    written + &numbers(&operand)
}

fn begins_with(words: &[&str], sign: &[&str]) -> bool {
    words.len() >= sign.len()
        && words
            .iter()
            .zip(sign)
            .all(|(word, of_sign)| word.eq_ignore_ascii_case(of_sign))
}

fn numbers(words: &[&str]) -> String {
    replace_numbers_in_text(&words.join(" "), &*ENGLISH, 0.0)
}

/// Replaces every Chinese number by its digits.
fn in_digits(text: &str) -> String {
    let (mut written, mut numeral) = (String::new(), String::new());
    for c in text.chars() {
        if NUMERALS.contains(c) {
            numeral.push(c);
            continue;
        }
        let was_number = !numeral.is_empty();
        written += &digits(&std::mem::take(&mut numeral));
        written.push(if c == '点' && was_number { '.' } else { c });
    }
    written + &digits(&numeral)
}

fn digits(numeral: &str) -> String {
    let plain = numeral.replace('两', "二").replace('〇', "零");
    if !plain.contains(['十', '百', '千', '万', '亿']) {
        // Digit by digit, so that zeros behind a point stay.
        return plain
            .chars()
            .filter_map(|c| "零一二三四五六七八九".chars().position(|digit| digit == c))
            .map(|digit| digit.to_string())
            .collect();
    }
    let number: Result<u64, _> = plain.as_str().to_number(ChineseCountMethod::TenThousand);
    number.map_or_else(|_| numeral.to_owned(), |number| number.to_string())
}
