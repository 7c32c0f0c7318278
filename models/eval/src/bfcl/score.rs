//! What the package's checker made of the answers.

use std::path::Path;

use serde::Deserialize;

use super::Called;
use crate::{cause::Cause, page::Scored};

/// An answer with the checker's verdict.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Judged {
    #[serde(flatten)]
    called: Called,
    /// `bfcl` and the category.
    #[serde(skip)]
    set: String,
    valid: bool,
    /// The checker's name for what is wrong, such as `value_error:string`.
    #[serde(default)]
    error_type: String,
}

/// Reads the verdicts.
pub(super) fn read(path: &Path) -> Vec<Judged> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str::<Judged>(line).ok())
        .map(|judged| Judged {
            set: format!("bfcl {}", judged.called.category),
            ..judged
        })
        .collect()
}

impl Judged {
    /// Returns a row of the page.
    pub(crate) fn scored(&self) -> Scored<'_> {
        Scored {
            set: &self.set,
            split: &self.called.split,
            kind: "all",
            language: "en",
            text: &self.called.text,
            answer: &self.called.answer,
            cause: self.cause(),
        }
    }

    fn cause(&self) -> Option<Cause> {
        if self.valid {
            return None;
        }
        let (_, error) = self.error_type.split_once(':').unwrap_or_default();
        Some(match (self.called.calls.is_empty(), error) {
            (true, _) if self.called.answer.error.is_empty() => Cause::Refused,
            (true, _) => Cause::NoPlan,
            (_, "decoder_success") => Cause::Acted,
            (_, "wrong_func_name") => Cause::WrongFunction,
            (_, "wrong_count") => Cause::WrongLength,
            _ => Cause::WrongArguments,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn verdicts_become_causes() {
        for (calls, error, error_type, cause) in [
            (
                json!([]),
                "",
                "simple_function_checker:wrong_count",
                Cause::Refused,
            ),
            (
                json!([]),
                "no",
                "simple_function_checker:wrong_count",
                Cause::NoPlan,
            ),
            (
                json!([{}]),
                "",
                "irrelevance_error:decoder_success",
                Cause::Acted,
            ),
            (
                json!([{}]),
                "",
                "simple_function_checker:wrong_func_name",
                Cause::WrongFunction,
            ),
            (
                json!([{}]),
                "",
                "multiple_function_checker:wrong_count",
                Cause::WrongLength,
            ),
            (json!([{}]), "", "value_error:string", Cause::WrongArguments),
        ] {
            let judged: Judged = serde_json::from_value(json!({
                "category": "simple_python", "split": "sample",
                "text": "go", "calls": calls, "id": "a", "model": "m", "column": "no-templates",
                "plan": "", "error": error, "route": "model", "first_statement_ms": null,
                "read_tokens": 0, "decoded_tokens": 0, "first_token_mass": null, "coverage": null,
                "gated": false, "valid": false, "error_type": error_type,
            }))
            .expect("a verdict");
            assert_eq!(judged.scored().cause, Some(cause), "{error_type}");
        }
    }
}
