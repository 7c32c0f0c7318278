//! Figures in the form that a function counts in.

use plan::{ArgumentSpec, Expression, Literal, Type};

use super::{Ground, follows::RATES};
use crate::{said, slot, words::Words};

/// What says that an argument counts in hundredths: `0.05` for five percent.
const FRACTIONS: &[&str] = &[
    "fraction",
    "as a decimal",
    "decimal form",
    "e.g. 0.",
    "小数",
];
/// What rates are called, of which nothing says how they count.
const RATE_NAMES: &[&str] = &[
    "rate", "ratio", "return", "interest", "yield", "prob", "growth", "fraction",
];
/// What says that an argument counts in percents.
const PERCENTS: &[&str] = &["percent", "per cent", "pct", "%", "百分"];

impl Ground<'_> {
    /// Makes a number of what was said in percents where the function does not count in them: 5 % is 0.05.
    pub(super) fn as_rate(&self, value: &mut Expression, spec: &ArgumentSpec) {
        if let (Expression::Literal(Literal::Number { value, unit: None }), Type::Number) =
            (value, &spec.ty)
            && is_rate(spec)
            && shares(&self.words).contains(value)
        {
            *value /= 100.0;
        }
    }

    /// Takes a list of numbers as it was said where the written one was not: small models write `[5, 5, 5]` for
    /// “[5, 8, 13]”.
    pub(super) fn as_listed(&self, value: &mut Expression, ty: &Type) {
        let (Expression::List(items), Type::List(item)) = (value, ty) else {
            return;
        };
        let written: Option<Vec<f64>> = items.iter().map(bare_number).collect();
        let (Some(written), Type::Number | Type::Int { .. }) = (written, &**item) else {
            return;
        };
        let said = figures(&self.text);
        let is_said = written.is_empty() || said.windows(written.len()).any(|some| some == written);
        if let (false, [only]) = (is_said, lists(&self.text).as_slice()) {
            let number = |value: &f64| {
                Expression::Literal(Literal::Number {
                    value: *value,
                    unit: None,
                })
            };
            *items = only.iter().map(number).collect();
        }
    }
}

/// Tells whether an argument counts in hundredths, as far as its name and its hint say.
fn is_rate(spec: &ArgumentSpec) -> bool {
    let told = format!("{} {}", spec.name, spec.hint).to_lowercase();
    let has = |signs: &[&str]| signs.iter().any(|sign| told.contains(sign));
    let shown = figures(&told);
    // “5 % is 0.05” names both, “as a percentage, 0.5 if left out” does not.
    let is_explained = has(FRACTIONS) || told.contains("is 0.") || told.contains("= 0.");
    let is_in_percents = has(PERCENTS) || shown.iter().any(|figure| figure.abs() > 1.0);
    is_explained || has(RATE_NAMES) && !is_in_percents
}

/// Returns a number that stands alone, without a unit.
pub(super) fn bare_number(value: &Expression) -> Option<f64> {
    match value {
        Expression::Literal(Literal::Number { value, unit: None }) => Some(*value),
        _ => None,
    }
}

/// Returns what was said in percents: of 百分之三十 thirty, and not three.
fn shares(words: &Words) -> Vec<f64> {
    let share = |text: &str| {
        let lower = text.to_lowercase();
        let is_share = RATES.iter().any(|sign| lower.contains(sign));
        slot::percent(&lower).filter(|_| is_share)
    };
    said::values(words, share)
}

/// Returns the numbers that stand in digits, in order.
pub(super) fn figures(text: &str) -> Vec<f64> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    // “0-100” are two.
    text.replace('-', " -")
        .split(|c| !is_part(c))
        .filter_map(|figure| figure.trim_matches('.').parse().ok())
        .collect()
}

/// Returns the lists of numbers in square brackets.
pub(super) fn lists(text: &str) -> Vec<Vec<f64>> {
    let opened = text.split('[').skip(1);
    let inner = opened.filter_map(|rest| rest.split_once(']').map(|(inner, _)| inner));
    inner
        .filter_map(|inner| {
            let items = inner.split(',').map(|item| item.trim().parse().ok());
            items.collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::NameIndex;

    /// What becomes of a value for an argument `name` of that type and hint.
    fn settled(words: &str, value: &str, ty: &str, name: &str, hint: &str) -> String {
        let names = NameIndex::default();
        let statement = crate::line_of(&format!("a.b({value})"));
        let mut value = statement.call.arguments[0].value.clone();
        let spec: ArgumentSpec = serde_json::from_value(serde_json::json!({
            "name": name, "type": ty, "hint": hint,
        }))
        .expect("an argument");
        let ground = Ground::new(words, &names);
        ground.as_rate(&mut value, &spec);
        ground.as_listed(&mut value, &spec.ty);
        value.to_string()
    }

    #[test]
    fn what_was_said_in_percents_is_a_rate() {
        for (words, name, hint, expected) in [
            (
                "5000 at 5% for 7 years",
                "annual_return",
                "the rate of return",
                "0.05",
            ),
            ("5000 at five percent a year", "rate", "", "0.05"),
            ("年利率5%", "rate", "", "0.05"),
            ("5000 at 5% a year", "rate", "a rate as a percentage", "5"),
            ("5000 at 5% a year", "rate_percent", "", "5"),
            (
                "5000 at 5% a year",
                "rate",
                "in per cent as a decimal, 5% is 0.05",
                "0.05",
            ),
            ("5000 at 5 for 7 years", "rate", "", "5"),
            ("5 dollars at 5%", "amount", "the money", "5"),
            ("a 5% tip on 80", "tip", "", "5"),
            ("at 5% a year", "interest", "from 0-100", "5"),
            ("百分之五十，存三年", "rate", "", "5"),
        ] {
            let value = settled(words, "5", "number", name, hint);
            assert_eq!(value, expected, "{words}, {name}, {hint}");
        }
        assert_eq!(settled("5% of it", "5", "int", "share", ""), "5");
    }

    #[test]
    fn a_list_is_the_one_that_was_said() {
        for (words, written, expected) in [
            (
                "sum [200,300, 400] after 2000",
                "[2000, 2000]",
                "[200, 300, 400]",
            ),
            ("sum [200, 300, 400]", "[300, 400]", "[300, 400]"),
            ("sum 5, 8 and 13", "[5, 5, 5]", "[5, 5, 5]"),
            ("[1, 2] and [3, 4]", "[1, 1]", "[1, 1]"),
            ("[1.5, -2]", "[1, 2]", "[1.5, -2]"),
            ("[a, b]", "[1, 2]", "[1, 2]"),
        ] {
            let value = settled(words, written, "list(number)", "values", "");
            assert_eq!(value, expected, "{words}");
        }
    }
}
