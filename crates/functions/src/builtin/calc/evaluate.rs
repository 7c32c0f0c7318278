//! `calc.evaluate`

use std::time::{Duration, Instant};

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

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

/// Evaluates `expression` (`12*7`, `15% of 80`, `5 miles in km`) and returns the result as text,
/// or [`None`] if it is not an expression. Takes at most 200 ms and never uses the network.
pub fn evaluate(expression: &str) -> Option<String> {
    let expression = plain(expression);
    if expression.is_empty() || expression.chars().count() > 500 {
        return None;
    }
    let mut context = fend_core::Context::new();
    context.disable_rng();
    let deadline = Deadline(Instant::now() + LIMIT);
    let result = fend_core::evaluate_with_interrupt(&expression, &mut context, &deadline).ok()?;
    let text = result.get_main_result().trim();
    // An expression that gives back nothing or itself was not calculated.
    (!text.is_empty() && text != expression).then(|| text.to_owned())
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
        let values = [("expression", expression.as_str())];
        let error = FunctionError::new(
            ErrorKind::Invalid,
            world.language,
            "calc-unreadable",
            &values,
        );
        let result = tokio::task::spawn_blocking(move || evaluate(&expression)).await;
        result.ok().flatten().map(Value::from).ok_or(error)
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;

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
    fn words_and_endless_powers_are_no_results() {
        for expression in [
            "",
            "firefox",
            "open the window",
            "9^9^9^9^9",
            "42",
            "\u{0}\u{1}",
        ] {
            assert_eq!(evaluate(expression), None, "{expression}");
        }
    }
}
