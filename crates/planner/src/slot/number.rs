//! Numbers in digits and in the words of both languages.

use std::sync::LazyLock;

use chinese_number::{ChineseCountMethod, ChineseToNumber};
use text2num::{Language, text2digits};

use crate::words::is_ideograph;

static ENGLISH: LazyLock<Language> = LazyLock::new(Language::english);

/// Reads a number that is not negative: `30`, `1,000`, `2.5`, `thirty-five`, `三十五`, `两点五`, `half`.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        digits(text)
    } else if text.chars().any(is_ideograph) {
        chinese(text)
    } else {
        english(text)
    }
}

/// Reads an English ordinal: 21 for `twenty-first` and `21st`.
pub(crate) fn ordinal(word: &str) -> Option<u32> {
    let written = ordinal_digits(word).unwrap_or_else(|| word.to_owned());
    let is_ordinal = written.ends_with(|c: char| c.is_ascii_alphabetic());
    let digits = written.get(..written.len().checked_sub(2)?)?;
    digits.parse().ok().filter(|_| is_ordinal)
}

/// Writes an English ordinal with digits: `21st` for `twenty-first`.
pub(super) fn ordinal_digits(word: &str) -> Option<String> {
    let written = text2digits(word, &*ENGLISH).ok()?;
    written
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(written)
}

/// Reads a share of a whole from 0 to 100: `30%`, `thirty percent`, `百分之三十`, `三成`, `half`, `一半`.
pub(crate) fn percent(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let part = match text.as_str() {
        "half" | "a half" | "the half" | "halfway" | "half way" | "一半" | "半" => Some(50.0),
        "a quarter" | "one quarter" | "四分之一" => Some(25.0),
        "three quarters" | "四分之三" => Some(75.0),
        "a third" | "one third" | "三分之一" => Some(33.0),
        "two thirds" | "三分之二" => Some(67.0),
        "full" | "maximum" | "max" | "the maximum" | "最大" | "最高" => Some(100.0),
        "minimum" | "min" | "the minimum" | "最小" | "最低" => Some(0.0),
        _ => None,
    };
    part.or_else(|| {
        let bare = ["%", "percent", "per cent", "个百分点"]
            .iter()
            .find_map(|unit| text.strip_suffix(unit))
            .or_else(|| text.strip_prefix("百分之"));
        match (bare, text.strip_suffix('成')) {
            (Some(bare), _) => number(bare),
            (None, Some(tenths)) => number(tenths).map(|tenths| tenths * 10.0),
            (None, None) => number(&text),
        }
    })
    .filter(|percent| (0.0..=100.0).contains(percent))
}

fn digits(text: &str) -> Option<f64> {
    let grouped = text
        .split(',')
        .skip(1)
        .all(|group| group.len() >= 3 && group.bytes().take(3).all(|byte| byte.is_ascii_digit()));
    let plain = text.replace(',', "");
    let (plain, scale) = match plain.strip_suffix('万') {
        Some(plain) => (plain.to_owned(), 1e4),
        None => (plain, 1.0),
    };
    let only_digits = plain
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = (grouped && only_digits)
        .then(|| plain.parse().ok())
        .flatten()?;
    Some(number * scale)
}

fn english(text: &str) -> Option<f64> {
    let text = text.to_lowercase();
    if text == "half" {
        return Some(0.5);
    }
    if text.is_empty() || text.len() > 80 {
        return None;
    }
    let number: f64 = text2digits(&text, &*ENGLISH).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

fn chinese(text: &str) -> Option<f64> {
    if text.chars().count() > 16 {
        return None;
    }
    if text == "半" {
        return Some(0.5);
    }
    if text == "俩" {
        return Some(2.0);
    }
    if let Some((whole, fraction)) = text.split_once('点') {
        let mut number = whole_chinese(whole)?.to_string();
        number.push('.');
        for c in fraction.chars() {
            number.push_str(
                &whole_chinese(&c.to_string())
                    .filter(|digit| *digit < 10)?
                    .to_string(),
            );
        }
        return number.parse().ok();
    }
    whole_chinese(text).map(|number| number as f64)
}

/// The characters of numbers; a text with any other is none.
const NUMERALS: &str = "零〇一二两三四五六七八九十百千万亿";

fn whole_chinese(text: &str) -> Option<u64> {
    if text.is_empty() || !text.chars().all(|c| NUMERALS.contains(c)) {
        return None;
    }
    let text = text.replace('两', "二").replace('〇', "零");
    let has_unit = text.chars().any(|c| "十百千万亿".contains(c));
    if has_unit {
        text.as_str()
            .to_number(ChineseCountMethod::TenThousand)
            .ok()
    } else {
        text.as_str().to_number_naive().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_read() {
        for (word, expected) in [
            ("first", Some(1)),
            ("21st", Some(21)),
            ("second", Some(2)),
            ("twenty-first", Some(21)),
            ("ten", None),
            ("best", None),
        ] {
            assert_eq!(ordinal(word), expected, "{word}");
        }
    }

    #[test]
    fn numbers_in_both_languages() {
        for (text, expected) in [
            ("30", Some(30.0)),
            ("1,000", Some(1000.0)),
            ("2.5", Some(2.5)),
            ("thirty-five", Some(35.0)),
            ("thirty five", Some(35.0)),
            ("one hundred", Some(100.0)),
            ("zero", Some(0.0)),
            ("三十五", Some(35.0)),
            ("十", Some(10.0)),
            ("两百", Some(200.0)),
            ("二零二六", Some(2026.0)),
            ("两点五", Some(2.5)),
            ("3万", Some(30000.0)),
            ("thirty apples", None),
            ("it", None),
            ("1,00", None),
            ("三个", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn percentages() {
        for (text, expected) in [
            ("30%", Some(30.0)),
            ("30 %", Some(30.0)),
            ("thirty percent", Some(30.0)),
            ("half", Some(50.0)),
            ("百分之三十", Some(30.0)),
            ("百分之30", Some(30.0)),
            ("三成", Some(30.0)),
            ("一半", Some(50.0)),
            ("130", None),
            ("a lot", None),
        ] {
            assert_eq!(percent(text), expected, "{text}");
        }
    }
}
