//! Labels in the person's language.

use plan::{CheckedAction, Field, FunctionName, Value};
use protocol::text::{Language, message};

/// What the kernel knows about functions, in the person's language.
pub trait Words {
    /// Returns the label of a function, such as “Move to trash”.
    fn function(&self, function: &FunctionName) -> String;

    /// Returns what can be done with rows that have `fields` and `key` and came
    /// from `source`; used where a plan has no parts. See [`row_actions`](crate::row_actions).
    fn row_actions(
        &self,
        source: &FunctionName,
        fields: &[Field],
        key: Option<&str>,
    ) -> Vec<CheckedAction> {
        let _ = (source, fields, key);
        Vec::new()
    }

    /// Tells for each of `rows`, in order, whether `action` is sure to be refused on it.
    fn refuses(&self, action: &CheckedAction, rows: &[Value]) -> Vec<bool> {
        let _ = action;
        vec![false; rows.len()]
    }
}

/// Returns the heading of a field: message `field-NAME` of the catalogue, else the name with a capital and blanks.
pub fn field_label(language: Language, field: &str) -> String {
    let id = format!("field-{field}");
    let label = message(language, &id, &[]);
    if label == id { spelled(field) } else { label }
}

fn spelled(field: &str) -> String {
    let words = field.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}
