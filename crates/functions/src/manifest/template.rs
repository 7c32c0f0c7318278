//! The shape of sentence templates: `[optional]`, `(a|b)`, `{slot}`.

use crate::fill::is_name;

/// Finds the slots of `pattern`.
///
/// # Errors
///
/// A sentence about brackets that do not fit.
pub(super) fn slots(pattern: &str) -> Result<Vec<&str>, String> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    let mut slot_start = None;
    for (at, c) in pattern.char_indices() {
        match (c, slot_start) {
            ('}', Some(start)) => {
                found.push(&pattern[start..at]);
                slot_start = None;
            }
            ('{' | '[' | ']' | '(' | ')' | '|', Some(_)) => {
                return Err(format!("`{c}` stands inside a slot of `{pattern}`"));
            }
            ('{', None) => slot_start = Some(at + 1),
            ('}', None) => return Err(format!("`}}` without `{{` in `{pattern}`")),
            ('[', None) => open.push(']'),
            ('(', None) => open.push(')'),
            (']' | ')', None) if open.pop() != Some(c) => {
                return Err(format!("`{c}` closes nothing in `{pattern}`"));
            }
            ('|', None) if open.is_empty() => {
                return Err(format!("`|` outside of `(a|b)` in `{pattern}`"));
            }
            _ => {}
        }
    }
    if slot_start.is_some() {
        return Err(format!("`{{` is not closed in `{pattern}`"));
    }
    match open.pop() {
        Some(closing) => Err(format!("`{closing}` is missing in `{pattern}`")),
        None => Ok(found),
    }
}

/// Finds the `{slot}`s of a plan or of another text; a lone brace is text.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .filter(|name| is_name(name))
        .collect()
}
