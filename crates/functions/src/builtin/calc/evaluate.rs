//! `calc.evaluate`

use std::time::{Duration, Instant};

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::words;
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// How long one expression may take; `9^9^9^9` would take for ever.
const LIMIT: Duration = Duration::from_millis(200);

/// Evaluates an expression with units and gives its result as text.
pub(super) struct Evaluate;

struct Deadline(Instant);

impl fend_core::Interrupt for Deadline {
    fn should_interrupt(&self) -> bool {
        Instant::now() >= self.0
    }
}

/// Why an expression has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    DivisionByZero,
    Unreadable,
}

/// Evaluates `expression` (`12*7`, `15% of 80`, `5 miles in km`, `three plus four`) and returns the
/// result as text, or [`None`] if it is not an expression. Takes at most 200 ms and never uses the
/// network.
pub fn evaluate(expression: &str) -> Option<String> {
    calculated(expression).ok()
}

fn calculated(expression: &str) -> Result<String, Reason> {
    let expression = plain(expression);
    if expression.is_empty() || expression.chars().count() > 500 {
        return Err(Reason::Unreadable);
    }
    let deadline = Deadline(Instant::now() + LIMIT);
    match calculated_by(&expression, &deadline) {
        Err(Reason::Unreadable) => calculated_by(&words::in_signs(&expression), &deadline),
        done => done,
    }
}

fn calculated_by(expression: &str, deadline: &Deadline) -> Result<String, Reason> {
    let mut context = fend_core::Context::new();
    context.disable_rng();
    let result = fend_core::evaluate_with_interrupt(expression, &mut context, deadline);
    // The library gives its errors as sentences only; a test holds this one.
    let result = result.map_err(|error| match error.as_str() {
        "division by zero" => Reason::DivisionByZero,
        _ => Reason::Unreadable,
    })?;
    let text = result.get_main_result().trim();
    // An expression that gives back nothing or itself was not calculated.
    if text.is_empty() || text == expression {
        return Err(Reason::Unreadable);
    }
    Ok(text.to_owned())
}

/// Puts the signs that people type into those that the library reads.
fn plain(expression: &str) -> String {
    let signs = expression.trim().trim_end_matches(['=', '?', '？', '＝']);
    let signs = signs.chars().map(|c| match c {
        '×' | '✕' | '＊' => '*',
        '÷' | '／' => '/',
        '−' | '－' => '-',
        '＋' => '+',
        '（' => '(',
        '）' => ')',
        '，' => ',',
        '．' => '.',
        '％' => '%',
        '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
        c => c,
    });
    signs.collect::<String>().trim().to_owned()
}

#[async_trait]
impl Action for Evaluate {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let expression = call.text("expression").unwrap_or_default().to_owned();
        let shown = plan::escape_for_display(&expression);
        let result = tokio::task::spawn_blocking(move || calculated(&expression)).await;
        let reason = match result {
            Ok(Ok(text)) => return Ok(Value::from(text)),
            Ok(Err(reason)) => reason,
            Err(_) => Reason::Unreadable,
        };
        let id = match reason {
            Reason::DivisionByZero => "calc-by-zero",
            Reason::Unreadable => "calc-unreadable",
        };
        let values = [("expression", shown.as_str())];
        Err(FunctionError::new(
            ErrorKind::Invalid,
            world.language,
            id,
            &values,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, calculated, evaluate};

    #[test]
    fn expressions_and_units_are_calculated() {
        for (expression, result) in [
            ("12*7", "84"),
            ("2^10 =", "1024"),
            ("（3＋4）×２", "14"),
            ("15% of 80", "12"),
            ("5 miles in km", "8.04672 km"),
            ("100 celsius to fahrenheit", "212 fahrenheit"),
            ("1/3", "approx. 0.3333333333"),
        ] {
            assert_eq!(
                evaluate(expression).as_deref(),
                Some(result),
                "{expression}"
            );
        }
    }

    #[test]
    fn words_are_calculated_in_both_languages() {
        for (expression, result) in [
            ("3 plus 4", "7"),
            ("three plus four", "7"),
            ("Twenty-five minus five", "20"),
            ("12 times 7", "84"),
            ("twelve multiplied by two", "24"),
            ("100 divided by 8", "12.5"),
            ("two to the power of ten", "1024"),
            ("3 miles plus 4 miles", "7 miles"),
            ("3 kB plus 4 kB", "7 kB"),
            ("三加四", "7"),
            ("12 乘以 7", "84"),
            ("一百减去三十五", "65"),
            ("二点零五乘二等于多少", "4.1"),
            ("12除以4", "3"),
        ] {
            assert_eq!(
                evaluate(expression).as_deref(),
                Some(result),
                "{expression}"
            );
        }
    }

    #[test]
    fn a_division_by_zero_is_told_from_what_is_no_expression() {
        for expression in ["1/0", "1÷0", "one divided by zero", "五除以零"] {
            assert_eq!(
                calculated(expression),
                Err(Reason::DivisionByZero),
                "{expression}"
            );
        }
        assert_eq!(calculated("nothing at all"), Err(Reason::Unreadable));
    }

    #[test]
    fn words_and_endless_powers_are_no_results() {
        for expression in [
            "",
            "firefox",
            "open the window",
            "three times",
            "9^9^9^9^9",
            "42",
            "\u{0}\u{1}",
        ] {
            assert_eq!(evaluate(expression), None, "{expression}");
        }
    }
}
