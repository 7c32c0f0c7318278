//! What the parts of a panel stand for: from a press back to a call.

use std::collections::{BTreeMap, HashSet};

use plan::{
    CheckedAction, CheckedCall, Confidentiality, Integrity, Label, Operand, Type, Value,
    check_value,
};
use protocol::PanelAction;
use serde_json::Value as Json;

/// How many presses one surface takes; a person does not come near, and the memory is bounded.
const MAX_PRESSES: usize = 10_000;

/// A call that the person asked for by pressing a part.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundCall {
    /// The statement that the part comes from.
    pub statement: usize,
    /// The call. Operands that name results are those of the plan that drew the panel.
    pub call: CheckedCall,
    /// The argument that the row, or the new value, filled.
    pub argument: Option<String>,
    /// The label of that argument: the person's own choice, as private as the row was.
    ///
    /// It stays untrusted where the row did not show what identifies it, because
    /// nobody chooses what they cannot see.
    pub label: Label,
}

/// Why a press does nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The same press came before.
    #[error("this was pressed already")]
    Repeated,
    /// The panel has no such part or action, or it belongs to another surface.
    #[error("the panel has no `{verb}` on `{component}`")]
    Unknown {
        /// The component that was named.
        component: String,
        /// The verb that was named.
        verb: String,
    },
    /// The row is not there any more.
    #[error("the row is not there any more")]
    Gone,
    /// The new value cannot be used, or the nonce is none.
    #[error("{0}")]
    Invalid(String),
}

/// What a component's verbs stand for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Binding {
    /// Actions of rows, by verb.
    Rows {
        actions: BTreeMap<String, CheckedAction>,
        /// Handles of the rows that are drawn.
        rows: BTreeMap<String, Value>,
        label: Label,
        /// How many rows there are in all.
        total: usize,
    },
    /// Actions of one record, by verb.
    Record {
        actions: BTreeMap<String, CheckedAction>,
        record: Value,
        label: Label,
    },
    /// A button.
    Press(CheckedCall),
    /// A control.
    Change {
        action: CheckedAction,
        /// The ends of a slider.
        range: Option<(f64, f64)>,
    },
    /// A fold.
    More,
}

/// What a press stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    Call(BoundCall),
    Page { component: String, offset: usize },
    Open { component: String },
}

/// All components that can be pressed.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    by_component: BTreeMap<String, (usize, Binding)>,
    nonces: HashSet<String>,
}

impl Bindings {
    /// Replaces what the components stand for; presses that were used stay used.
    pub(crate) fn replace(&mut self, bindings: BTreeMap<String, (usize, Binding)>) {
        self.by_component = bindings;
    }

    /// Finds what `action` stands for and uses up its nonce.
    pub(crate) fn resolve(&mut self, action: &PanelAction) -> Result<Meaning, ActionError> {
        self.use_nonce(&action.nonce)?;
        let unknown = || ActionError::Unknown {
            component: action.component.clone(),
            verb: action.verb.clone(),
        };
        let (statement, binding) = self
            .by_component
            .get(&action.component)
            .ok_or_else(unknown)?;
        let call = |(call, argument, label)| {
            Meaning::Call(BoundCall {
                statement: *statement,
                call,
                argument,
                label,
            })
        };
        match (binding, action.verb.as_str()) {
            (Binding::More, "more") => Ok(Meaning::Open {
                component: action.component.clone(),
            }),
            (Binding::Rows { total, .. }, "page") => page(action, *total),
            (
                Binding::Rows {
                    actions,
                    rows,
                    label,
                    ..
                },
                verb,
            ) => {
                let chosen = actions.get(verb).ok_or_else(unknown)?;
                let reference = action.reference.as_ref().ok_or(ActionError::Gone)?;
                let row = rows.get(reference).ok_or(ActionError::Gone)?;
                on_row(chosen, row, *label).map(call)
            }
            (
                Binding::Record {
                    actions,
                    record,
                    label,
                },
                verb,
            ) => on_row(actions.get(verb).ok_or_else(unknown)?, record, *label).map(call),
            (Binding::Press(pressed), "press") => Ok(call((pressed.clone(), None, Label::USER))),
            (
                Binding::Change {
                    action: setter,
                    range,
                },
                "change",
            ) => change(setter, *range, action.value.as_ref()).map(call),
            _ => Err(unknown()),
        }
    }

    fn use_nonce(&mut self, nonce: &str) -> Result<(), ActionError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !(8..=64).contains(&nonce.len()) || !nonce.chars().all(fits) {
            return Err(ActionError::Invalid(
                "a nonce has 8 to 64 letters, digits, `-` or `_`".to_owned(),
            ));
        }
        if self.nonces.contains(nonce) {
            return Err(ActionError::Repeated);
        }
        if self.nonces.len() >= MAX_PRESSES {
            return Err(ActionError::Invalid(
                "this panel was pressed too often; ask again for a fresh one".to_owned(),
            ));
        }
        self.nonces.insert(nonce.to_owned());
        Ok(())
    }
}

type Called = (CheckedCall, Option<String>, Label);

fn on_row(action: &CheckedAction, row: &Value, label: Label) -> Result<Called, ActionError> {
    let call = action.call(row).ok_or(ActionError::Gone)?;
    Ok((call, Some(action.argument.clone()), label))
}

fn page(action: &PanelAction, total: usize) -> Result<Meaning, ActionError> {
    let offset = action
        .value
        .as_ref()
        .and_then(Json::as_u64)
        .and_then(|offset| usize::try_from(offset).ok())
        .filter(|offset| *offset < total)
        .ok_or_else(|| ActionError::Invalid("there is no such page".to_owned()))?;
    Ok(Meaning::Page {
        component: action.component.clone(),
        offset,
    })
}

fn change(
    setter: &CheckedAction,
    range: Option<(f64, f64)>,
    value: Option<&Json>,
) -> Result<Called, ActionError> {
    let invalid = |reason: &dyn std::fmt::Display| ActionError::Invalid(reason.to_string());
    let value = match value {
        Some(Json::Bool(truth)) => Value::Bool(*truth),
        Some(Json::Number(number)) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Some(Json::String(text)) => Value::Text(text.clone()),
        _ => return Err(invalid(&"the new value is missing")),
    };
    if let (Some((min, max)), Some(number)) = (range, value.as_number())
        && !(min..=max).contains(&number)
    {
        return Err(invalid(&format!("{number} is not from {min} to {max}")));
    }
    let item = match &setter.ty {
        Type::List(item) => item,
        ty => ty,
    };
    check_value(&value, item)
        .map_err(|_| invalid(&format!("the new value is not of the type {item}")))?;
    let mut arguments = setter.arguments.clone();
    let value = match &setter.ty {
        Type::List(_) => Value::List(vec![value]),
        _ => value,
    };
    let operand = Operand::Value {
        value,
        ty: setter.ty.clone(),
    };
    arguments.insert(setter.argument.clone(), operand);
    let call = CheckedCall {
        function: setter.function.clone(),
        arguments,
        effect: setter.effect,
    };
    Ok((call, Some(setter.argument.clone()), Label::USER))
}

/// Returns the label of a row that the person presses: their own choice if they could see what it is.
pub(crate) fn chosen(label: Label, identified: bool) -> Label {
    Label {
        integrity: if identified {
            Integrity::User
        } else {
            label.integrity
        },
        // What is private stays private whoever presses it.
        confidentiality: label.confidentiality.max(match label.integrity {
            Integrity::Untrusted => Confidentiality::Private,
            Integrity::User | Integrity::System => Confidentiality::Public,
        }),
    }
}
