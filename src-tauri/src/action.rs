//! The bounds of an action before it goes to the kernel.
//!
//! The kernel decides what an action means; here only its shape is checked, so
//! that a broken page cannot send it more than a press.

use protocol::{PanelAction, text::Language};
use serde_json::Value;

const IDENTIFIER_BYTES: usize = 128;
const VALUE_BYTES: usize = 4096;

/// What is wrong with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ActionError {
    /// A name is empty, too long or has characters that no name has.
    #[error("the action names its {0} wrongly")]
    Name(&'static str),
    /// The value is no truth value, number or short string.
    #[error("the action's value is not one of a control")]
    Value,
}

impl ActionError {
    /// A stable id; the page has the sentence.
    pub(crate) fn id(self) -> &'static str {
        match self {
            ActionError::Name(_) => "name-malformed",
            ActionError::Value => "value-not-allowed",
        }
    }
}

/// Returns `action` in `language` when its shape is right.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub(crate) fn checked(
    mut action: PanelAction,
    language: Language,
) -> Result<PanelAction, ActionError> {
    check_name("surface", &action.surface)?;
    check_name("component", &action.component)?;
    check_name("verb", &action.verb)?;
    if let Some(reference) = &action.reference {
        check_name("row", reference)?;
    }
    if !action.value.as_ref().is_none_or(is_scalar) {
        return Err(ActionError::Value);
    }
    action.language = Some(language.code().to_owned());
    Ok(action)
}

fn check_name(what: &'static str, name: &str) -> Result<(), ActionError> {
    let fits = (1..=IDENTIFIER_BYTES).contains(&name.len());
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte));
    if fits && plain {
        Ok(())
    } else {
        Err(ActionError::Name(what))
    }
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.len() <= VALUE_BYTES,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press() -> PanelAction {
        PanelAction {
            surface: "t12".into(),
            component: "s2".into(),
            verb: "files.trash".into(),
            reference: Some("r3".into()),
            value: None,
            nonce: "8f14e45fceea167a".into(),
            language: None,
        }
    }

    fn check(action: PanelAction) -> Result<PanelAction, ActionError> {
        checked(action, Language::Chinese)
    }

    #[test]
    fn a_press_passes_and_gets_the_language_of_the_session() {
        let action = check(press()).unwrap();
        assert_eq!(action.language.as_deref(), Some("zh"));
        assert_eq!(action.reference.as_deref(), Some("r3"));
    }

    #[test]
    fn names_are_bounded_and_plain() {
        let long = "x".repeat(IDENTIFIER_BYTES + 1);
        for name in ["", "a b", "a\u{202e}b", "a\nb", &long] {
            let action = PanelAction {
                surface: name.into(),
                ..press()
            };
            assert_eq!(check(action), Err(ActionError::Name("surface")), "{name:?}");
            let action = PanelAction {
                verb: name.into(),
                ..press()
            };
            assert_eq!(check(action), Err(ActionError::Name("verb")), "{name:?}");
            let action = PanelAction {
                reference: Some(name.into()),
                ..press()
            };
            assert_eq!(check(action), Err(ActionError::Name("row")), "{name:?}");
        }
    }

    #[test]
    fn values_are_those_of_controls() {
        for value in [
            serde_json::json!(true),
            serde_json::json!(41.5),
            serde_json::json!("name"),
        ] {
            let action = PanelAction {
                value: Some(value.clone()),
                ..press()
            };
            assert_eq!(check(action).unwrap().value, Some(value));
        }
        let long = "x".repeat(VALUE_BYTES + 1);
        for value in [
            serde_json::json!(null),
            serde_json::json!([1]),
            serde_json::json!({"path": "/x"}),
            serde_json::json!(long),
        ] {
            let action = PanelAction {
                value: Some(value),
                ..press()
            };
            assert_eq!(check(action), Err(ActionError::Value));
        }
    }
}
